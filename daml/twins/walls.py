"""Telling by its outline whether a thing has walls, as a bowl, or is flat, as a plate."""

import numpy as np
from numpy.typing import NDArray

from daml.twins.segments import Segment, hull_of

_MEANS = np.array([0.7162, 0.4551, -0.1262])
_DEVIATIONS = np.array([0.1771, 0.0792, 0.1628])
_WEIGHTS, _CONSTANT = np.array([0.999, -1.253, -0.384]), -0.034
"""Logistic regression over the shares that `outline_shares` returns, as `scripts/fit_walls.py` fits it."""

_THRESHOLD = 0.7
"""Probability from which on a thing has walls: exceeded by 7 of 100 flat things that the regression was not fitted to,
and by 52 of 100 containers (62 bowls, 93 cups); in eleven real films by none of seven flat destinations. From 0.6 on it
would be 9 and 67, and a plate that its item partly covers."""

_WIDEST, _END = 0.95, 5
"""A row is one of the widest from this share of the greatest width on; and a fifth of all rows is an end."""

_TALLEST = 1.3
"""Height of a container in the picture, by its width, at most: what is higher is a bottle or a can."""

_WHOLE = 0.9
"""Least area as a share of the convex hull's."""


def has_walls(segment: Segment) -> bool:
    """Tell whether a thing has walls.

    The rim of a bowl is its widest part, and lies above the middle of its outline, which is narrower below. What is
    flat is widest near the middle. An outline that the picture's edge cuts off, or something else, tells nothing.

    Args:
        segment: The thing in the picture.
    """
    mask = segment.mask
    if mask[0].any() or mask[-1].any() or mask[:, 0].any() or mask[:, -1].any():
        return False
    if segment.area < _WHOLE * hull_of(mask).sum():
        return False
    shares = np.array(outline_shares(segment))
    odds = float((shares - _MEANS) / _DEVIATIONS @ _WEIGHTS) + _CONSTANT
    return bool(shares[0] <= _TALLEST and odds > np.log(_THRESHOLD / (1 - _THRESHOLD)))


def outline_shares(segment: Segment) -> tuple[float, float, float]:
    """Describe an outline by figures that do not depend on its size.

    Args:
        segment: The thing in the picture.

    Returns:
        Height by width; height of the widest rows from the top, by the whole; and logarithm of the width of the lowest
        rows by that of the uppermost.
    """
    rows, columns = np.flatnonzero(segment.mask.any(axis=1)), np.flatnonzero(segment.mask.any(axis=0))
    height, width = int(rows[-1] - rows[0]) + 1, int(columns[-1] - columns[0]) + 1
    widths: NDArray[np.int64] = segment.mask[rows[0] : rows[-1] + 1].sum(axis=1)
    widest = np.flatnonzero(widths >= _WIDEST * int(widths.max()))
    end = max(height // _END, 1)
    narrowing = max(float(np.mean(widths[-end:])) / max(float(np.mean(widths[:end])), 1.0), 0.05)
    return height / width, float(widest.mean()) / height, float(np.log(narrowing))
