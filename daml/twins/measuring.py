"""How large things on a table are, and how they lie, from their outlines and the camera's viewpoint."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.twins.segments import Segment
from daml.twins.viewpoint import ELEVATIONS_DEG, USUAL_ELEVATION_DEG, Viewpoint

_LOWEST = 0.15
"""Least height of what stands on the table, by its width."""
_HIGHEST = 3.0
"""Largest height, likewise: a bottle's."""
_LIKE_ELLIPSE = 0.9
"""Least overlap of a disc's outline with the ellipse fitted to it, by their union; that of a rectangle is 0.85."""
_MOST_TURN_DEG = 15.0
"""Largest turn of that ellipse: discs on a table lie across the picture, whatever the angle."""
_ROUND = 0.93
"""Ratio of its axes from which on an ellipse has no turn."""
_FEWEST_POINTS = 8


class Extent(NamedTuple):
    """A thing on the table, measured by the camera's height."""

    foot: NDArray[np.float64]
    """Middle of where it stands on the table, `(2,)`."""
    size: tuple[float, float, float]
    """Length, width and height."""
    yaw: float
    """Turn of its long side in the table's own frame, in radians."""


def measure_standing(segment: Segment, viewpoint: Viewpoint) -> Extent:
    """Measure a thing that has a height: as deep as wide, it shows its front and its top.

    Args:
        segment: The thing in the picture.
        viewpoint: Where the camera stands.
    """
    left, top, right, bottom = segment.box
    front = viewpoint.on_table(np.array([[left, bottom], [right, bottom], [(left + right) / 2, bottom]]))
    width = float(np.linalg.norm(front[1] - front[0]))
    elevation = float(viewpoint.elevation(front[2:])[0])
    sight = float(np.hypot(viewpoint.distance(front[2:])[0], 0.0)) / viewpoint.focal_length
    seen = (bottom - top) * viewpoint.height * sight  # across the line of sight
    height = (seen - width * np.sin(elevation)) / np.cos(elevation)
    height = float(np.clip(height, _LOWEST * width, _HIGHEST * width))
    depth = float(np.clip((seen - height * np.cos(elevation)) / np.sin(elevation), 0.3 * width, width))
    away = front[2] / np.linalg.norm(front[2])
    return Extent(front[2] + away * depth / 2, (width, depth, height), 0.0)


def measure_lying(segment: Segment, viewpoint: Viewpoint) -> Extent:
    """Measure a thing that hardly has a height: its outline lies on the table; see `measure_standing`."""
    outline = viewpoint.on_table(segment.outline)
    (middle, sides, degrees) = cv2.minAreaRect(outline.astype(np.float32))
    long, short = float(max(sides)), float(max(min(sides), 1e-3))
    yaw = np.deg2rad(degrees if sides[0] >= sides[1] else degrees + 90)
    return Extent(np.array(middle, np.float64), (long, short, 0.0), float(yaw))


def elevation_of(segments: Sequence[Segment]) -> float:
    """Tell at which angle a film's camera looks down on the table, by how flat its round things look.

    A plate or coaster is taken for round where an ellipse that lies across the picture fits its outline. Where there is
    none, the usual angle is taken: five of eleven real films show such a thing, at 31 to 39 degrees.

    Args:
        segments: What lies flat on the table.

    Returns:
        The angle between the line of sight and the table, in degrees.
    """
    angles = [angle for angle in map(_elevation_of_disc, segments) if angle is not None]
    return float(np.clip(np.median(angles), *ELEVATIONS_DEG)) if angles else USUAL_ELEVATION_DEG


def _elevation_of_disc(segment: Segment) -> float | None:
    """Return the angle at which a disc is seen, in degrees; None where a segment is no disc, or cut by the edge."""
    rows, columns = np.nonzero(segment.mask)
    height, width = segment.mask.shape
    if rows[0] == 0 or rows[-1] == height - 1 or columns.min() == 0 or columns.max() == width - 1:
        return None
    outline = np.round(segment.outline * [width, height] - 0.5).astype(np.int32)
    if len(outline) < _FEWEST_POINTS:
        return None
    middle, axes, degrees = cv2.fitEllipse(outline)
    disc = np.zeros(segment.mask.shape, np.uint8)
    cv2.ellipse(disc, (middle, axes, degrees), 1, -1)
    common, either = (segment.mask & (disc > 0)).sum(), (segment.mask | (disc > 0)).sum()
    # OpenCV tells by how much the longer axis is turned from upright.
    lies_across = abs(degrees - 90) <= _MOST_TURN_DEG or min(axes) > _ROUND * max(axes)
    if common < _LIKE_ELLIPSE * either or not lies_across:
        return None
    return float(np.rad2deg(np.arcsin(min(axes) / max(axes))))
