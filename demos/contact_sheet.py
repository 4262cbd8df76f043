"""A demonstration in one picture: frames evenly spaced in time, each with its time."""

import math
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from daml.demos.demo import Frames, HumanDemo
from daml.demos.disk import written_whole

_TILE_SIDE = 240
"""Longer side of each frame, in pixels."""
_GAP = 4
_BACKGROUND = 32
_FONT = cv2.FONT_HERSHEY_SIMPLEX


def contact_sheet(demo: HumanDemo, *, n_frames: int = 12) -> Frames:
    """Lay out frames of a demonstration, the first and the last among them.

    Args:
        demo: The demonstration.
        n_frames: How many frames to show at most; at least 2.

    Returns:
        RGB picture, `(H, W, 3)`.

    Raises:
        ValueError: `n_frames` is below 2.
    """
    shown = demo.resampled(min(n_frames, len(demo)))
    height, width = demo.frames.shape[1:3]
    scale = _TILE_SIDE / max(height, width)
    tile_height, tile_width = max(1, round(height * scale)), max(1, round(width * scale))
    n_columns = math.ceil(math.sqrt(len(shown) * tile_height / tile_width))
    n_rows = math.ceil(len(shown) / n_columns)
    sheet = np.full(
        (n_rows * (tile_height + _GAP) + _GAP, n_columns * (tile_width + _GAP) + _GAP, 3), _BACKGROUND, np.uint8
    )
    for number, frame in enumerate(shown.frames):
        tile = np.array(cv2.resize(frame, (tile_width, tile_height), interpolation=cv2.INTER_AREA), np.uint8)
        time = f"{number * demo.duration / (len(shown) - 1):.1f} s"
        for color, thickness in (((0, 0, 0), 3), ((255, 255, 255), 1)):  # light on dark: legible on any picture
            cv2.putText(tile, time, (5, 16), _FONT, 0.45, color, thickness, cv2.LINE_AA)
        row, column = divmod(number, n_columns)
        top, left = _GAP + row * (tile_height + _GAP), _GAP + column * (tile_width + _GAP)
        sheet[top : top + tile_height, left : left + tile_width] = tile
    return sheet


def write_picture(path: str | Path, picture: Frames) -> None:
    """Write a picture as a .png, whole or not at all.

    Args:
        path: Where to write; an existing file is replaced, the folder is created.
        picture: RGB, `(H, W, 3)`.

    Raises:
        OSError: The file cannot be written.
    """
    with written_whole(path) as part:
        Image.fromarray(np.ascontiguousarray(picture)).save(part, format="png")
