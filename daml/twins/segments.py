"""What stands out from the table in a picture: its parts, each with its outline and its colours."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.demos import Frames
from daml.demos.reading.outlines import connected_parts
from daml.twins.table import Mask

_SMALLEST, _LARGEST = 0.02, 0.6
"""Square root of a thing's area, in shorter sides of the picture: specks are smaller, walls and people larger."""
_THIN = 0.012
"""What is thinner, in shorter sides, is an edge, a cable or a gap between boards."""
_SOLIDITY = 0.55
"""Least area of a thing as a share of its convex hull's."""
_BRIGHT, _BRIGHT_SHARE, _MOST_GAIN = 235.0, 0.9, 2.0
"""A picture's brighter channels [0 to 255] reach the first in a tenth of the pixels of a well-lit scene; and by how
much a dark one is brightened at most."""


@dataclass(frozen=True, eq=False)
class Segment:
    """One thing in the picture.

    Args:
        mask: Its pixels, `(H, W)`.
    """

    mask: Mask

    @property
    def area(self) -> int:
        """Number of pixels."""
        return int(self.mask.sum())

    @property
    def box(self) -> NDArray[np.float64]:
        """Left, top, right and bottom as shares of width and height, `(4,)`."""
        rows, columns = np.flatnonzero(self.mask.any(axis=1)), np.flatnonzero(self.mask.any(axis=0))
        height, width = self.mask.shape
        return np.array(
            [columns[0] / width, rows[0] / height, (columns[-1] + 1) / width, (rows[-1] + 1) / height], np.float64
        )

    @property
    def place(self) -> NDArray[np.float64]:
        """Middle of its box as shares of width and height, `(2,)`."""
        left, top, right, bottom = self.box
        return np.array([(left + right) / 2, (top + bottom) / 2])

    @property
    def outline(self) -> NDArray[np.float64]:
        """Outer edge of its largest part, `(n, 2)` shares."""
        lines, _ = cv2.findContours(self.mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        longest = max(lines, key=cv2.contourArea)
        return (np.asarray(longest, np.float64).reshape(-1, 2) + 0.5) / self.mask.shape[::-1]


def filled(outline: NDArray[np.float64], shape: tuple[int, int]) -> Mask:
    """Fill an outline, `(n, 2)` shares, in a picture of height and width `shape`."""
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.round(outline * shape[::-1] - 0.5).astype(np.int32)], 1)
    return mask > 0


def find_segments(table: Mask) -> list[Segment]:
    """Find what lies on the table: the holes and bays of its surface.

    Args:
        table: Where the table is seen, `(H, W)`.

    Returns:
        Segments, the largest first.
    """
    if not table.any():
        return []
    unit = min(table.shape)
    side = max(3, round(_THIN * unit) | 1)
    kernel = np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)
    rest = (_hull(_with_corners(table)) & ~table).astype(np.uint8)
    parts = connected_parts(np.asarray(cv2.morphologyEx(rest, cv2.MORPH_OPEN, kernel), np.uint8))
    found: list[Segment] = []
    for number in range(1, int(parts.max()) + 1):
        part = _without_holes(parts == number)
        extent = np.sqrt(part.sum()) / unit
        if _SMALLEST <= extent <= _LARGEST and part.sum() >= _SOLIDITY * _hull(part).sum():
            found.append(Segment(part))
    return sorted(found, key=lambda segment: -segment.area)


def colors_of(picture: Frames, mask: Mask) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the main colour of a thing and that of what differs most from it, RGB in [0, 1], `(3,)` each.

    Args:
        picture: RGB, `(H, W, 3)`.
        mask: The thing's pixels, at least one.
    """
    inner = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    pixels = picture[inner if inner.any() else mask].astype(np.float64) / 255
    main = np.median(pixels, axis=0)
    distance = np.linalg.norm(pixels - main, axis=1)
    far = distance >= np.quantile(distance, 0.8)
    return main, np.median(pixels[far], axis=0)


def _with_corners(table: Mask) -> Mask:
    """Add the picture's lower corners that a table goes beyond: what the lower edge cuts off lies on it, too."""
    whole = table.copy()
    if table[-1].any():
        whole[-1, 0] |= table[:, 0].any()
        whole[-1, -1] |= table[:, -1].any()
    return whole


def brightened(picture: Frames) -> Frames:
    """Return a dark picture as it would be in good light, RGB `(H, W, 3)`; a bright one as it is."""
    bright = float(np.quantile(picture.max(axis=-1), _BRIGHT_SHARE))
    gain = float(np.clip(_BRIGHT / max(bright, 1.0), 1.0, _MOST_GAIN))
    return np.clip(picture * np.float32(gain), 0, 255).astype(np.uint8)


def _hull(mask: Mask) -> Mask:
    """Fill the convex hull of a mask."""
    whole = np.zeros(mask.shape, np.uint8)
    y, x = np.nonzero(mask)
    cv2.fillConvexPoly(whole, cv2.convexHull(np.stack([x, y], axis=1).astype(np.int32)), 1)
    return whole > 0


def _without_holes(mask: Mask) -> Mask:
    """Fill what a mask surrounds."""
    whole = np.zeros(mask.shape, np.uint8)
    lines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(whole, lines, -1, 1, cv2.FILLED)
    return whole > 0
