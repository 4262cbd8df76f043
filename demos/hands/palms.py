"""Palms in a picture: the first of the two networks, its anchors, and the choice among overlapping boxes."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.demos.demo import Frames
from daml.demos.hands.network import Network
from daml.demos.hands.regions import Points

_SIDE = 192
"""Side of the square that the network looks at [px]."""
_GRIDS = ((8, 2), (16, 6))
"""Strides of the network's outputs [px], and boxes at each place."""
_N_KEYPOINTS = 7
_SAME_PALM = 0.3
"""Boxes that share so much of their union are one palm (MediaPipe's figure)."""
_STEEPEST = 100.0
"""Scores are clipped here before the exponential."""


@dataclass(frozen=True)
class Palm:
    """One palm found."""

    box: NDArray[np.float64]
    """Centre x and y, width and height [px]."""
    keypoints: Points
    """`(7, 2)` [px], the wrist first."""
    score: float
    """From 0 to 1."""


class PalmDetector:
    """Finds palms in square pictures.

    Args:
        network: MediaPipe's palm detection.
        threshold: Score from which a box counts.
    """

    def __init__(self, network: Network, *, threshold: float) -> None:
        self._network = network
        self._threshold = threshold
        self._anchors = anchors()

    def detect(self, picture: Frames) -> list[Palm]:
        """Find the palms of a picture.

        Args:
            picture: RGB, `(H, W, 3)`.

        Returns:
            Palms, the surest first.
        """
        height, width = picture.shape[:2]
        scale = _SIDE / max(height, width)
        shrunk = cv2.resize(
            picture, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA
        )
        square = np.zeros((_SIDE, _SIDE, 3), np.float32)
        top, left = (_SIDE - shrunk.shape[0]) // 2, (_SIDE - shrunk.shape[1]) // 2
        square[top : top + shrunk.shape[0], left : left + shrunk.shape[1]] = np.asarray(shrunk, np.float32) / 255
        boxes, logits = self._network(square[None])
        scores = 1 / (1 + np.exp(-np.clip(logits[0, :, 0], -_STEEPEST, _STEEPEST)))
        chosen = np.flatnonzero(scores >= self._threshold)
        # Offsets from the anchor, then a size, then keypoints as offsets, all in px of the square.
        values = boxes[0, chosen].astype(np.float64).reshape(len(chosen), 2 + _N_KEYPOINTS, 2)
        values[:, [0, *range(2, values.shape[1])]] += self._anchors[chosen, None]
        corner = np.array([left, top])
        values[:, [0, *range(2, values.shape[1])]] -= corner
        values /= scale
        return merged(values, scores[chosen].astype(np.float64))


def anchors() -> Points:
    """Return the places that the boxes are counted from, `(2016, 2)` [px of the square]."""
    places: list[NDArray[np.float64]] = []
    for stride, n_boxes in _GRIDS:
        line = (np.arange(_SIDE // stride) + 0.5) * stride
        y, x = np.meshgrid(line, line, indexing="ij")
        places.append(np.repeat(np.stack([x, y], axis=-1).reshape(-1, 2), n_boxes, axis=0).astype(np.float64))
    return np.concatenate(places)


def merged(values: NDArray[np.float64], scores: NDArray[np.float64]) -> list[Palm]:
    """Make one palm of the boxes that overlap: their mean, weighted by their scores.

    Args:
        values: Centre, size and keypoints of each box, `(N, 9, 2)` [px].
        scores: Score of each box, `(N,)`.

    Returns:
        Palms, the surest first.
    """
    order = np.argsort(-scores)
    palms: list[Palm] = []
    while len(order):
        overlaps = overlap(values[order[0]], values[order])
        same = order[overlaps > _SAME_PALM]
        weights = scores[same] / scores[same].sum()
        mean = np.tensordot(weights, values[same], axes=1)
        palms.append(Palm(mean[:2].reshape(4), mean[2 : 2 + _N_KEYPOINTS], float(scores[order[0]])))
        order = order[overlaps <= _SAME_PALM]
    return palms


def overlap(one: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of their union that a box, `(9, 2)`, has in common with each of others, `(N, 9, 2)`."""
    low = np.maximum(one[0] - one[1] / 2, others[:, 0] - others[:, 1] / 2)
    high = np.minimum(one[0] + one[1] / 2, others[:, 0] + others[:, 1] / 2)
    sides = np.maximum(high - low, 0.0)
    common = sides[:, 0] * sides[:, 1]
    total = float(one[1, 0] * one[1, 1]) + others[:, 1, 0] * others[:, 1, 1]
    return common / np.maximum(total - common, 1e-9)
