"""Where a thing was put: the middle of the plate, mat or tray that it stands on, else the spot under it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.demos.demo import Frames
from daml.demos.reading.hand_paths import Mask
from daml.demos.reading.outlines import Outline, connected_parts

_TALL_FROM, _TALL_TO, _SINK = 0.5, 1.0, 0.55
"""A thing whose outline is more than so many times as high as wide stands: its foot is below its centre by this share
of the way to its lower edge. A flat one lies where its centre is."""
_LIGHTNESS, _COLOR = 22.0, 9.0
"""Differences in OpenCV's Lab that count as one."""
_LEVELS = tuple(0.25 * 2 ** (number / 2) for number in range(9))
"""How much, in these units, what belongs together may differ from what is under the thing: each is tried."""
_STABLE = 1.35
"""What stands out from its surroundings grows by no more than this from one level to the next: over eleven real clips
plates, trays and coasters by 1.02 to 1.32, spots of a table by 1.35 and more."""
_CONTAINS = 4.0
"""What is at least so many times as large as the thing may be less even: a basket's floor and walls differ."""
_MOST_SIDES = 1
"""It touches at most so many of the picture's sides: what is cut off by two is the table."""
_SEED = 0.03
"""Radius of the spot under the thing, in shorter sides."""
_LEAST, _MOST = 0.25, 0.16
"""Area of a destination: at least this many times the thing's, at most this share of the picture; a table is larger. A
basket in a real film takes 0.12 to 0.13; up to 0.16 no reading of eleven real and 40 simulated films changes."""
_SOLIDITY = 0.8
"""Least area of a destination as a share of its convex hull's: a plate is round, what leaks into shadows is not."""
_FARTHEST = 0.25
"""Its middle is no farther from the thing, in shorter sides."""
_GAP = 5
"""Gaps up to this many pixels are closed."""


def destination_of(put: Outline, plate: Frames, *, stands: bool) -> NDArray[np.float64]:
    """Find the place that a thing was put to.

    Args:
        put: The thing where it was put.
        plate: The scene before, without hands, RGB `(H, W, 3)`.
        stands: Whether it may stand upright; what was pushed lies flat.

    Returns:
        The place, `(2,)` [px].
    """
    foot = _foot(put) if stands else put.center
    under = what_lies_under(foot, put, plate)
    if under is None:
        return foot
    middle = _middle(under)
    return middle if np.linalg.norm(middle - foot) < _FARTHEST * min(plate.shape[:2]) else foot


def _foot(put: Outline) -> NDArray[np.float64]:
    """Return where a thing touches what it stands on."""
    y, x = np.nonzero(put.mask)
    low, high = np.quantile(y, [0.03, 0.97])
    left, right = np.quantile(x, [0.03, 0.97])
    tallness = (high - low + 1) / (right - left + 1)
    sink = _SINK * float(np.clip((tallness - _TALL_FROM) / (_TALL_TO - _TALL_FROM), 0, 1))
    return put.center + np.array([0.0, sink * max(high - put.center[1], 0.0)])


def what_lies_under(foot: NDArray[np.float64], put: Outline, plate: Frames) -> Mask | None:
    """Outline the plate, mat or tray under a thing; None when there is none that stands out."""
    height, width = put.mask.shape
    y, x = np.mgrid[:height, :width]
    seed = np.hypot(x - foot[0], y - foot[1]) < max(2.0, _SEED * min(height, width))
    if not seed.any():
        return None
    lab = np.asarray(cv2.cvtColor(plate, cv2.COLOR_RGB2LAB)).astype(np.float32)
    difference = np.abs(lab - np.median(lab[seed], axis=0)) / np.array([_LIGHTNESS, _COLOR, _COLOR])
    parts = [_part_around(seed, difference.max(axis=2) < level) for level in _LEVELS]
    areas = [0 if part is None or not _is_plate_like(part, put) else int(part.sum()) for part in parts]
    for number in reversed(range(len(parts))):
        neighbours = areas[max(number - 1, 0) : number] + areas[number + 1 : number + 2]
        is_stable = any(
            max(area, areas[number]) <= _STABLE * min(area, areas[number])
            for area in neighbours
            if min(area, areas[number])
        )
        if areas[number] and (is_stable or areas[number] >= _CONTAINS * put.area):
            return parts[number]
    return None


def _part_around(seed: Mask, alike: Mask) -> Mask | None:
    """Choose the connected part of a mask that most of a spot lies in."""
    kernel = np.ones((_GAP, _GAP), np.uint8)
    parts = connected_parts(np.asarray(cv2.morphologyEx(alike.astype(np.uint8), cv2.MORPH_OPEN, kernel), np.uint8))
    numbers = np.bincount(parts[seed])
    numbers[0] = 0
    return parts == int(numbers.argmax()) if numbers.any() else None


def _is_plate_like(part: Mask, put: Outline) -> bool:
    """Tell whether a part of the picture has the size and the shape of what things are put on."""
    n_sides = sum(bool(side.any()) for side in (part[0], part[-1], part[:, 0], part[:, -1]))
    is_sized = _LEAST * put.area <= part.sum() <= _MOST * part.size
    return bool(is_sized and n_sides <= _MOST_SIDES and part.sum() >= _SOLIDITY * _hull_area(part))


def _hull(mask: Mask) -> NDArray[np.int32]:
    """Return the convex hull of a mask, `(n, 1, 2)` [px]."""
    y, x = np.nonzero(mask)
    return np.asarray(cv2.convexHull(np.stack([x, y], axis=1).astype(np.int32)), np.int32)


def _hull_area(mask: Mask) -> float:
    """Return the number of pixels inside a mask's convex hull."""
    filled = np.zeros(mask.shape, np.uint8)
    cv2.fillConvexPoly(filled, _hull(mask), 1)
    return float(filled.sum())


def _middle(mask: Mask) -> NDArray[np.float64]:
    """Return the middle of a mask's convex hull [px]."""
    filled = np.zeros(mask.shape, np.uint8)
    cv2.fillConvexPoly(filled, _hull(mask), 1)
    y, x = np.nonzero(filled)
    return np.array([x.mean(), y.mean()])
