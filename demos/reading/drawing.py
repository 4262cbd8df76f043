"""A reading drawn for a person: the first picture with what is moved where, and the moments of grasp and release."""

import math
from collections.abc import Mapping
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.demos.demo import Frames
from daml.demos.reading.reading import Point, Reading, Step

_WIDTH = 960
"""Width of the sheet [px]."""
_GAP, _BACKGROUND = 6, 32
_N_COLUMNS = 4
"""Moments in a row: the grasp and the release of two steps."""
_COLORS = ((80, 220, 100), (255, 190, 60), (110, 170, 255), (255, 120, 200))
"""Of the steps, in turn."""
_BELIEVED = (250, 250, 250)
"""Of what is believed: of no step."""
_DARK = (24, 24, 24)
"""Behind writing."""
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_SMOOTH = cv2.LINE_AA


def draw_reading(reading: Reading, *, believed: Mapping[str, Point] = MappingProxyType({})) -> Frames:
    """Draw a reading on one sheet.

    The first picture carries each step's item (outlined), its destination (a ring) and an arrow between them, and the
    crop that holds all of it; below are the moments in which each item is taken and let go.

    Args:
        reading: What was read.
        believed: Where somebody else takes things to be in the first picture, by their names: drawn as crosses.

    Returns:
        RGB picture, `(H, W, 3)`.
    """
    first = draw_steps(_scaled(reading.clean_first_frame, _WIDTH - 2 * _GAP), reading)
    size = np.array([first.shape[1], first.shape[0]])
    left, top, right, bottom = (np.array(reading.crop).reshape(2, 2) * size).round().astype(int).ravel().tolist()
    cv2.rectangle(first, (left, top), (right - 1, bottom - 1), (255, 255, 255), 1)
    for name, place in believed.items():
        _draw_cross(first, place, f"policy's {name}", size)
    tile_width = (_WIDTH - (_N_COLUMNS + 1) * _GAP) // _N_COLUMNS
    tiles: list[Frames] = []
    for number, (step, moments) in enumerate(zip(reading.steps, reading.moments, strict=True)):
        for picture, time_s, word in zip(moments, (step.start_s, step.end_s), ("takes", "lets go"), strict=True):
            tile = _scaled(picture, tile_width)
            _write(tile, f"{number + 1}: {word} at {time_s:.1f} s", (6, 18), _COLORS[number % len(_COLORS)])
            tiles.append(tile)
    height = tiles[0].shape[0]
    n_rows = math.ceil(len(tiles) / _N_COLUMNS)
    sheet = np.full((first.shape[0] + 2 * _GAP + n_rows * (height + _GAP), _WIDTH, 3), _BACKGROUND, np.uint8)
    sheet[_GAP : _GAP + first.shape[0], _GAP : _GAP + first.shape[1]] = first
    for place, tile in enumerate(tiles):
        row, column = divmod(place, _N_COLUMNS)
        y, x = first.shape[0] + 2 * _GAP + row * (height + _GAP), _GAP + column * (tile_width + _GAP)
        sheet[y : y + height, x : x + tile_width] = tile
    return sheet


def draw_steps(picture: Frames, reading: Reading) -> Frames:
    """Draw each step's item (outlined), destination (a ring) and an arrow between them on a picture of the film.

    Args:
        picture: RGB, `(H, W, 3)`, of any size; not changed.
        reading: What was read.

    Returns:
        The picture with the steps.
    """
    drawn = np.array(picture)
    for number, step in enumerate(reading.steps):
        _draw_step(drawn, step, number, np.array([picture.shape[1], picture.shape[0]]))
    return drawn


def _draw_step(picture: Frames, step: Step, number: int, size: NDArray[np.int_]) -> None:
    """Draw one step on the first picture."""
    color = _COLORS[number % len(_COLORS)]
    outline = np.round(step.outline * size).astype(np.int32)
    cv2.polylines(picture, [outline], isClosed=True, color=color, thickness=2, lineType=_SMOOTH)
    item, destination = (np.round(np.array(place) * size).astype(int) for place in (step.item, step.destination))
    radius = max(8, picture.shape[1] // 60)
    cv2.circle(picture, _point(destination), radius, color, 2, _SMOOTH)
    way = destination - item
    length = float(np.linalg.norm(way))
    if length > radius:
        tip = destination - way * radius / length
        cv2.arrowedLine(picture, _point(item), _point(tip), color, 2, _SMOOTH, tipLength=min(0.3, 14 / length))
    _write(picture, f"{number + 1}: {step.kind}, {step.confidence:.0%} sure", _point(item + np.array([8, -8])), color)


def _draw_cross(picture: Frames, place: Point, name: str, size: NDArray[np.int_]) -> None:
    """Mark a place, or where the edge is nearest to it."""
    middle = _point(np.clip(np.array(place) * size, 0, size - 1))
    cv2.drawMarker(picture, middle, _DARK, cv2.MARKER_TILTED_CROSS, 20, 6, _SMOOTH)
    cv2.drawMarker(picture, middle, _BELIEVED, cv2.MARKER_TILTED_CROSS, 18, 2, _SMOOTH)
    _write(picture, name, (middle[0] + 12, middle[1] + 16), _BELIEVED)


def _write(picture: Frames, text: str, place: tuple[int, int], color: tuple[int, int, int]) -> None:
    """Write a line, legible on any picture and not beyond its right edge."""
    (width, height), below = cv2.getTextSize(text, _FONT, 0.5, 1)
    x = min(max(place[0], 2), max(picture.shape[1] - width - 2, 2))
    y = max(place[1], height + 4)
    cv2.rectangle(picture, (x - 2, y - height - 3), (x + width + 2, y + below), _DARK, -1)
    cv2.putText(picture, text, (x, y), _FONT, 0.5, color, 1, _SMOOTH)


def _scaled(picture: Frames, width: int) -> Frames:
    """Bring a picture to a width, `(H, width, 3)`."""
    height = max(1, round(picture.shape[0] * width / picture.shape[1]))
    return np.array(cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def _point(place: NDArray[np.float64] | NDArray[np.int_]) -> tuple[int, int]:
    """Return a place as OpenCV takes it."""
    x, y = np.round(place).astype(int)
    return int(x), int(y)
