"""What lies on a film's table: the item acted on, where it goes, and the other things, each with its role."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.demos import Frames, Reading
from daml.demos.reading.destinations import what_lies_under
from daml.demos.reading.outlines import Outline, connected_parts
from daml.twins.regions import Regions, find_regions
from daml.twins.segments import Segment, find_segments, hull_of, outlined
from daml.twins.table import STEEP, Mask, find_table, steepness
from daml.twins.walls import has_walls

Role = Literal["item", "container", "flat"]
"""What can be done with a thing: it is moved, something is put into it, or something is put upon it."""

_SAME = 0.5
"""Share of a region inside the outline that was read from which on it is part of that item."""
_LEFT = 0.4
"""Least share of that outline that is no table."""
_SOLID = 0.9
"""Least area of what lies flat as a share of its convex hull's: in real films 0.96 to 0.99, a basket's parts 0.82."""
_FLOOR = (0.01, 0.12)
"""Area of a container's floor, as shares of the picture; a table's is larger."""
_UNDER = 0.04
"""Distance from the place that was read within which a destination begins, in shorter sides."""
_ON_EDGE, _EDGE = 0.4, 3
"""Share of an outline within so many pixels of the table's edge from which on it is no thing on the table, but
what the table is seen against."""
_FLAT_FROM = 1.6
"""Area beyond which a thing is something that items are put on or into, by the item's area."""
_CONVEX = 0.75
"""Least area of another flat thing, as a share of its convex hull's: others may touch it, and hide its corners."""
_RIM = 5
"""What is thinner is no part of the item [px]."""
_SMALLEST_THING = 0.055
"""Square root of the area of another thing, in shorter sides of what is looked at: what is smaller is a crumb."""
_THICK = 0.25
"""Radius of the largest disc in a thing, by the square root of its area, at least: that of a bottle that lies down."""
_LARGEST_THING = 10.0
"""Area of another thing by the item's, at most: beyond it is what the scene stands against. A tray by a
mug has 8.5, an oven by a banana 11."""
_SHARP = 0.5
"""Least share of a thing's outline that is an edge."""
_BESIDE = 5
"""Side of the neighbourhood with table in which an outline's edge tells of itself [px]: beyond a table all edges are
sharp."""
_AROUND = 15
"""Side of the neighbourhood whose colour a thing is compared with [px]."""
_INNER = 0.6
"""Depth from which on a shadow has no edges, by the largest."""
_TINT, _DARKEST = 0.12, 0.6
"""Range of what is left of red, green and blue in a shadow with a hard edge, by their mean; and the least mean."""
_APART = 0.3
"""Share of a segment that may be part of a larger one, or of what is acted on, before it is left out."""


@dataclass(frozen=True, eq=False)
class Sight:
    """One thing that a film shows.

    Args:
        segment: Where.
        role: What can be done with it.
    """

    segment: Segment
    role: Role


@dataclass(frozen=True, eq=False)
class Sights:
    """What a film shows on the table.

    Args:
        item: The item acted on.
        destination: What it is put on or into; None where that is the table.
        others: The other things.
        table: Where the table is seen, `(H, W)`.
    """

    item: Sight
    destination: Sight | None
    others: tuple[Sight, ...]
    table: Mask


def recognize(reading: Reading, *, step: int = 0) -> Sights:
    """Tell what lies on the table.

    Args:
        reading: What was read in the film.
        step: Number of the step whose item and destination are meant.
    """
    picture, shown = reading.clean_first_frame, reading.steps[step]
    shape = picture.shape[:2]
    handled = outlined(shown.outline, shown.item, shape)
    put = outlined(shown.put_outline, shown.destination, shape)
    regions = find_regions(picture)
    table = find_table(regions, handled, put=put)
    item = _completed(handled, table, regions)
    segments = find_segments(table, regions, item=item.mask)
    place = np.array(shown.destination) * shape[::-1]
    near = _at(segments, place)
    destination = _destination(near, regions, table, picture=picture, put=put, place=place)
    others: list[Segment] = []
    taken = item.mask if destination is None else item.mask | destination.segment.mask
    edge, is_edge = _distance_to_edge(table), steepness(regions) > STEEP
    for segment in segments:
        is_scenery = segment.area > _LARGEST_THING * item.area or segment is near or _is_background(segment, edge)
        if not (is_scenery or _belongs(segment.mask, taken) or _is_mark(picture, segment.mask, is_edge, table)):
            others.append(segment)
            taken = taken | segment.mask
    return Sights(
        Sight(item, "item"),
        destination if destination is None or shown.kind != "push" else Sight(destination.segment, "flat"),
        tuple(Sight(segment, _role_of(segment, item)) for segment in others),
        table,
    )


def _completed(handled: Mask, table: Mask, regions: Regions) -> Segment:
    """Return the item that was read: its outline without what is table, and the regions that are mostly inside."""
    covered = regions.sums(handled) / regions.areas
    own = {int(number) for number in np.flatnonzero(covered >= _SAME)}
    mask = ((handled | regions.union(own)) & ~table).astype(np.uint8)
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((_RIM, _RIM), np.uint8))) > 0
    parts = connected_parts(mask.astype(np.uint8))
    shared = np.bincount(parts[handled], minlength=2)
    shared[0] = 0
    largest = parts == int(shared.argmax())
    # Where little is left it has the table's colour.
    return Segment(largest if shared.max() >= _LEFT * handled.sum() else handled)


def _destination(
    near: Segment | None, regions: Regions, table: Mask, *, picture: Frames, put: Mask, place: NDArray[np.float64]
) -> Sight | None:
    """Return what an item was put on or into; None where that is the table.

    A flat thing is one whole segment. What is none, though it is no table, has walls that look unlike its floor.
    """
    if near is not None and near.area >= _SOLID * hull_of(near.mask).sum():
        return Sight(near, _role_by_walls(near))
    under = _lying_under(picture, put, place)
    if under is not None:
        return Sight(under, _role_by_walls(under))
    x, y = np.clip(place, 0, np.array(put.shape[::-1]) - 1).round().astype(int)
    number = int(regions.labels[y, x])
    is_table = regions.sums(table)[number] > _SAME * regions.areas[number]
    if near is None or is_table or not _FLOOR[0] * put.size <= regions.areas[number] <= _FLOOR[1] * put.size:
        return None if near is None else Sight(near, "flat")
    return Sight(Segment(hull_of(regions.labels == number)), "container")


def _role_by_walls(segment: Segment) -> Role:
    """Tell what a thing is on or into which others are put."""
    return "container" if has_walls(segment) else "flat"


def _lying_under(picture: Frames, put: Mask, place: NDArray[np.float64]) -> Segment | None:
    """Return what lies under the place that an item was put to, where it is of the table's colour."""
    if not put.any():
        return None
    under = what_lies_under(place, Outline(put, place), picture)
    return None if under is None else Segment(under)


def _at(segments: list[Segment], place: NDArray[np.float64]) -> Segment | None:
    """Return the segment at a place, `(2,)` [px], or the nearest one that begins close by."""
    near: list[tuple[float, Segment]] = []
    for segment in segments:
        limits = np.array(segment.mask.shape[::-1]) - 1
        distance = np.asarray(cv2.distanceTransform((~segment.mask).astype(np.uint8), cv2.DIST_L2, 5))
        x, y = np.clip(place, 0, limits).round().astype(int)
        near.append((float(distance[y, x]) / (min(segment.mask.shape)), segment))
    distance, segment = min(near, key=lambda pair: pair[0], default=(np.inf, None))
    return segment if distance <= _UNDER else None


def _belongs(part: Mask, whole: Mask) -> bool:
    """Tell whether much of a part is within something else."""
    return bool((part & whole).sum() > _APART * part.sum())


def _distance_to_edge(table: Mask) -> NDArray[np.float32]:
    """Return each pixel's distance to the outer edge of the table's hull, `(H, W)` [px]; the picture's is none."""
    y, x = np.nonzero(table)
    hull = np.zeros(table.shape, np.uint8)
    if len(x):
        cv2.fillConvexPoly(hull, cv2.convexHull(np.stack([x, y], axis=1).astype(np.int32)), 1)
    return np.asarray(cv2.distanceTransform(hull, cv2.DIST_L2, 5), np.float32)


def _is_background(segment: Segment, edge: NDArray[np.float32]) -> bool:
    """Tell whether much of an outline runs along the table's edge."""
    ring = segment.mask & ~(cv2.erode(segment.mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)
    return bool((edge[ring] <= _EDGE).mean() > _ON_EDGE)


def _role_of(segment: Segment, item: Segment) -> Role:
    """Tell what can be done with another thing: what is larger than the item is something to put it on or into.

    What is flat is convex in the picture; what has bays stands upright.
    """
    is_larger = segment.area > _FLAT_FROM * item.area
    is_flat = is_larger and segment.area >= _CONVEX * hull_of(segment.mask).sum()
    return _role_by_walls(segment) if is_flat else "item"


def _is_mark(picture: Frames, mask: Mask, is_edge: Mask, table: Mask) -> bool:
    """Tell whether a segment is a crumb, or a shadow or a reflection: soft, or even and of the table's tint."""
    drawn, kernel = mask.astype(np.uint8), np.ones((3, 3), np.uint8)
    depth = np.asarray(cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 5))[1:-1, 1:-1]
    extent = float(np.sqrt(mask.sum()))
    if extent < _SMALLEST_THING * min(mask.shape) or depth.max() < _THICK * extent:
        return True
    rim = cv2.dilate(drawn, kernel) > cv2.erode(drawn, kernel)
    by_table = rim & (cv2.dilate(table.astype(np.uint8), np.ones((_BESIDE, _BESIDE), np.uint8)) > 0)
    if any(is_edge[part].mean() < _SHARP for part in (rim, by_table) if part.any()):
        return True
    around = (cv2.dilate(drawn, np.ones((_AROUND, _AROUND), np.uint8)) > 0) & table
    if not around.any() or is_edge[depth > _INNER * depth.max()].any():
        return False
    shares = np.median(picture[mask], axis=0) / np.maximum(np.median(picture[around], axis=0), 1)
    return bool(np.ptp(shares) < _TINT * shares.mean() and _DARKEST < shares.mean() < 1)
