"""The part of a picture in which a demonstration happens, and what it looked like before any hand came."""

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.demos.demo import Frames
from daml.demos.reading.clean_plates import Plates
from daml.demos.reading.moves import Move
from daml.demos.reading.still_film import StillFilm

_MARGIN = 0.2
"""Shorter sides around what was acted on: neighbours, among which the item is to be chosen, are part of the scene."""
_SMALLEST = 0.6
"""Smallest side of the crop, in shorter sides of the picture."""


def clean_first_frame(film: StillFilm, after: Plates, first: Move) -> Frames:
    """Compose the first picture without hands: each pixel is the median of its sightings before the first step.

    What a hand hid all that time is taken from later; what was never seen stays as the first picture shows it.

    Args:
        film: The film.
        after: What the scene looked like from each picture on.
        first: The first step.

    Returns:
        RGB, `(H, W, 3)`.
    """
    n = max(first.pair.before + 1, 1)
    clean = film.frames[0].copy()
    clean[after.is_known[0]] = after.pictures[0][after.is_known[0]]
    seen = np.where(film.hidden[:n, ..., None], np.nan, film.frames[:n].astype(np.float32))
    is_seen = ~film.hidden[:n].all(axis=0)
    clean[is_seen] = np.nanmedian(seen[:, is_seen], axis=0).astype(np.uint8)
    return clean


def workspace(film: StillFilm, moves: list[Move]) -> tuple[float, float, float, float]:
    """Choose a square part of the picture that shows all that was acted on, as shares of width and height."""
    size, unit = np.array(film.size), min(film.size)
    y, x = np.nonzero(np.any([outline.mask for move in moves for outline in (move.item, move.put)], axis=0))
    low, high = np.array([x.min(), y.min()]), np.array([x.max() + 1, y.max() + 1])
    side = min(max(float((high - low).max()) + 2 * _MARGIN * unit, _SMALLEST * unit), float(unit))
    corner = np.clip((low + high) / 2 - side / 2, 0, size - side)
    left, top, right, bottom = [*(corner / size), *((corner + side) / size)]
    return float(left), float(top), float(right), float(bottom)


def contour(mask: NDArray[np.bool_], size: tuple[int, int]) -> NDArray[np.float64]:
    """Trace the outer edge of a mask, `(n, 2)` shares of width and height."""
    lines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    longest = max(lines, key=cv2.contourArea)
    return (np.asarray(longest, np.float64).reshape(-1, 2) + 0.5) / size
