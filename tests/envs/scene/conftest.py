"""Folders of photographs, scanned things and rooms, made up for the tests."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from daml.envs.scene.assets import Assets

CUBE = """v -1 -1 0
v 1 -1 0
v 1 1 0
v -1 1 0
v -1 -1 2
v 1 -1 2
v 1 1 2
v -1 1 2
vt 0 0
vt 1 0
vt 1 1
vt 0 1
f 1/1 4/2 3/3 2/4
f 5/1 6/2 7/3 8/4
f 1/1 2/2 6/3 5/4
f 2/1 3/2 7/3 6/4
f 3/1 4/2 8/3 7/4
f 4/1 1/2 5/3 8/4
"""


def write_cube(path: Path, *, size: tuple[float, float, float] = (0.02, 0.02, 0.03)) -> None:
    """Write a box of half a length and width, and half a height, that is green."""
    rows = [
        " ".join(["v", *(str(float(value) * side) for value, side in zip(line.split()[1:], size, strict=True))])
        if line.startswith("v ")
        else line
        for line in CUBE.splitlines()
    ]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    cv2.imwrite(str(path.with_suffix(".png")), np.full((16, 16, 3), (20, 200, 20), np.uint8))


@pytest.fixture
def written_cube(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a box of a name and half a size, and returns its file."""

    def write(name: str, size: tuple[float, float, float]) -> Path:
        write_cube(tmp_path / name, size=size)
        return tmp_path / name

    return write


@pytest.fixture
def assets(tmp_path: Path) -> Assets:
    rng = np.random.default_rng(0)
    photos, things, rooms = (tmp_path / name for name in ("photos", "things", "rooms"))
    for folder in (photos, things, rooms):
        folder.mkdir()
    for number in range(60):
        word = "".join(chr(97 + int(letter)) for letter in rng.integers(26, size=6))
        for part in (1, 2):
            cv2.imwrite(str(photos / f"{word}_{part}.png"), rng.integers(256, size=(24, 24, 3)).astype(np.uint8))
        write_cube(things / f"{word}.obj")
        if number < 40:
            cv2.imwrite(str(rooms / f"{word}_1k.png"), rng.integers(256, size=(32, 64, 3)).astype(np.uint8))
    return Assets(str(photos), str(things), str(rooms))
