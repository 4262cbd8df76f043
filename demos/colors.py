"""Colours of parts of pictures, and how alike they are."""

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from daml.demos.demo import Frames

_BINS = (10, 22, 22)
"""Of lightness and of the two colour axes: shade may change where hue does not."""
_RANGES = ((0.0, 256.0), (72.0, 184.0), (72.0, 184.0))
"""OpenCV's Lab; most colours of household things lie inside."""
_BLUR = (0.8, 1.0, 1.0)
"""In bins: two photographs of one thing never have quite the same colours."""

Histogram = NDArray[np.float64]
"""Shares of colours, `_BINS`."""


def color_histogram(picture: Frames, mask: NDArray[np.bool_], weight: NDArray[np.float64]) -> Histogram:
    """Count the colours of a part of a picture.

    Args:
        picture: RGB, `(H, W, 3)`.
        mask: The part, `(H, W)`.
        weight: How much each pixel counts, `(H, W)`.

    Returns:
        Shares of each colour; they sum to 1.
    """
    lab = np.asarray(cv2.cvtColor(picture[mask][None], cv2.COLOR_RGB2LAB))[0].astype(np.float64)
    low, high = np.array(_RANGES).T
    lab = np.clip(lab, low, high - 1e-3)  # what is outside is counted as the most saturated
    counts, _ = np.histogramdd(lab, _BINS, _RANGES, weights=weight[mask])
    smooth = ndimage.gaussian_filter(counts, _BLUR)
    return smooth / max(float(smooth.sum()), 1e-9)


def how_alike(one: Histogram, other: Histogram) -> float:
    """Return how much two histograms have in common, from 0 to 1 (Bhattacharyya's coefficient)."""
    return float(np.sqrt(one * other).sum())


def color_distance(
    one: NDArray[np.uint8] | NDArray[np.int16], other: NDArray[np.uint8] | NDArray[np.int16]
) -> NDArray[np.int16]:
    """Return the largest difference of a colour channel [0 to 255], `(...)` of `(..., 3)`."""
    difference = np.abs(np.subtract(one, other, dtype=np.int16))
    # The largest of three is found several times faster channel by channel.
    return np.maximum(np.maximum(difference[..., 0], difference[..., 1]), difference[..., 2])
