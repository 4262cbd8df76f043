"""Hostile photographs, rooms and scanned things: refused in one line that names the file, soon and in little memory."""

import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from daml import envs
from daml.envs.scene.assets import draw_photograph, read_picture
from daml.envs.scene.meshes import read_mesh

Refused = Callable[..., str]
CORNERS = "".join(f"v {x} {y} {z}\n" for x in (-0.02, 0.02) for y in (-0.02, 0.02) for z in (-0.02, 0.02))
TEXTURE = "vt 0 0\nvt 0 1\nvt 1 0\nvt 1 1\n"
FACES = (
    "f 1/1 2/2 4/4 3/3\nf 5/1 7/3 8/4 6/2\nf 1/1 5/2 6/4 2/3\nf 3/1 4/2 8/4 7/3\nf 1/1 3/2 7/4 5/3\nf 2/1 6/2 8/4 4/3\n"
)
CUBE = CORNERS + TEXTURE + FACES


def stated_png(width: int, height: int, *, rows: int) -> bytes:
    """A black PNG whose header states its size; so many of its rows are there."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    packer = zlib.compressobj(9)
    body = b"".join([packer.compress(bytes(1 + 3 * width)) for _ in range(rows)] + [packer.flush()])
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def test_the_cube_is_good_as_it_is(tmp_path: Path):
    (tmp_path / "a.obj").write_text(CUBE)
    assert read_mesh(tmp_path / "a.obj").high == pytest.approx(0.02)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        CUBE.replace("-0.02 ", "nan ").encode(),
        CUBE.replace("-0.02 ", "1e400 ").encode(),
        CUBE.replace("-0.02 ", "-1e300 ").encode(),
        CUBE.replace("0.02", "1e-300").encode(),
        CUBE.replace("0.02\n", "0\n").replace("-0\n", "0\n").encode(),
        ("v 0 0 0\n" * 8 + TEXTURE + FACES).encode(),
        ("v a b c\n" + CUBE).encode(),
        ("v 1 2\n" + CUBE).encode(),
        ("v 1\n" * 8 + TEXTURE + FACES).encode(),
        (CORNERS + TEXTURE).encode(),
        (CUBE + "f 1/1 2/2 999999/4\n").encode(),
        (CUBE + "f 1/1 2/2 3/99999\n").encode(),
        (CUBE + "f -1 -2 -9999999\n").encode(),
        (CUBE + "f 0/0 0/0 0/0\n").encode(),
        (CORNERS + TEXTURE + "f 1\n" * 9).encode(),
        (CORNERS + FACES).encode(),
        (CORNERS + TEXTURE + "f 1/1 1/1 1/1\n" * 9).encode(),
        b"v 0 0 0\n" + bytes(range(256)) * 20,
        (CUBE + "v " + "9" * 5_000_000 + " 0 0\n").encode(),
        (CUBE + FACES * 100_000).encode(),
    ],
    ids=lambda content: repr(content[:16] + b" " + content[-16:]),
)
def test_a_mesh_that_is_none(content: bytes, tmp_path: Path, refused: Refused):
    (tmp_path / "cup.obj").write_bytes(content)
    refused(lambda: read_mesh(tmp_path / "cup.obj"), naming=tmp_path / "cup.obj")


def test_a_mesh_names_no_other_file_that_is_opened(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.mtl")
    (tmp_path / "cup.obj").write_text(f"mtllib pipe.mtl\nmtllib /dev/zero\nusemtl a\n{CUBE}")
    assert read_mesh(tmp_path / "cup.obj").high == pytest.approx(0.02)


@pytest.mark.parametrize("read", [read_mesh, lambda path: read_picture(path, (8, 8))], ids=["mesh", "picture"])
def test_pipes_devices_links_and_folders_are_not_waited_for(
    read: Callable[[Path], object], tmp_path: Path, refused: Refused
):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "folder").mkdir()
    with (tmp_path / "large").open("wb") as file:
        file.truncate(50_000_000_000)  # takes no room on the disk
    for name in ("pipe", "zero", "circle", "folder", "large", "none"):
        refused(lambda name=name: read(tmp_path / name), naming=tmp_path / name)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x" * 100,
        stated_png(60_000, 20_000, rows=100),
        stated_png(2**31 - 1, 2**31 - 1, rows=0),
        stated_png(30_000, 1, rows=0),
        stated_png(0, 0, rows=0),
        stated_png(64, 64, rows=64)[:60],
    ],
    ids=lambda content: f"{len(content)} bytes",
)
def test_a_photograph_that_is_none(content: bytes, tmp_path: Path, refused: Refused):
    (tmp_path / "oak.png").write_bytes(content)
    refused(lambda: read_picture(tmp_path / "oak.png", (8, 8)), naming=tmp_path / "oak.png")


def test_names_that_are_no_text_are_read(tmp_path: Path):
    rng = np.random.default_rng(0)
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\n d"))
    folder.mkdir()
    cv2.imwrite(str(tmp_path / "a.png"), rng.integers(255, size=(16, 16, 3)).astype(np.uint8))
    for number, word in enumerate(("apple", "pear", "cup", "bowl", "stone", "brick", "wood", "steel")):
        (folder / f"{word} {number}.obj").write_text(CUBE)
        (folder / f"{word} {number}.png").write_bytes((tmp_path / "a.png").read_bytes())
    assets = envs.Assets(photos=str(folder), things=str(folder), rooms=str(folder))
    files = [path for split in envs.SPLITS for path in assets.photographs(split)]
    assert len(files) == 8
    assert draw_photograph(tuple(files), rng).std() > 1
    task = envs.Task("tabletop", "train", 0)
    env = envs.TabletopEnv("tabletop", image_size=16)
    for seed in range(3):
        env.reset(seed=seed, options={"task": task, "shift": envs.Shift("dressed", assets=assets)})
    env.close()
