"""The part of a picture in which a demonstration happens, and what it looked like before any hand came."""

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.demos.demo import Frames, HumanDemo
from daml.demos.reading.hand_paths import Mask
from daml.demos.reading.moves import Move
from daml.demos.reading.still_film import StillFilm

_MARGIN = 0.2
"""Shorter sides around what was acted on: neighbours, among which the item is to be chosen, are part of the scene."""
_N_SIGHTINGS = 9
"""Pictures that a clean pixel is the median of, at the most."""
_SMALLEST = 0.6
"""Smallest side of the crop, in shorter sides of the picture."""


def clean_first_frame(film: HumanDemo, still: StillFilm, first: Move) -> Frames:
    """Compose the first picture without hands: each pixel is the median of its sightings before the first step.

    What a hand hid all that time is taken from later; what was never seen stays as the first picture shows it.

    Args:
        film: The film, of any size.
        still: The same, as it is read.
        first: The first step.

    Returns:
        RGB, `(H, W, 3)`, of the film's size.
    """
    clean = film.frames[0].copy()
    n_before = max(first.pair.before + 1, 1)
    is_missing = np.ones(clean.shape[:2], np.bool_)
    for low, high in ((0, n_before), (n_before, len(film))):
        if high > low and is_missing.any():
            numbers = np.unique(np.linspace(low, high - 1, min(_N_SIGHTINGS, high - low)).round().astype(int))
            median, is_seen = _median_sighting(film, still, numbers.tolist())
            fills = is_missing & is_seen
            clean[fills] = median[fills]
            is_missing &= ~is_seen
    return clean


def _median_sighting(film: HumanDemo, still: StillFilm, numbers: list[int]) -> tuple[Frames, Mask]:
    """Return the median of what is visible in some pictures, as from where the first was taken; and what is seen."""
    height, width = film.frames.shape[1:3]
    scale = np.diag([width / still.size[0], height / still.size[1], 1.0])
    pictures: list[Frames] = []
    hidden: list[Mask] = []
    for number in numbers:
        transform = scale @ still.camera.transforms[number] @ np.linalg.inv(scale)
        picture = np.asarray(film.frames[number], np.uint8)
        if not np.allclose(transform, np.eye(3)):
            flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
            picture = np.asarray(cv2.warpPerspective(picture, transform, (width, height), flags=flags), np.uint8)
        pictures.append(picture)
        mask = cv2.resize(np.asarray(still.hidden[number], np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
        hidden.append(np.asarray(mask) > 0)
    # Hidden sightings go to the end of each pixel's row, beyond its visible ones.
    is_hidden = np.stack(hidden)
    values = np.where(is_hidden[..., None], np.int16(256), np.stack(pictures).astype(np.int16))
    values.sort(axis=0)
    n_seen = (~is_hidden).sum(axis=0)
    middle = np.maximum(n_seen - 1, 0) // 2
    median = np.take_along_axis(values, middle[None, ..., None], axis=0)[0]
    return np.clip(median, 0, 255).astype(np.uint8), n_seen > 0


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
