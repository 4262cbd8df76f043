"""How large things on a table are, and how they lie, from their outlines and the camera's viewpoint."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.twins.segments import Segment
from daml.twins.viewpoint import Viewpoint

_LOWEST = 0.15
"""Least height of what stands on the table, by its width."""
_HIGHEST = 3.0
"""Largest height, likewise: a bottle's."""


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
