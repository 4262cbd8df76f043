from collections.abc import AsyncGenerator
from pathlib import Path
from types import SimpleNamespace

import anyio
import pytest
from starlette.requests import Request

from daml.page import film_reception
from daml.page.film_reception import receive_film


def upload(folder: Path, pieces: list[bytes], *, suffix: str = "mp4", stated: str | None = None) -> str:
    messages = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    messages.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> dict[str, object]:
        return messages.pop(0)

    headers = [] if stated is None else [(b"content-length", stated.encode())]
    scope = {"type": "http", "method": "POST", "query_string": f"suffix={suffix}".encode(), "headers": headers}

    async def run() -> str:
        return await receive_film(Request(scope, receive), folder, most_bytes=100)

    return anyio.run(run)


def test_a_film_is_received_under_a_name_of_ours(tmp_path: Path):
    assert upload(tmp_path, [b"ab", b"cd"]) == ""
    assert (tmp_path / "film.mp4").read_bytes() == b"abcd"


def test_a_second_film_replaces_the_first_and_what_was_read_of_it(tmp_path: Path):
    (tmp_path / "reading.pickle").write_bytes(b"x")
    upload(tmp_path, [b"ab"])
    upload(tmp_path, [b"cd"], suffix="webm")
    assert [path.name for path in tmp_path.iterdir()] == ["film.webm"]


@pytest.mark.parametrize("suffix", ["exe", "", "mp4/../../x", "../../etc/passwd", "m3u8", "x" * 5000])
def test_what_is_no_kind_of_video_is_refused_and_names_no_path(tmp_path: Path, suffix: str):
    assert "expected a video" in upload(tmp_path, [b"ab"], suffix=suffix)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stated", ["1000", "-1", "many", None, "3"])
def test_a_film_that_is_too_large_is_refused_whatever_it_says_of_its_size(tmp_path: Path, stated: str | None):
    assert "larger than" in upload(tmp_path, [b"x" * 60, b"x" * 60], stated=stated)
    assert list(tmp_path.iterdir()) == []


def test_the_rest_of_a_film_that_is_too_large_is_not_even_read(tmp_path: Path):
    read: list[int] = []

    async def stream() -> AsyncGenerator[bytes]:
        for number in range(1000):
            read.append(number)
            yield b"x" * 60

    body = SimpleNamespace(query_params={"suffix": "mp4"}, headers={}, stream=stream)

    async def run() -> str:
        return await receive_film(body, tmp_path, most_bytes=100)

    assert "larger than" in anyio.run(run)
    assert len(read) == 2


def test_an_empty_film_is_refused(tmp_path: Path):
    assert "empty" in upload(tmp_path, [])


def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(film_reception, "_FREE_BYTES", 1e18)
    assert "disk is full" in upload(tmp_path, [b"ab"])
