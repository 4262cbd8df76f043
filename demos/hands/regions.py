"""Square, turned regions of a picture that hold one hand: found from a palm or from landmarks, cut out, and undone.

The geometry is that of MediaPipe's hand graphs (Apache-2.0), which the two networks were trained with.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.demos.demo import Frames

Points = NDArray[np.float64]
"""Places in a picture [px], `(P, 2)` of x and y."""

WRIST = 0
_MIDDLE_OF_PALM = 2
"""Where the palm's keypoints hold the root of the middle finger."""
_INDEX_JOINT, _MIDDLE_JOINT, _RING_JOINT = 6, 10, 14
_PALM_AND_MIDDLE_JOINTS = (0, 1, 2, 3, 5, 6, 9, 10, 13, 14, 17, 18)
"""Landmarks that say where a hand is: fingertips would make the region jump when a finger bends."""

_PALM_SCALE, _PALM_SHIFT = 2.6, 0.5
"""A hand is so much larger than its palm, and its centre so far towards the fingers."""
_HAND_SCALE, _HAND_SHIFT = 2.0, 0.1
"""The same from the landmarks of palm and middle joints."""
_SAME_HAND = 0.35
"""Regions whose centres are closer than this share of the larger one's side hold one hand."""


@dataclass(frozen=True)
class Region:
    """A square of a picture, turned so that the hand in it points upwards."""

    x: float
    """Centre [px]."""
    y: float
    side: float
    """[px]."""
    angle: float
    """By how much the hand is turned clockwise from pointing upwards [rad]."""

    def cut(self, picture: Frames, *, size: int) -> Frames:
        """Cut the region out of `(H, W, 3)`, `(size, size, 3)`; outside of the picture it is black."""
        scale = self.side / size
        # Where each pixel of the crop lies in the picture.
        axes = scale * _rotation(self.angle)
        corner = np.array([self.x, self.y]) - axes @ np.full(2, (size - 1) / 2)
        return np.asarray(
            cv2.warpAffine(
                picture,
                np.column_stack([axes, corner]),
                (size, size),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_CONSTANT,
            ),
            np.uint8,
        )

    def project(self, points: Points) -> Points:
        """Turn places in the region, as shares of its side, into places of the picture [px]."""
        return np.array([self.x, self.y]) + self.side * (points - 0.5) @ _rotation(self.angle).T


def region_of_palm(box: NDArray[np.float64], keypoints: Points) -> Region:
    """Find the region of a hand from its palm.

    Args:
        box: Centre x and y, width and height of the palm [px].
        keypoints: The palm's seven keypoints, the wrist first [px].

    Returns:
        The region.
    """
    angle = _turn(keypoints[WRIST], keypoints[_MIDDLE_OF_PALM])
    return _enlarged(box[:2], box[2:], angle, scale=_PALM_SCALE, shift=_PALM_SHIFT)


def region_of_hand(landmarks: Points) -> Region:
    """Find the region of a hand from its landmarks in this or the frame before, `(21, 2)` [px]."""
    towards = (0.5 * (landmarks[_INDEX_JOINT] + landmarks[_RING_JOINT]) + landmarks[_MIDDLE_JOINT]) / 2
    angle = _turn(landmarks[WRIST], towards)
    axes = _rotation(angle)
    upright = landmarks[list(_PALM_AND_MIDDLE_JOINTS)] @ axes  # in the hand's own axes
    low, high = upright.min(axis=0), upright.max(axis=0)
    return _enlarged(axes @ ((low + high) / 2), high - low, angle, scale=_HAND_SCALE, shift=_HAND_SHIFT)


def is_any_of(region: Region, others: Iterable[Region]) -> bool:
    """Tell whether a region holds the same hand as one of others."""
    return any(
        math.hypot(region.x - other.x, region.y - other.y) < _SAME_HAND * max(region.side, other.side)
        for other in others
    )


def _turn(start: NDArray[np.float64], end: NDArray[np.float64]) -> float:
    """Return by how much the way from one point to another is turned clockwise from upwards [rad]."""
    along = end - start
    return math.atan2(float(along[0]), -float(along[1]))


def _rotation(angle: float) -> NDArray[np.float64]:
    """Return the matrix that turns (x, y) clockwise, as y points down, `(2, 2)`."""
    cosine, sine = math.cos(angle), math.sin(angle)
    return np.array([[cosine, -sine], [sine, cosine]])


def _enlarged(
    center: NDArray[np.float64], size: NDArray[np.float64], angle: float, *, scale: float, shift: float
) -> Region:
    """Make the square that is `scale` times as large as a rectangle, and shifted towards the fingers."""
    x, y = center + _rotation(angle) @ np.array([0.0, -shift * float(size[1])])
    return Region(float(x), float(y), scale * float(np.max(size)), angle)
