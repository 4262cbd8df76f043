"""What the scene looked like before and after each moment, hands taken out: clean plates."""

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.demos.demo import Frames
from daml.demos.reading.hand_paths import Mask
from daml.demos.reading.still_film import StillFilm

_N_SIGHTINGS = 5
"""A plate's pixel is the median of this many sightings: an arm that passes hides it in fewer."""
_UNSTEADY = 24
"""A sighting that differs from the plate by more in a colour channel [0 to 255] makes its pixel unsteady."""
_MEMORY_S = 0.7
"""Unsteadiness is averaged over this time before, or after, the moment."""


@dataclass(frozen=True, eq=False)
class Plates:
    """Plates on one side of each moment, the moment's own picture included."""

    pictures: Frames
    """RGB, `(T, H, W, 3)`."""
    is_known: Mask
    """Whether the pixel was seen at all on that side, `(T, H, W)`."""
    steadiness: NDArray[np.float32]
    """Share of the sightings nearby that look like the plate, 0 where it is not known, `(T, H, W)`."""


def plates_before(film: StillFilm) -> Plates:
    """Return what the scene looked like up to each picture."""
    return _plates(film, np.arange(len(film.frames)))


def plates_after(film: StillFilm) -> Plates:
    """Return what the scene looked like from each picture on."""
    return _plates(film, np.arange(len(film.frames))[::-1])


def _plates(film: StillFilm, order: NDArray[np.intp]) -> Plates:
    """Go through the pictures in an order, keeping the last sightings of each pixel."""
    pictures = np.empty_like(film.frames)
    is_known = np.zeros(film.hidden.shape, np.bool_)
    steadiness = np.zeros(film.hidden.shape, np.float32)
    last = [np.zeros(film.frames.shape[1:], np.uint8) for _ in range(_N_SIGHTINGS)]
    seen = np.zeros(film.hidden.shape[1:], np.bool_)
    period_s = float(np.median(np.diff(film.times_s)))
    memory = np.float32(np.exp(-period_s / _MEMORY_S))
    agreed, weight = np.zeros(seen.shape, np.float32), np.zeros(seen.shape, np.float32)
    for number in order:
        visible = ~film.hidden[number]
        frame = film.frames[number]
        # OpenCV copies and compares several pixels at a time, NumPy one.
        known, new = (visible & seen).astype(np.uint8), (visible & ~seen).astype(np.uint8)
        for older, newer in pairwise([*last, frame]):
            cv2.copyTo(newer, known, older)
        for sighting in last:
            cv2.copyTo(frame, new, sighting)
        seen |= visible
        plate = _median(last)
        alike = _difference(frame, plate) <= _UNSTEADY
        share = np.where(visible, 1 - memory, np.float32(0))
        agreed = agreed * (1 - share) + share * alike
        weight = weight * (1 - share) + share
        pictures[number], is_known[number] = plate, seen
        steadiness[number] = agreed / np.maximum(weight, 1e-6)
    return Plates(pictures, is_known, steadiness)


def _median(pictures: list[Frames]) -> Frames:
    """Return the median of five pictures, pixel by pixel."""
    a, b, c, d, e = pictures
    a, b = cv2.min(a, b), cv2.max(a, b)
    c, d = cv2.min(c, d), cv2.max(c, d)
    # Neither the least nor the greatest of these four is the median.
    a, b = cv2.max(a, c), cv2.min(b, d)
    a, b = cv2.min(a, b), cv2.max(a, b)
    return np.asarray(cv2.max(a, cv2.min(b, e)), np.uint8)


def _difference(one: Frames, other: Frames) -> Frames:
    """Return the largest difference of a colour channel, `(H, W)`."""
    red, green, blue = cv2.split(cv2.absdiff(one, other))
    return np.asarray(cv2.max(cv2.max(red, green), blue), np.uint8)
