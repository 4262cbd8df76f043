"""What lies on a film's table: the item acted on, where it goes, and the other things, each with its role."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.demos import Frames, Reading
from daml.twins.segments import Segment, filled, find_segments
from daml.twins.table import Mask, find_table

Role = Literal["item", "container", "flat"]
"""What can be done with a thing: it is moved, something is put into it, or something is put upon it."""

_SAME = 0.5
"""Share of the outline that was read that a segment covers, if it is that item."""
_SAME_SIZE = (0.5, 4.0)
"""Range of its area, by the outline's."""
_UNDER = 0.08
"""Distance from the place that was read within which a destination begins, in shorter sides."""
_ON_EDGE, _EDGE = 0.4, 3
"""Share of an outline within so many pixels of the table's edge from which on it is no thing on the table, but
what the table is seen against."""
_FLAT_FROM = 1.6
"""Area beyond which a thing is something that items are put on or into, by the item's area."""
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
    height, width = picture.shape[:2]
    handled, put = filled(shown.outline, (height, width)), filled(shown.put_outline, (height, width))
    table = find_table(picture, handled | put)
    segments = find_segments(table)
    item = _item_among(segments, handled)
    left = [segment for segment in segments if not _belongs(segment.mask, item.mask)]
    destination = _destination_among(left, np.array(shown.destination), picture)
    others: list[Sight] = []
    taken = item.mask | (destination.mask if destination is not None else np.zeros_like(table))
    edge = _distance_to_edge(table)
    left_, top, right, bottom = reading.crop
    for segment in left:
        x, y = segment.place
        if (
            segment is not destination
            and not _belongs(segment.mask, taken)
            and left_ <= x <= right
            and top <= y <= bottom
            and not _is_background(segment, edge)
        ):
            others.append(Sight(segment, "flat" if segment.area > _FLAT_FROM * item.area else "item"))
            taken = taken | segment.mask
    return Sights(
        Sight(item, "item"), None if destination is None else Sight(destination, "flat"), tuple(others), table
    )


def _item_among(segments: list[Segment], handled: Mask) -> Segment:
    """Return the segment that is the item that was read, or that outline itself where there is none."""
    area = max(int(handled.sum()), 1)
    low, high = _SAME_SIZE
    same = [
        segment
        for segment in segments
        if (segment.mask & handled).sum() >= _SAME * area and low * area <= segment.area <= high * area
    ]
    return min(same, key=lambda segment: segment.area, default=Segment(handled))


def _destination_among(segments: list[Segment], place: NDArray[np.float64], picture: Frames) -> Segment | None:
    """Return the segment at the place that an item was put to, or the nearest one that begins close by."""
    height, width = picture.shape[:2]
    near: list[tuple[float, Segment]] = []
    for segment in segments:
        distance = np.asarray(cv2.distanceTransform((~segment.mask).astype(np.uint8), cv2.DIST_L2, 5))
        x, y = (np.clip(place, 0, 1) * [width - 1, height - 1]).round().astype(int)
        near.append((float(distance[y, x]) / min(height, width), segment))
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
