"""Hostile scenes: refused in one line, soon, in little memory, and nothing else is opened."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from daml import envs
from daml.app.videos.sidecars import read_video_scene, read_video_task

Refused = Callable[..., str]
GOOD = Path(__file__).parents[2] / "scripts" / "assets" / "example_scene.toml"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"kind = " + b"[" * 30_000,
        b"kind = " + b"{a=" * 20_000,
        b".".join([b"a"] * 40_000) + b" = 1",
        b"kind = '''" + b"x" * 200_000 + b"'''",
        b"kind = " + b"9" * 50_000,
        b"kind = nan",
        b"kind = 1979-05-27",
        b'kind = "place"\nkind = "push"',
        b'kind = "place"\nitems = "x"',
        b'kind = "place"\n' + b'[[items]]\nfamily = "box"\ncolour = "red"\n' * 2_000,
        b'kind = "place"\n"a\\nb" = 1',
        b'kind = "\\u0000"',
        b'kind = "place"\n[[items]]\nfamily = "box"\ncolour = [1e308, -1e308, nan]',
        b'kind = "place"\n[[items]]\nfamily = "box"\ncolour = "red"\nsize = [inf, 0.03, 0.03]',
    ],
    ids=lambda content: repr(content[:24]),
)
def test_a_scene_that_is_none(content: bytes, tmp_path: Path, refused: Refused):
    (tmp_path / "scene.toml").write_bytes(content)
    refused(lambda: envs.read_scene(tmp_path / "scene.toml"), naming=tmp_path / "scene.toml")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("size", "[1e-300, 1e-300, 1e-300]"),
        ("size", "[1e300, 1e300, 1e300]"),
        ("size", f"[{10**400}, 0.03, 0.03]"),
        ("size", "[nan, nan, nan]"),
        ("size", "[true, true, true]"),
        ("pattern", '"../../etc/passwd"'),
        ("family", '["box"]'),
        ("colour", '"#12345é"'),
        ("target", "1"),
    ],
)
def test_a_value_that_nothing_could_be_built_of(key: str, value: str, tmp_path: Path, refused: Refused):
    lines = [line for line in GOOD.read_text().splitlines() if not line.startswith("#")]
    place = lines.index("[[items]]") + 1
    kept = [line for line in lines[place:] if not line.startswith(f"{key} ")]
    (tmp_path / "scene.toml").write_text("\n".join([*lines[:place], f"{key} = {value}", *kept]))
    refused(lambda: envs.read_scene(tmp_path / "scene.toml"), naming="scene.toml")


def test_what_is_no_file_is_not_waited_for(tmp_path: Path, refused: Refused):
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "circle.toml").symlink_to("circle.toml")
    for path in (tmp_path / "pipe.toml", tmp_path / "circle.toml", tmp_path, Path("/dev/zero"), tmp_path / "none"):
        refused(lambda path=path: envs.read_scene(path), naming=path)


def test_a_scene_larger_than_any(tmp_path: Path, refused: Refused):
    with (tmp_path / "scene.toml").open("wb") as file:
        file.truncate(3_000_000_000)
    refused(lambda: envs.read_scene(tmp_path / "scene.toml"), naming="scene.toml")


@pytest.mark.parametrize(
    "content", [b"[" * 100_000, b'{"task": 5}', b'{"task": "place/test/0"}', b"\xff", b"{" + b" " * 10**7]
)
def test_a_file_beside_a_video_that_says_nothing_is_as_good_as_none(content: bytes, tmp_path: Path):
    (tmp_path / "v.mp4").write_bytes(b"x")
    (tmp_path / "v.mp4.task.json").write_bytes(content)
    assert read_video_task(tmp_path / "v.mp4") is None


def test_pipes_beside_a_video_and_in_its_place_are_not_waited_for(tmp_path: Path, refused: Refused):
    for name in ("v.mp4", "v.mp4.task.json", "v.mp4.scene.toml", "w.mp4"):
        os.mkfifo(tmp_path / name)
    assert read_video_task(tmp_path / "v.mp4") is None
    refused(lambda: read_video_scene(tmp_path / "v.mp4"), naming="v.mp4")
    assert read_video_scene(tmp_path / "w.mp4") is None
