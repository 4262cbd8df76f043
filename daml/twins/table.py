"""The table in a picture: the surface around what is handled, whose colour changes slowly across it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.demos import Frames
from daml.demos.reading.outlines import connected_parts

Mask = NDArray[np.bool_]

NEAR = 0.3
"""Distance from what is handled within which the table is looked for, in shorter sides of the picture."""

_LIGHTNESS = 0.6
"""Weight of lightness beside colour: shadows lie on the table."""
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


def find_table(picture: Frames, handled: Mask) -> Mask:
    """Find the surface that things lie on.

    Its colour is a quadratic function of the place in the picture: lamps and windows light a table unevenly.

    Args:
        picture: The scene without hands, RGB `(H, W, 3)`.
        handled: What is known to be no table, or to be handled there, `(H, W)`.

    Returns:
        The connected part of the picture that has the table's colour, `(H, W)`.
    """
    height, width = handled.shape
    unit = min(height, width)
    smooth = cv2.bilateralFilter(picture, 7, 30, 5)
    lab = np.asarray(cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB)).astype(np.float32)
    lab[..., 0] *= _LIGHTNESS
    distance = np.asarray(cv2.distanceTransform((~handled).astype(np.uint8), cv2.DIST_L2, 5))
    near = (distance > 3) & (distance < NEAR * unit)
    if not near.any():
        return np.zeros_like(handled)
    difference = np.linalg.norm(lab - _main_color(lab[near]), axis=-1)
    table = _best_part(difference < _ALIKE, near)
    y, x = np.mgrid[:height, :width].astype(np.float32) / unit - 0.5
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)
    for _ in range(_ROUNDS):
        if table.sum() < terms.shape[-1] * _SUBSAMPLING:
            break
        fitted = np.linalg.lstsq(terms[table][::_SUBSAMPLING], lab[table][::_SUBSAMPLING], rcond=None)[0]
        difference = np.linalg.norm(lab - terms @ fitted, axis=-1)
        deviation = 1.5 * float(np.median(difference[table]))
        table = _best_part(difference < np.clip(_N_DEVIATIONS * deviation, _SURELY_ALIKE, _ALIKE), near)
    return table


def _main_color(pixels: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the most frequent colour, `(3,)`, of some pixels, `(n, 3)`."""
    bins, counts = np.unique(np.round(pixels / _BIN), axis=0, return_counts=True)
    squares = ((bins[:, None] - bins) ** 2).sum(axis=-1)
    density = (np.exp(-squares / 2) * counts).sum(axis=1)
    return bins[density.argmax()].astype(np.float64) * _BIN


def _best_part(mask: Mask, near: Mask) -> Mask:
    """Return the connected part of a mask that covers most of what is near."""
    parts = connected_parts(mask.astype(np.uint8))
    covered = np.bincount(parts[near], minlength=1)
    covered[0] = 0
    return parts == int(covered.argmax()) if covered.any() else np.zeros_like(mask)
