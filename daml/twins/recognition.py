"""What lies on a film's table: the item acted on, where it goes, and the other things, each with its role."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.demos import Frames, Reading
from daml.demos.reading.destinations import what_lies_under
from daml.demos.reading.outlines import Outline
from daml.twins.segments import Segment, filled, find_segments
from daml.twins.table import Mask, find_table

Role = Literal["item", "container", "flat"]
"""What can be done with a thing: it is moved, something is put into it, or something is put upon it."""

_SAME = 0.5
"""Share of the outline that was read that a segment covers, if it is that item."""
_SAME_SIZE = (0.5, 4.0)
"""Range of its area, by the outline's."""
_PART = 0.1
"""Share of the smaller of the two that they have in common, if they are parts of one item."""
_UNDER = 0.08
"""Distance from the place that was read within which a destination begins, in shorter sides."""
_ON_EDGE, _EDGE = 0.4, 3
"""Share of an outline within so many pixels of the table's edge from which on it is no thing on the table, but
what the table is seen against."""
_FLAT_FROM = 1.6
"""Area beyond which a thing is something that items are put on or into, by the item's area."""
_FEWEST = 0.3
"""Share of a segment that is left of a destination beside the item, where the two touch in the picture."""
_RIM = 7
"""What is left of the item around its outline is thinner than this [px]."""
_MARGIN = 0.16
"""What is looked at around the crop that the reading proposes, in shorter sides of the picture."""
_SMALLEST_THING = 0.035
"""Square root of the area of another thing, in shorter sides of what is looked at: what is smaller is a crumb."""
_AROUND = 15
"""Side of the neighbourhood whose colour a thing is compared with [px]."""
_SAME_COLOR, _SHADE, _SHINE = 7.0, 45.0, 10.0
"""Differences of colour and lightness, in OpenCV's Lab, of a shadow at most; and of a reflection."""
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
    whole, shown = reading.clean_first_frame, reading.steps[step]
    view = _widened(reading.crop, whole.shape[:2])
    picture = whole[view]
    shape = whole.shape[:2]
    handled, put = filled(shown.outline, shape)[view], filled(shown.put_outline, shape)[view]
    table = find_table(picture, handled, put=put)
    segments = find_segments(table)
    place = np.array(shown.destination) * shape[::-1] - (view[1].start, view[0].start)
    item, destination = _acted_on(segments, handled, place)
    if destination is None:
        destination = _lying_under(picture, put, place)
    others: list[Segment] = []
    taken = item.mask if destination is None else item.mask | destination.mask
    edge = _distance_to_edge(table)
    for segment in segments:
        if not (
            _belongs(segment.mask, taken) or _is_background(segment, edge) or _is_mark(picture, segment.mask, table)
        ):
            others.append(segment)
            taken = taken | segment.mask
    return Sights(
        Sight(_placed(item, view, shape), "item"),
        None if destination is None else Sight(_placed(destination, view, shape), "flat"),
        tuple(
            Sight(_placed(segment, view, shape), "flat" if segment.area > _FLAT_FROM * item.area else "item")
            for segment in others
        ),
        _placed(Segment(table), view, shape).mask,
    )


def _widened(crop: tuple[float, float, float, float], shape: tuple[int, int]) -> tuple[slice, slice]:
    """Return the rows and columns of a crop and of a little more around it."""
    height, width = shape
    margin = _MARGIN * min(shape)
    left, top, right, bottom = crop
    rows = slice(max(round(top * height - margin), 0), min(round(bottom * height + margin), height))
    return rows, slice(max(round(left * width - margin), 0), min(round(right * width + margin), width))


def _placed(segment: Segment, view: tuple[slice, slice], shape: tuple[int, int]) -> Segment:
    """Bring a segment of a part of the picture into the whole."""
    whole = np.zeros(shape, np.bool_)
    whole[view] = segment.mask
    return Segment(whole)


def _acted_on(segments: list[Segment], handled: Mask, place: NDArray[np.float64]) -> tuple[Segment, Segment | None]:
    """Tell which segments are the item that was read and what is at a place, `(2,)` [px]; also where they touch."""
    item, destination = _item_among(segments, handled), _at(segments, place)
    if destination is None or not _belongs(item.mask, destination.mask):
        return item, destination
    beside = destination.mask & ~(cv2.dilate(handled.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)
    rest = cv2.morphologyEx(beside.astype(np.uint8), cv2.MORPH_OPEN, np.ones((_RIM, _RIM), np.uint8)) > 0
    if rest.sum() < _FEWEST * destination.area:
        return item, None  # the item itself is at that place
    return Segment(handled), Segment(rest)


def _lying_under(picture: Frames, put: Mask, place: NDArray[np.float64]) -> Segment | None:
    """Return what lies under the place that an item was put to, where it is of the table's colour."""
    if not put.any():
        return None
    under = what_lies_under(place, Outline(put, place), picture)
    return None if under is None else Segment(under)


def _item_among(segments: list[Segment], handled: Mask) -> Segment:
    """Return the segment that is the item that was read, or that outline itself where there is none.

    Where they share a part only, as where the outline is the upper half of a cup before a wall, the item is both.
    """
    area = max(int(handled.sum()), 1)
    low, high = _SAME_SIZE
    shared = [(int((segment.mask & handled).sum()), segment) for segment in segments]
    same = [
        segment for common, segment in shared if common >= _SAME * area and low * area <= segment.area <= high * area
    ]
    if same:
        return min(same, key=lambda segment: segment.area)
    parts = [
        segment
        for common, segment in shared
        if common >= _PART * min(area, segment.area) and segment.area <= high * area
    ]
    return Segment(np.any([handled, *(part.mask for part in parts)], axis=0))


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


def _is_mark(picture: Frames, mask: Mask, table: Mask) -> bool:
    """Tell whether a segment is a shadow, a crumb or a stain: small, or of the table's colour, if darker."""
    if mask.sum() < (_SMALLEST_THING * min(mask.shape)) ** 2:
        return True
    around = cv2.dilate(mask.astype(np.uint8), np.ones((_AROUND, _AROUND), np.uint8)) > 0
    around &= table
    if not around.any():
        return False
    lab = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)).astype(np.float64)
    lightness, *color = np.median(lab[mask], axis=0) - np.median(lab[around], axis=0)
    return bool(np.linalg.norm(color) < _SAME_COLOR and -_SHADE < lightness < _SHINE)
