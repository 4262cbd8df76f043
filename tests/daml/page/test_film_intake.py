from collections.abc import AsyncGenerator
from pathlib import Path
from types import SimpleNamespace

import anyio
import numpy as np
import pytest
from starlette.requests import Request

from daml.demos import read_video, write_video
from daml.page import film_intake
from daml.page.film_intake import draw_strip, examine_film, find_film, receive_film

FRAMES = np.random.default_rng(0).integers(0, 255, (20, 48, 64, 3), dtype=np.uint8)


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
    assert find_film(tmp_path) == tmp_path / "film.mp4"


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
    monkeypatch.setattr(film_intake, "_FREE_BYTES", 1e18)
    assert "disk is full" in upload(tmp_path, [b"ab"])


def test_a_film_is_made_playable(tmp_path: Path):
    write_video(tmp_path / "film.webm", FRAMES, frame_rate_hz=10)
    told = examine_film(tmp_path)
    assert told["duration"] == pytest.approx(1.9)
    assert (told["width"], told["height"]) == (64, 48)
    assert len(read_video(tmp_path / "shown.mp4")) == 20
    assert (tmp_path / "strip.png").exists()


def test_a_long_film_is_refused_by_what_it_says_before_it_is_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_video(tmp_path / "film.mp4", FRAMES, frame_rate_hz=0.1)
    monkeypatch.setattr(film_intake, "read_video", None)
    with pytest.raises(ValueError, match="at most 60 s"):
        examine_film(tmp_path)


def test_a_large_picture_is_refused_before_it_is_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_video(tmp_path / "film.mp4", np.zeros((2, 2320, 4100, 3), np.uint8), frame_rate_hz=10)
    monkeypatch.setattr(film_intake, "read_video", None)
    with pytest.raises(ValueError, match="pixels; export it smaller"):
        examine_film(tmp_path)


def test_what_is_no_film_is_refused(tmp_path: Path):
    (tmp_path / "film.mp4").write_bytes(b"#EXTM3U\nhttp://127.0.0.1/x.ts\n")
    with pytest.raises(ValueError, match=r"film\.mp4"):
        examine_film(tmp_path)


def test_without_a_film_there_is_none(tmp_path: Path):
    with pytest.raises(ValueError, match="no film yet"):
        find_film(tmp_path)


def test_a_strip_shows_the_film_from_left_to_right(tmp_path: Path):
    frames = np.zeros((20, 64, 64, 3), np.uint8)
    frames[10:] = 255
    write_video(tmp_path / "film.mp4", frames, frame_rate_hz=10)
    strip = draw_strip(read_video(tmp_path / "film.mp4"))
    assert strip.shape == (64, 640, 3)
    assert strip[:, :300].mean() < 20
    assert strip[:, 340:].mean() > 235
