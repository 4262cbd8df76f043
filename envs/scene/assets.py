"""Folders of photographs, scanned things and rooms that scenes are made to look real with: anybody's, none is shipped.

A family is what files have in common whose names end in the same word: `Asphalt_003` and `Asphalt_017`, `red_cup` and
`blue_cup`. Whole families belong to a split, by a hash of that word, so that validation and test show none of
training's.
"""

import io
import os
import re
import stat
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from daml.envs.objects.palette import split_of

PICTURES = (".jpg", ".jpeg", ".png")
"""Endings of files that are taken for photographs and rooms."""

PHOTOGRAPH_SIZE = 128
"""Side of a photograph as it is used, in texels: at 96 pixels finer ones look the same."""

ROOM_SIZE = (128, 512)
"""Height and width of a room's panorama as it is used, in texels."""

MOST_BYTES = 100_000_000
"""Size of a picture's file: a photograph takes 5 to 20 MB, a large panorama of a room 80."""

MOST_PIXELS = 150_000_000
"""Pixels of a picture: a panorama of 16,384 x 8,192 has 134 million, and takes 0.4 GB while it is read."""

LEAST_CROP = 0.5
"""Least side of the part of a photograph that is used, as a share of it."""


@dataclass(frozen=True)
class Assets:
    """Folders; what is in none of them is procedural."""

    photos: str | None = None
    """Folder of photographs of surfaces: for table, floor, walls, mats and things."""
    things: str | None = None
    """Folder of scanned things, a NAME.obj (metres, z up) with its texture NAME.png each."""
    rooms: str | None = None
    """Folder of panoramas of rooms, the horizon in the middle."""

    def __post_init__(self) -> None:
        """Check the folders.

        Raises:
            ValueError: A folder is not there, or has nothing of its sort in it.
        """
        for name, endings in (("photos", PICTURES), ("things", (".obj",)), ("rooms", PICTURES)):
            folder: str | None = getattr(self, name)
            if folder is not None and not _files(Path(folder), endings):
                raise ValueError(f"{name}: expected a folder with files {', '.join(endings)}, got {folder}")

    def photographs(self, split: str) -> tuple[Path, ...]:
        """Return the photographs of a split."""
        return () if self.photos is None else files_of_split(Path(self.photos), PICTURES, split)

    def scans(self, split: str) -> tuple[Path, ...]:
        """Return the scanned things of a split."""
        return () if self.things is None else files_of_split(Path(self.things), (".obj",), split)

    def panoramas(self, split: str) -> tuple[Path, ...]:
        """Return the rooms of a split."""
        return () if self.rooms is None else files_of_split(Path(self.rooms), PICTURES, split)


def family_of(path: Path) -> str:
    """Return the family of a file: the last word of its name that has no digit in it."""
    words = [word for word in re.split(r"[\W_]+", path.stem.lower()) if word]
    return next((word for word in reversed(words) if not re.search(r"\d", word)), path.stem.lower())


@lru_cache(maxsize=64)
def files_of_split(folder: Path, endings: tuple[str, ...], split: str) -> tuple[Path, ...]:
    """Return the files of a folder whose families belong to a split, in the order of their names.

    Args:
        folder: Where they lie.
        endings: Endings of their names.
        split: One of `task.SPLITS`.
    """
    return tuple(path for path in _files(folder, endings) if split_of(f"family/{family_of(path)}") == split)


def draw_photograph(files: tuple[Path, ...], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw a part of a photograph, turned and mirrored, RGB, `(PHOTOGRAPH_SIZE, PHOTOGRAPH_SIZE, 3)`.

    Args:
        files: Photographs to choose from; at least one.
        rng: Random numbers.

    Raises:
        ValueError: The file is no picture.
    """
    picture = read_picture(files[int(rng.integers(len(files)))], (PHOTOGRAPH_SIZE, PHOTOGRAPH_SIZE))
    side = int(rng.uniform(LEAST_CROP, 1.0) * PHOTOGRAPH_SIZE)
    top, left = rng.integers(PHOTOGRAPH_SIZE - side + 1, size=2)
    part = np.rot90(picture[top : top + side, left : left + side], int(rng.integers(4)))
    part = part[:, ::-1] if rng.random() < 0.5 else part
    return cv2.resize(np.ascontiguousarray(part), (PHOTOGRAPH_SIZE, PHOTOGRAPH_SIZE)).astype(np.uint8)


def read_asset(path: Path, *, largest: int) -> bytes:
    """Read a regular file of bounded size.

    Args:
        path: The file; links are followed.
        largest: Bytes that it may have.

    Raises:
        ValueError: It is larger, or no file but a folder, pipe or device.
        OSError: There is no such file.
    """
    # Opening a pipe would wait for a writer, and a device need not end.
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError(f"{path}: expected a file, found a folder, pipe or device")
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise ValueError(f"{path}: expected at most {largest:,} bytes, got more; make it smaller")
    return content


def read_picture(path: Path, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Read a picture, brought to a height and width in pixels, RGB, `(H, W, 3)`; do not change it.

    A file that was changed is read again.

    Raises:
        ValueError: There is no such file, it is no picture, or it is larger than photographs are.
    """
    return _read(path, size, path.stat().st_mtime_ns if path.is_file() else 0)


@lru_cache(maxsize=256)
def _read(path: Path, size: tuple[int, int], _changed_ns: int) -> NDArray[np.uint8]:
    if not path.is_file():
        raise ValueError(_no_picture(path))
    content = read_asset(path, largest=MOST_BYTES)
    width, height = _stated_size(path, content)
    if width * height > MOST_PIXELS:
        raise ValueError(f"{path}: expected at most {MOST_PIXELS:,} pixels, got {width} x {height}; make it smaller")
    try:
        # Of bytes: OpenCV opens no path that is not in UTF-8.
        found = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        found = None
    if found is None:
        raise ValueError(_no_picture(path))
    scaled = cv2.resize(found, (size[1], size[0]), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(scaled[..., ::-1]).astype(np.uint8)


def _stated_size(path: Path, content: bytes) -> tuple[int, int]:
    """Return the width and height that a picture's header states, in pixels."""
    try:
        with Image.open(io.BytesIO(content)) as picture:
            return picture.size
    except (Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise ValueError(_no_picture(path)) from error


def _no_picture(path: Path) -> str:
    return f"{path}: expected a picture, such as a PNG file, found none that can be read"


@lru_cache(maxsize=16)
def _files(folder: Path, endings: tuple[str, ...]) -> tuple[Path, ...]:
    return tuple(sorted(path for path in folder.glob("*") if path.suffix.lower() in endings))
