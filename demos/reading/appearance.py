"""Whether two things look the same: histograms of their colours."""

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from daml.demos.demo import Frames
from daml.demos.reading.hand_paths import Mask

_BINS = (10, 16, 16)
"""Of lightness and of the two colour axes: shade may change where hue does not."""
_RANGES = ((0.0, 256.0), (88.0, 168.0), (88.0, 168.0))
"""OpenCV's Lab; colours of household things lie well inside."""
_BLUR = (0.8, 1.0, 1.0)
"""In bins: two photographs of one thing never have quite the same colours."""

Histogram = NDArray[np.float64]
"""Shares of colours, `_BINS`."""


def color_histogram(picture: Frames, mask: Mask, weight: NDArray[np.float64]) -> Histogram:
    """Count the colours of a part of a picture.

    Args:
        picture: RGB, `(H, W, 3)`.
        mask: The part, `(H, W)`.
        weight: How much each pixel counts, `(H, W)`.

    Returns:
        Shares of each colour; they sum to 1.
    """
    lab = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2LAB))[mask].astype(np.float64)
    counts, _ = np.histogramdd(lab, _BINS, _RANGES, weights=weight[mask])
    smooth = ndimage.gaussian_filter(counts, _BLUR)
    return smooth / max(float(smooth.sum()), 1e-9)


def likeness(one: Histogram, other: Histogram) -> float:
    """Return how much two histograms have in common, from 0 to 1 (Bhattacharyya's coefficient)."""
    return float(np.sqrt(one * other).sum())
