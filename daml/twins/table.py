"""The table in a picture: the surface around what is handled, whose colour changes slowly across it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.demos import Frames
from daml.demos.reading.outlines import connected_parts

Mask = NDArray[np.bool_]

NEAR = 0.3
"""Distance from what is handled within which the table is looked for, in shorter sides of the picture."""

_LIGHTNESS, _COLOR = 0.4, 1.2
"""Weights of lightness and of colour: lamps and shadows change the first."""
_BIN = 8.0
"""Side of the bins in which the table's colour is looked for, in OpenCV's Lab."""
_ALIKE = 16.0
"""Distance from that colour within which a pixel is taken for table at first, and at most later on."""
_SURELY_ALIKE = 9.0
"""Distance from the fitted colour within which a pixel is table even where the table is very even."""
_N_DEVIATIONS = 3.5
"""Standard deviations of the table's own texture that a pixel may differ by."""
_ROUNDS = 5
"""Times that the colour is fitted again to what was found to be table."""
_SUBSAMPLING = 3
_CLOSE = 0.06
"""Distance, in shorter sides, over which what is near counts e times less: things lie on what is next to them."""
_MARGIN = 3
"""Distance from a thing up to which a pixel may still be part of it [px]."""
_BELOW = 0.06
"""Height of what is looked at below a thing, in shorter sides: farther off the table may end."""
_SECOND = 0.4
"""Weight of what is around the place that the item is put to: that may be a plate."""
_STEEP = 8.0
"""Change of colour from pixel to pixel that is an edge."""


def find_table(picture: Frames, item: Mask, *, put: Mask) -> Mask:
    """Find the surface that things lie on.

    Its colour is a quadratic function of the place in the picture: lamps and windows light a table unevenly.

    Args:
        picture: The scene without hands, RGB `(H, W, 3)`.
        item: What lies on it, for certain, `(H, W)`.
        put: Where that is put later on, which need not be on the table, `(H, W)`.

    Returns:
        The connected part of the picture that has the table's colour, `(H, W)`.
    """
    height, width = item.shape
    unit = min(height, width)
    smooth = cv2.bilateralFilter(picture, 7, 30, 5)
    lab = np.asarray(cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB)).astype(np.float32)
    is_edge = _edges(lab)
    lab *= np.array([_LIGHTNESS, _COLOR, _COLOR], np.float32)
    nearness = _nearness(item) + _SECOND * _nearness(put)
    nearness[item | put] = 0
    is_near = nearness > 0
    if not is_near.any():
        return np.zeros_like(item)
    difference = np.linalg.norm(lab - _main_color(lab[is_near], nearness[is_near]), axis=-1)
    table = _best_part(difference < _ALIKE, is_edge, nearness)
    y, x = np.mgrid[:height, :width].astype(np.float32) / unit - 0.5
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)
    for _ in range(_ROUNDS):
        if table.sum() < terms.shape[-1] * _SUBSAMPLING:
            break
        fitted = np.linalg.lstsq(terms[table][::_SUBSAMPLING], lab[table][::_SUBSAMPLING], rcond=None)[0]
        difference = np.linalg.norm(lab - terms @ fitted, axis=-1)
        deviation = 1.5 * float(np.median(difference[table]))
        is_alike = difference < np.clip(_N_DEVIATIONS * deviation, _SURELY_ALIKE, _ALIKE)
        table = _best_part(is_alike, is_edge, nearness)
    return table


def _nearness(thing: Mask) -> NDArray[np.float64]:
    """Tell how near each pixel is to a thing's lower half, from 0 to 1, `(H, W)`: the upper may be before a wall."""
    unit = min(thing.shape)
    rows = np.flatnonzero(thing.any(axis=1))
    if not len(rows):
        return np.zeros(thing.shape)
    middle = (rows[0] + rows[-1]) // 2
    lower = thing.copy()
    lower[:middle] = False
    distance = np.asarray(cv2.distanceTransform((~lower).astype(np.uint8), cv2.DIST_L2, 5), np.float64)
    near = np.where((distance > _MARGIN) & (distance < NEAR * unit), np.exp(-distance / (_CLOSE * unit)), 0.0)
    near[:middle] = 0
    near[rows[-1] + round(_BELOW * unit) :] = 0
    return near


def _main_color(pixels: NDArray[np.float32], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the most frequent colour, `(3,)`, of some pixels, `(n, 3)`, with weights, `(n,)`."""
    bins, numbers = np.unique(np.round(pixels / _BIN), axis=0, return_inverse=True)
    counts = np.bincount(numbers.ravel(), weights)
    squares = ((bins[:, None] - bins) ** 2).sum(axis=-1)
    density = (np.exp(-squares / 2) * counts).sum(axis=1)
    return bins[density.argmax()].astype(np.float64) * _BIN


def _edges(lab: NDArray[np.float32]) -> Mask:
    """Tell where the colour changes at once, `(H, W)`."""
    across, down = cv2.Sobel(lab, cv2.CV_32F, 1, 0, scale=0.25), cv2.Sobel(lab, cv2.CV_32F, 0, 1, scale=0.25)
    return np.sqrt((across**2 + down**2).sum(axis=-1)) > _STEEP


def _best_part(mask: Mask, is_edge: Mask, nearness: NDArray[np.float64]) -> Mask:
    """Return the part of a mask, connected without crossing an edge, that covers most of what is near."""
    parts = connected_parts((mask & ~is_edge).astype(np.uint8))
    covered = np.bincount(parts.ravel(), nearness.ravel())
    covered[0] = 0
    if not covered.any():
        return np.zeros_like(mask)
    part = (parts == int(covered.argmax())).astype(np.uint8)
    return mask & (cv2.dilate(part, np.ones((3, 3), np.uint8)) > 0)
