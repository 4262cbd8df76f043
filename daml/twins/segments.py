"""What stands out from the table in a picture: its parts, each with its outline and its colours."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.demos import Frames
from daml.demos.reading.outlines import connected_parts
from daml.twins.regions import Regions
from daml.twins.table import STEEP, Mask, steepness

_SMALLEST, _LARGEST = 0.02, 0.6
"""Square root of a thing's area, in shorter sides of the picture: specks are smaller, walls and people larger."""
_THIN = 0.012
"""What is thinner, in shorter sides, is an edge, a cable or a gap between boards."""
_SOLIDITY = 0.65
"""Least area of a thing as a share of its convex hull's."""
_MOSTLY, _OWN = 0.6, 0.5
"""Share of a region inside the table's hull from which on it is all there; and of table in one that is table."""
_FOOT, _LEAST_FOOT = 0.1, 0.02
"""Depth that the foot of what stands on the table reaches inside its hull, by its width; and in shorter sides."""
_BEHIND = 0.06
"""Share of the picture from which on what reaches beyond the table is no thing that stands on it."""
_SHARE, _WHOLE = 0.02, 0.55
"""Least area of one of several things that touch, as a share of all of them; and of its convex hull's. From 0.5 to 0.6
on a wooden cradle beside a basket is told, at 0.7 it is not; at 0.6 a napkin beside a sponge is not."""
_ONE_THING = 16.0
"""Difference of weighted colours, its median along the boundary, of two sides of one thing at most."""
_FOOT_ROWS, _ON_TABLE = 4, 0.3
"""A thing meets the table within so many pixels below it, along this share of its width at least."""
_RIM, _TOUCHING, _SHARP = 3, 0.5, 0.56
"""Width of what is looked at beside the table [px]; the least of it, by a square's sides of a region's area, that tells
what the region is; and the share of it that has an edge if that is a thing."""
_ABOVE = 0.5
"""Share of its width from which on a part above or below another is of the same thing, as a can's top is."""
_SEAM = 5
"""Width of what is left out around a thing that is known, on either side by half [px]."""
_SPOT = 0.02
"""Radius of a thing of which hardly an outline is known, in shorter sides."""
_BRIGHT, _BRIGHT_SHARE, _MOST_GAIN = 235.0, 0.9, 2.0
"""A picture's brighter channels [0 to 255] reach the first in a tenth of the pixels of a well-lit scene; and by how
much a dark one is brightened at most."""


@dataclass(frozen=True, eq=False)
class Segment:
    """One thing in the picture.

    Args:
        mask: Its pixels, `(H, W)`.
    """

    mask: Mask

    @property
    def area(self) -> int:
        """Number of pixels."""
        return int(self.mask.sum())

    @property
    def box(self) -> NDArray[np.float64]:
        """Left, top, right and bottom as shares of width and height, `(4,)`."""
        rows, columns = np.flatnonzero(self.mask.any(axis=1)), np.flatnonzero(self.mask.any(axis=0))
        height, width = self.mask.shape
        return np.array(
            [columns[0] / width, rows[0] / height, (columns[-1] + 1) / width, (rows[-1] + 1) / height], np.float64
        )

    @property
    def place(self) -> NDArray[np.float64]:
        """Middle of its box as shares of width and height, `(2,)`."""
        left, top, right, bottom = self.box
        return np.array([(left + right) / 2, (top + bottom) / 2])

    @property
    def outline(self) -> NDArray[np.float64]:
        """Outer edge of its largest part, `(n, 2)` shares."""
        lines, _ = cv2.findContours(self.mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        longest = max(lines, key=cv2.contourArea)
        return (np.asarray(longest, np.float64).reshape(-1, 2) + 0.5) / self.mask.shape[::-1]


def filled(outline: NDArray[np.float64], shape: tuple[int, int]) -> Mask:
    """Fill an outline, `(n, 2)` shares, in a picture of height and width `shape`."""
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.round(outline * shape[::-1] - 0.5).astype(np.int32)], 1)
    return mask > 0


def outlined(outline: NDArray[np.float64], place: tuple[float, float], shape: tuple[int, int]) -> Mask:
    """Fill an outline, or a spot around a place where the outline is hardly more than a point.

    Args:
        outline: Shares of width and height, `(n, 2)`.
        place: Where it is, as shares.
        shape: Height and width of the picture [px].
    """
    mask = filled(outline, shape) if len(outline) else np.zeros(shape, np.bool_)
    radius = max(2, round(_SPOT * min(shape)))
    if mask.sum() >= radius**2:
        return mask
    x, y = np.clip(np.array(place) * shape[::-1], 0, np.array(shape[::-1]) - 1).astype(int)
    spot = cv2.circle(np.zeros(shape, np.uint8), (int(x), int(y)), radius, 1, -1)
    return mask | (spot > 0)


def find_segments(table: Mask, regions: Regions, *, item: Mask) -> list[Segment]:
    """Find what lies on the table: the holes and bays of its surface, and what stands in one and hides what is behind.

    Args:
        table: Where the table is seen, `(H, W)`.
        regions: Regions of the picture.
        item: A thing that is known, and is none of them, `(H, W)`.

    Returns:
        Segments, the largest first.
    """
    if not table.any():
        return []
    unit = min(table.shape)
    side = max(3, round(_THIN * unit) | 1)
    kernel = np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)
    hull = hull_of(_with_corners(table))
    rest = np.asarray(cv2.morphologyEx((hull & ~table).astype(np.uint8), cv2.MORPH_OPEN, kernel)) > 0
    stands, hides = _beyond(hull, table, regions)
    known = cv2.dilate(item.astype(np.uint8), np.ones((_SEAM, _SEAM), np.uint8)) > 0
    loose = (((rest & ~hides & ~_soft(table, regions)) | stands) & ~known).astype(np.uint8)
    parts = connected_parts(np.asarray(cv2.morphologyEx(loose, cv2.MORPH_OPEN, kernel), np.uint8))
    found: list[Segment] = []
    for number in range(1, int(parts.max()) + 1):
        for mask in _split(parts == number, table, regions):
            part = _without_holes(mask)
            extent = np.sqrt(part.sum()) / unit
            if _SMALLEST <= extent <= _LARGEST and part.sum() >= _SOLIDITY * hull_of(part).sum():
                found.append(Segment(part))
    return sorted(found, key=lambda segment: -segment.area)


def _beyond(hull: Mask, table: Mask, regions: Regions) -> tuple[Mask, Mask]:
    """Tell what reaches beyond the table: what stands on it, and what is behind or before it, `(H, W)` each.

    What stands on the table has its foot farther down than the table begins on either side of it. A person behind the
    table only touches it.
    """
    height, width = table.shape
    inside, own = regions.sums(hull) / regions.areas, regions.sums(table) / regions.areas
    first = np.asarray(table.argmax(axis=0), np.float64)
    begins: NDArray[np.float64] = np.where(table.any(axis=0), first, float(height))
    stands, hides = np.zeros_like(table), np.zeros_like(table)
    below = _just_above(table)
    for number in np.flatnonzero((inside > 0) & (inside < _MOSTLY) & (own < _OWN)):
        region = regions.labels == number
        columns = np.flatnonzero(region.any(axis=0))
        foot = height - 1 - int(region[::-1].any(axis=1).argmax())
        reach = max(len(columns) // 2, _FOOT_ROWS)
        sides = (begins[max(columns[0] - reach, 0) : columns[0]], begins[columns[-1] + 1 : columns[-1] + 1 + reach])
        edge = max((float(np.median(side)) for side in sides if len(side)), default=height)
        on_table = (region & below).any(axis=0).sum() / len(columns)
        deep = foot - edge > max(_FOOT * len(columns), _LEAST_FOOT * min(height, width))
        is_standing = regions.areas[number] < _BEHIND * table.size and deep and on_table > _ON_TABLE
        (stands if is_standing else hides)[region] = True
    return stands, hides


def _just_above(table: Mask) -> Mask:
    """Return what is just above the table in the picture, `(H, W)`: what stands there stands on it."""
    above = np.ones_like(table)  # what the picture's lower edge cuts off stands on the table, too
    above[:-_FOOT_ROWS] = table[_FOOT_ROWS:]
    return above


def _soft(table: Mask, regions: Regions) -> Mask:
    """Return the regions that go over into the table without an edge: shadows and reflections, `(H, W)`."""
    near = cv2.dilate(table.astype(np.uint8), np.ones((_RIM, _RIM), np.uint8)) > 0
    beside = near & ~table
    lengths = regions.sums(beside)
    sharp = regions.sums(beside & (steepness(regions) > STEEP))
    is_long = 2 * lengths > _TOUCHING * 4 * np.sqrt(regions.areas)
    return regions.union({int(number) for number in np.flatnonzero(is_long & (sharp < _SHARP * lengths))})


def _split(part: Mask, table: Mask, regions: Regions) -> list[Mask]:
    """Part things that touch in the picture: regions of other looks, each of which stands on the table by itself."""
    whole = table | regions.union(set(_mostly_table(table, regions)))
    standing = _standing(_groups_of_looks(part & ~whole, regions), part, whole)
    if len(standing) < 2:
        return [part]
    # What is left goes to the nearest.
    distances = [cv2.distanceTransform((~group).astype(np.uint8), cv2.DIST_L2, 5) for group in standing]
    nearest = np.argmin(np.stack(distances), axis=0)
    return [part & (nearest == number) for number in range(len(standing))]


def _mostly_table(table: Mask, regions: Regions) -> list[int]:
    """Return the regions that are table for the most part: what is left of them is shadow."""
    return np.flatnonzero(regions.sums(table) > _OWN * regions.areas).tolist()


def _groups_of_looks(part: Mask, regions: Regions) -> list[Mask]:
    """Return the regions of a part of the picture, those of similar looks together."""
    counts = np.bincount(regions.labels[part], minlength=len(regions))
    numbers = [int(number) for number in np.flatnonzero(counts >= _SHARE * part.sum())]
    roots = {number: number for number in numbers}
    for (one, two), (difference, _) in regions.differences.items():
        if one in roots and two in roots and difference < _ONE_THING:
            old, new = roots[two], roots[one]
            roots = {number: new if root == old else root for number, root in roots.items()}
    return [part & regions.union({n for n in numbers if roots[n] == root}) for root in set(roots.values())]


def _standing(groups: list[Mask], part: Mask, table: Mask) -> list[Mask]:
    """Choose the groups that are things of their own, the largest first."""
    below = _just_above(table)
    standing: list[Mask] = []
    for group in sorted(groups, key=lambda group: -int(group.sum())):
        is_thing = (
            group.sum() >= _SHARE * part.sum()
            and group.sum() >= _WHOLE * hull_of(group).sum()
            and (group & below).any(axis=0).sum() >= _ON_TABLE * group.any(axis=0).sum()
        )
        if is_thing and all(_is_beside(group, other) for other in standing):
            standing.append(group)
    return standing


def _is_beside(one: Mask, other: Mask) -> bool:
    """Tell whether a part of the picture is beside another rather than above or below it."""
    columns = one.any(axis=0)
    down, across = np.abs(np.argwhere(one).mean(axis=0) - np.argwhere(other).mean(axis=0))
    return bool((columns & other.any(axis=0)).sum() < _ABOVE * columns.sum() or across > down)


def colors_of(picture: Frames, mask: Mask) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the main colour of a thing and that of what differs most from it, RGB in [0, 1], `(3,)` each.

    Args:
        picture: RGB, `(H, W, 3)`.
        mask: The thing's pixels, at least one.
    """
    inner = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    pixels = picture[inner if inner.any() else mask].astype(np.float64) / 255
    main = np.median(pixels, axis=0)
    distance = np.linalg.norm(pixels - main, axis=1)
    far = distance >= np.quantile(distance, 0.8)
    return main, np.median(pixels[far], axis=0)


def _with_corners(table: Mask) -> Mask:
    """Add the picture's lower corners that a table goes beyond: what the lower edge cuts off lies on it, too."""
    whole = table.copy()
    if table[-1].any():
        whole[-1, 0] |= table[:, 0].any()
        whole[-1, -1] |= table[:, -1].any()
    return whole


def brightened(picture: Frames) -> Frames:
    """Return a dark picture as it would be in good light, RGB `(H, W, 3)`; a bright one as it is."""
    bright = float(np.quantile(picture.max(axis=-1), _BRIGHT_SHARE))
    gain = float(np.clip(_BRIGHT / max(bright, 1.0), 1.0, _MOST_GAIN))
    return np.clip(picture * np.float32(gain), 0, 255).astype(np.uint8)


def hull_of(mask: Mask) -> Mask:
    """Fill the convex hull of a mask."""
    whole = np.zeros(mask.shape, np.uint8)
    y, x = np.nonzero(mask)
    cv2.fillConvexPoly(whole, cv2.convexHull(np.stack([x, y], axis=1).astype(np.int32)), 1)
    return whole > 0


def _without_holes(mask: Mask) -> Mask:
    """Fill what a mask surrounds."""
    whole = np.zeros(mask.shape, np.uint8)
    lines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(whole, lines, -1, 1, cv2.FILLED)
    return whole > 0
