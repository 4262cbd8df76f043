"""The table in a picture: the region around what is handled, and what goes on from it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.demos.reading.outlines import connected_parts
from daml.twins.regions import WEIGHTS, Regions

Mask = NDArray[np.bool_]

NEAR = 0.3
"""Distance from what is handled within which the table is looked for, in shorter sides of the picture."""

_CLOSE = 0.06
"""Distance, in shorter sides, over which what is near counts e times less: things lie on what is next to them."""
_MARGIN = 3
"""Distance from a thing up to which a pixel may still be part of it [px]."""
_BELOW = 0.06
"""Height of what is looked at below a thing, in shorter sides: farther off the table may end."""
_SECOND = 0.4
"""Weight of what is around the place that the item is put to: that may be a plate."""
_ITEM = 0.3
"""Share of a region that the item covers, from which on it is no table."""
_LIKE = 0.5
"""Weight, for a region, of what is near the item in other regions of its colour: boards and shadows are that."""
_COLOR, _SHADE = 8.0, 27.0
"""Differences of colour and of lightness, in OpenCV's Lab, of two parts of one table."""
_GOES_ON, _GOES_ON_WIDELY = 10.0, 15.0
"""Difference along the boundary of two parts of one table; and where the second is large."""
_LARGE = 0.03
"""Share of the picture of a large region."""
_NOTABLE, _APART_COLOR, _APART_SHADE = 0.009, 6.0, 90.0
"""Least share of the picture, and differences of colour and of lightness, of a part that does not touch the others; it
begins no higher up."""
_HIGHER = 0.02
"""How much higher up it may begin, in shorter sides."""
_SPREAD = 0.08
"""Distance over which the table's colour around a pixel is averaged, in shorter sides."""
_N_DEVIATIONS, _LEAST, _MOST = 3.5, 9.0, 13.0
"""Standard deviations of the table's own texture that a pixel may differ from this by, and limits of the product."""
_TINT, _DARKEST, _SHINE = 0.12, 0.4, 1.06
"""Range of what is left of red, green and blue in a shadow, by their mean; and limits of this mean."""
STEEP = 5.0
"""Change of weighted colour from pixel to pixel that is an edge: a shadow's is softer."""
_ROUNDS = 2
"""Times that this is done."""


def find_table(regions: Regions, item: Mask, *, put: Mask) -> Mask:
    """Find the surface that things lie on.

    Args:
        regions: Regions of the scene without hands.
        item: What lies on it, for certain, `(H, W)`.
        put: Where that is put later on, which need not be on the table, `(H, W)`.

    Returns:
        Where the table is seen, `(H, W)`.
    """
    nearness = nearness_to(item) + _SECOND * nearness_to(put)
    nearness[item | put] = 0
    covered = regions.sums(item) / regions.areas
    near = regions.sums(nearness)
    near[covered > _ITEM] = 0
    if not near.any():
        return np.zeros_like(item)
    colors = regions.colors / WEIGHTS
    is_like = (_chroma(colors[:, None], colors) < _COLOR) & (_lightness(colors[:, None], colors) < _SHADE)
    worth = np.where(near > 0, near + _LIKE * (is_like * near).sum(axis=1), 0.0)
    parts = _grown(regions, colors, int(worth.argmax()), covered)
    table = _even(regions, regions.union(parts))
    return table | (_shadows(regions, table) & ~item)


def nearness_to(thing: Mask) -> NDArray[np.float64]:
    """Tell how near each pixel is to a thing's lower half, from 0 to 1, `(H, W)`: the upper may be before a wall."""
    unit = min(thing.shape)
    rows = np.flatnonzero(thing.any(axis=1))
    if not len(rows):
        return np.zeros(thing.shape)
    middle = (rows[0] + rows[-1]) // 2
    lower = thing.copy()
    lower[:middle] = False
    distance = np.asarray(cv2.distanceTransform((~lower).astype(np.uint8), cv2.DIST_L2, 5), np.float64)
    near = np.where((distance > _MARGIN) & (distance < NEAR * unit), np.exp(-distance / (_CLOSE * unit)), 0.0)
    near[:middle] = 0
    near[rows[-1] + round(_BELOW * unit) :] = 0
    return near


def _chroma(one: NDArray[np.float64], two: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.linalg.norm((one - two)[..., 1:], axis=-1), np.float64)


def _lightness(one: NDArray[np.float64], two: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.abs((one - two)[..., 0])


def _grown(regions: Regions, colors: NDArray[np.float64], first: int, covered: NDArray[np.float64]) -> set[int]:
    """Return the first region and all that the table goes on in: what touches it and looks alike, or is large."""
    height, width = regions.labels.shape
    tops = np.full(len(regions), height, np.int64)
    rows = np.indices((height, width), np.int64)[0]
    np.minimum.at(tops, regions.labels, rows)
    is_large = regions.areas > _LARGE * regions.labels.size
    begins = tops[first] - _HIGHER * min(height, width)
    parts = {first}
    candidates = [number for number in range(len(regions)) if covered[number] <= _ITEM and number != first]
    while True:
        known = np.array(sorted(parts))
        added = {
            number
            for number in candidates
            if number not in parts
            and _chroma(colors[known], colors[number]).min() < _COLOR
            and _difference(regions, number, known) < (_GOES_ON_WIDELY if is_large[number] else _GOES_ON)
        }
        if not added:
            break
        parts |= added
    known = np.array(sorted(parts))
    for number in candidates:
        chroma, shade = _chroma(colors[known], colors[number]), _lightness(colors[known], colors[number])
        is_alike = bool(((chroma < _APART_COLOR) & (shade < _APART_SHADE)).any())
        if regions.areas[number] > _NOTABLE * regions.labels.size and tops[number] >= begins and is_alike:
            parts.add(number)
    return parts


def _difference(regions: Regions, number: int, parts: NDArray[np.int64]) -> float:
    """Return how much a region differs from some others along its boundary with them; no boundary is infinite."""
    pairs = [regions.differences.get((min(number, int(part)), max(number, int(part)))) for part in parts]
    touching = [pair for pair in pairs if pair is not None]
    length = sum(pixels for _, pixels in touching)
    return sum(value * pixels for value, pixels in touching) / length if length else float("inf")


def _even(regions: Regions, table: Mask) -> Mask:
    """Leave out what differs from the table around it: small things, and those of nearly its colour."""
    spread = _SPREAD * min(table.shape)
    whole = table
    for _ in range(_ROUNDS):
        if not table.any():
            break
        weight = cv2.GaussianBlur(table.astype(np.float32), (0, 0), spread)
        summed = cv2.GaussianBlur(np.where(table[..., None], regions.lab, np.float32(0)), (0, 0), spread)
        difference = np.linalg.norm(regions.lab - summed / (weight[..., None] + 1e-3), axis=-1)
        deviation = 1.5 * float(np.median(difference[table]))
        table = whole & (difference < np.clip(_N_DEVIATIONS * deviation, _LEAST, _MOST))
    return table


def _shadows(regions: Regions, table: Mask) -> Mask:
    """Return what is as the table around it in less light, and is reached from there across no edge, `(H, W)`."""
    if not table.any():
        return table
    spread = _SPREAD * min(table.shape)
    weight = cv2.GaussianBlur(table.astype(np.float32), (0, 0), spread)
    light = _rgb(regions.lab)
    summed = cv2.GaussianBlur(np.where(table[..., None], light, np.float32(0)), (0, 0), spread)
    shares = light / (summed / (weight[..., None] + np.float32(1e-3)) + 1)
    share = shares.mean(axis=-1)
    is_shade = (np.ptp(shares, axis=-1) < _TINT * share) & (share > _DARKEST) & (share < _SHINE)
    is_edge = steepness(regions) > STEEP
    parts = connected_parts(((table | is_shade) & ~is_edge).astype(np.uint8))
    numbers = np.unique(parts[table & ~is_edge])
    return np.isin(parts, numbers[numbers > 0]) & is_shade


def steepness(regions: Regions) -> NDArray[np.float32]:
    """Return how fast the weighted colour changes from pixel to pixel, `(H, W)`."""
    across = cv2.Sobel(regions.lab, cv2.CV_32F, 1, 0, scale=0.25)
    down = cv2.Sobel(regions.lab, cv2.CV_32F, 0, 1, scale=0.25)
    return np.sqrt((across**2 + down**2).sum(axis=-1)).astype(np.float32)


def _rgb(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """Turn weighted Lab back into RGB from 0 to 255, `(H, W, 3)`."""
    return np.asarray(cv2.cvtColor(np.clip(lab / WEIGHTS, 0, 255).astype(np.uint8), cv2.COLOR_LAB2RGB), np.float32)
