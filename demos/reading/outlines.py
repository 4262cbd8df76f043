"""What was taken away and what was put down, outlined in the difference of two clean plates."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.demos.colors import color_distance
from daml.demos.demo import Frames
from daml.demos.reading.hand_paths import Mask

_AROUND = 0.45
"""What is looked at around the two places, in shorter sides."""
_NOISE, _CHANGED, _SATURATION = 0.7, 0.3, 60
"""A difference of colour up to the first, in the film's noise, counts as none; what is left, weighed by steadiness, is
a change above the second, and counts no more beyond the third [0 to 255]."""
_VISIBLE = 0.5
"""What differs less from its surroundings, in the film's noise, is part of them."""
_UNLIKE = 0.7
"""A change belongs to what was there before if that differs from the surroundings at least this many times as much as
what is there afterwards. Below 1, so that where both do, as where an item was pushed over its own place, it is both."""
_COMPLETED = 2.0
"""How far an outline is completed from its middle, in radii of a disc of its area."""
_REACH, _NEAR, _CENTER = 0.4, 0.08, 0.2
"""In shorter sides: how far an outline goes from its place; how near it must come; and the width of the bell its centre
is weighed with, so that a shadow or an arm that is connected to it does not move it far."""
_OVERLAP, _OVERLAP_REACH = 0.35, 0.2
"""Nearer places, in shorter sides, may overlap: there, what did not change may be the item on its own old place. It is
looked for in the hull of what changed so near to one of them."""
_CORE, _CORE_REACH = 0.25, 0.12
"""An outline leaves out what changed less than this share of what is nearest to its place: shadows."""
_FEWEST_PX = 6
_APPEARED = 0.55
"""What was put down has at least this appearance: of the places in 25 films in which something was put down 0.59 to 58,
of those in which it was taken away 0.002 to 0.5, but for two that hid a coaster and a pattern (1.6 and 3.8)."""
_LEAST_WEIGHT = 0.2
_HOLE, _HOLE_RADIUS = 5, 3
_SOLID = 3
"""Thinner than this [px] is an edge, and comes from a camera that trembled."""


@dataclass(frozen=True, eq=False)
class Outline:
    """One thing in a picture."""

    mask: Mask
    """`(H, W)`."""
    center: NDArray[np.float64]
    """`(2,)` [px]."""

    @property
    def area(self) -> int:
        """Pixels."""
        return int(self.mask.sum())


def outline_change(
    before: Frames,
    after: Frames,
    *,
    trust: NDArray[np.float32],
    places: tuple[NDArray[np.float64], NDArray[np.float64]],
    unit: float,
    noise: float,
    whole_within: float = 0.0,
) -> tuple[Outline, Outline] | None:
    """Outline the thing that was taken away at one place, and the thing put down at another.

    Where the two overlap, or are connected by a shadow, each changed pixel is given to the one that stands out from
    the surroundings: these are continued into what changed.

    Args:
        before: Plate before, RGB, `(H, W, 3)`.
        after: Plate after.
        trust: How far the plates are to be trusted, from 0 to 1, `(H, W)`.
        places: About where something was taken away, and where it was put [px].
        unit: What lengths are measured in [px].
        noise: A difference of colour [0 to 255] that is seldom larger where nothing changed.
        whole_within: Whatever changed nearer to one place than so many times its distance from the other belongs to
            it as well: a white cup on a white table that hides a dark coaster would else be its upper half.

    Returns:
        The item in the plate before, and in the plate after; None when one of them does not stand out.
    """
    limits = np.array(before.shape[1::-1])
    low = np.clip(np.minimum(*places) - _AROUND * unit, 0, limits - _FEWEST_PX).astype(int)
    high = np.clip(np.maximum(*places) + _AROUND * unit, low + _FEWEST_PX, limits).astype(int)
    part = np.s_[low[1] : high[1], low[0] : high[0]]
    one, two = before[part], after[part]
    difference = np.clip(color_distance(one, two) - np.float32(_NOISE * noise), 0, _SATURATION) * trust[part]
    is_changed = difference > _CHANGED * noise
    y, x = np.mgrid[low[1] : high[1], low[0] : high[0]]
    ways = [np.hypot(x - place[0], y - place[1]) / unit for place in places]
    if np.linalg.norm(places[0] - places[1]) < _OVERLAP * unit:
        is_changed = is_changed | _hull(is_changed & (np.minimum(*ways) < _OVERLAP_REACH))
    surroundings = continued(one, is_changed | (trust[part] <= 0))
    unlike_before = color_distance(one, surroundings)
    unlike_after = color_distance(two, surroundings)
    is_old = is_changed & (unlike_before > _VISIBLE * noise) & (unlike_before > _UNLIKE * unlike_after)
    is_new = is_changed & (unlike_after > _VISIBLE * noise) & (unlike_after > _UNLIKE * unlike_before)
    outlines: list[Outline] = []
    for mask, way, other_way in ((is_old, ways[0], ways[1]), (is_new, ways[1], ways[0])):
        chosen = _nearest_part(mask & (way < _REACH), difference, way, other_way)
        if chosen is None:
            return None
        chosen = _completed(chosen, is_changed & (way < whole_within * other_way))
        weight = (_LEAST_WEIGHT + difference) * np.exp(-((way / _CENTER) ** 2) / 2) * chosen
        center = np.array([(weight * x).sum(), (weight * y).sum()]) / weight.sum()
        whole = np.zeros(before.shape[:2], np.bool_)
        whole[part] = chosen
        outlines.append(Outline(whole, center))
    return outlines[0], outlines[1]


def outline_put(
    before: Frames, after: Frames, *, trust: NDArray[np.float32], place: NDArray[np.float64], unit: float, noise: float
) -> Outline | None:
    """Outline the thing that was put down at a place.

    Args:
        before: Plate before, RGB, `(H, W, 3)`.
        after: Plate after.
        trust: How far the plates are to be trusted, from 0 to 1, `(H, W)`.
        place: About where it was put [px].
        unit: What lengths are measured in [px].
        noise: A difference of colour [0 to 255] that is seldom larger where nothing changed.

    Returns:
        The thing in the plate after; None when nothing changed there, or when something was taken away.
    """
    difference = np.clip(color_distance(before, after) - np.float32(_NOISE * noise), 0, _SATURATION) * trust
    y, x = np.mgrid[: before.shape[0], : before.shape[1]]
    way = np.hypot(x - place[0], y - place[1]) / unit
    mask = _nearest_part((difference > _CHANGED * noise) & (way < _REACH), difference, way, np.full_like(way, np.inf))
    if mask is None:
        return None
    if appearance(before, after, mask) < _APPEARED:
        return None
    weight = (_LEAST_WEIGHT + difference) * np.exp(-((way / _CENTER) ** 2) / 2) * mask
    return Outline(mask, np.array([(weight * x).sum(), (weight * y).sum()]) / weight.sum())


def appearance(before: Frames, after: Frames, mask: Mask) -> float:
    """Return how many times more a part of the picture looks like a thing afterwards than before.

    A thing differs from what the surroundings would continue to, and has edges where it ends. Less than 1 means that
    something was taken away.

    Args:
        before: Plate before, RGB, `(H, W, 3)`.
        after: Plate after.
        mask: The part, `(H, W)`.
    """
    surroundings = continued(before, mask)
    kernel = np.ones((_SOLID, _SOLID), np.uint8)
    filled = mask.astype(np.uint8)
    rim = (cv2.dilate(filled, kernel) - cv2.erode(filled, kernel)) > 0
    strangeness = [float(np.abs(plate - surroundings)[mask].mean()) for plate in (before, after)]
    edges = [float(_slope(plate)[rim].mean()) for plate in (before, after)]
    return strangeness[1] / max(strangeness[0], 1.0) * edges[1] / max(edges[0], 1.0)


def _slope(picture: Frames) -> NDArray[np.float32]:
    """Return how steeply the colours change, the steepest channel's, `(H, W)`."""
    return np.hypot(cv2.Sobel(picture, cv2.CV_32F, 1, 0), cv2.Sobel(picture, cv2.CV_32F, 0, 1)).max(axis=2)


def continued(picture: Frames, hole: Mask) -> NDArray[np.int16]:
    """Continue the surroundings of a hole into it, at half the size, `(H, W, 3)`."""
    height, width = hole.shape
    size = (max(4, width // 2), max(4, height // 2))
    wide = cv2.dilate(hole.astype(np.uint8), np.ones((_HOLE, _HOLE), np.uint8))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    filled = cv2.inpaint(
        small, cv2.resize(wide, size, interpolation=cv2.INTER_NEAREST), _HOLE_RADIUS, cv2.INPAINT_TELEA
    )
    return np.asarray(cv2.resize(filled, (width, height)), np.int16)


def _nearest_part(
    mask: Mask, difference: NDArray[np.float32], way: NDArray[np.float64], other_way: NDArray[np.float64]
) -> Mask | None:
    """Choose the connected part of a mask with the most change near its place, on its side of the other place."""
    solid = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((_SOLID, _SOLID), np.uint8))
    parts = connected_parts(np.asarray(solid, np.uint8))
    bell = np.exp(-((way / _NEAR) ** 2) / 2) * (way < other_way)
    weights = np.bincount(parts.ravel(), (difference * bell).ravel())
    weights[0] = 0
    if weights.max() <= 0:
        return None
    mask = parts == int(weights.argmax())
    nearest = difference[mask & (way < max(_CORE_REACH, float(way[mask].min()) + _CORE_REACH / 2))]
    parts = connected_parts((mask & (difference >= _CORE * np.quantile(nearest, 0.8))).astype(np.uint8))
    weights = np.bincount(parts.ravel(), (difference * bell).ravel())
    weights[0] = 0
    chosen = (parts == int(weights.argmax())).astype(np.uint8)
    closed = np.asarray(cv2.morphologyEx(chosen, cv2.MORPH_CLOSE, np.ones((_HOLE, _HOLE), np.uint8))) > 0
    return closed if closed.sum() >= _FEWEST_PX else None


def _completed(chosen: Mask, more: Mask) -> Mask:
    """Add what is connected to a mask and no farther from it than its own size."""
    if not more.any():
        return chosen
    y, x = np.mgrid[: chosen.shape[0], : chosen.shape[1]]
    radius = _COMPLETED * np.sqrt(chosen.sum() / np.pi)
    is_near = np.hypot(x - x[chosen].mean(), y - y[chosen].mean()) < radius
    solid = cv2.morphologyEx((chosen | (more & is_near)).astype(np.uint8), cv2.MORPH_OPEN, np.ones((_SOLID, _SOLID)))
    parts = connected_parts(np.asarray(solid, np.uint8))
    counts = np.bincount(parts[chosen])
    counts[0] = 0
    return chosen | (parts == counts.argmax()) if counts.any() else chosen


def _hull(mask: Mask) -> Mask:
    """Fill the convex hull of a mask."""
    filled = np.zeros(mask.shape, np.uint8)
    solid = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((_SOLID, _SOLID), np.uint8))
    y, x = np.nonzero(np.asarray(solid))
    if len(x) >= 3:
        cv2.fillConvexPoly(filled, cv2.convexHull(np.stack([x, y], axis=1).astype(np.int32)), 1)
    return filled > 0


def connected_parts(mask: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Number the connected parts of a mask from 1, `(H, W)`."""
    parts = np.zeros(mask.shape, np.int32)
    cv2.connectedComponents(mask, parts, connectivity=8)  # pyright: ignore[reportUnknownMemberType] - OpenCV leaves this one untyped
    return parts
