"""Hands on the pictures of one film: where each is in each picture, how fast, and what it hides."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.demos.hands.tracks import MIDDLE_ROOT, WRIST, HandTracks, pinch_points

Mask = NDArray[np.bool_]
Places = NDArray[np.float64]
"""Points of a picture, x and y [px], `(..., 2)`."""

_SMOOTHED_S = 0.15
"""Speeds are averaged over this time: landmarks tremble."""
_FOREARM = 1.5
"""Length of the forearm that is hidden as well, in lengths of the palm."""
_FOREARM_WIDTH = 0.7


@dataclass(frozen=True, eq=False)
class HandPath:
    """One hand on the pictures of a film, from the first to the last that shows it."""

    pictures: NDArray[np.intp]
    """Numbers of the pictures, without gaps, `(n,)`."""
    landmarks: Places
    """`(n, 21, 2)` [px]."""
    is_seen: Mask
    """Whether it was seen in that picture, rather than interpolated, `(n,)`."""
    speed: NDArray[np.float64]
    """Of the pinch point, in shorter sides of the picture per second, `(n,)`."""
    rightness: float
    """How sure it is that this is a right hand, from 0 to 1."""

    @cached_property
    def pinch(self) -> Places:
        """The middle between the tips of thumb and index finger, `(n, 2)` [px]."""
        return pinch_points(self.landmarks)

    @cached_property
    def palm(self) -> NDArray[np.float64]:
        """Length of the palm, from the wrist to the middle finger's root, `(n,)` [px]."""
        return np.linalg.norm(self.landmarks[:, MIDDLE_ROOT] - self.landmarks[:, WRIST], axis=1)


def hand_paths(hands: HandTracks, times_s: NDArray[np.float64], *, size: tuple[int, int]) -> list[HandPath]:
    """Put the tracks of hands on the pictures of a film.

    Args:
        hands: Tracks of the film's hands.
        times_s: When each picture was seen [s], `(T,)`.
        size: Width and height of the pictures [px].

    Returns:
        One path for each hand that is on at least three pictures.
    """
    period_s = float(np.median(np.diff(times_s)))
    paths: list[HandPath] = []
    for track in hands.tracks:
        landmarks = track.at(times_s)
        pictures = np.flatnonzero(np.isfinite(landmarks[:, 0, 0]))
        if len(pictures) < 3:
            continue
        places = landmarks[pictures] * size
        is_seen = track.is_seen_at(times_s[pictures], within_s=0.6 * period_s)
        speed = _speed(pinch_points(places), times_s[pictures], period_s) / min(size)
        paths.append(HandPath(pictures, places, is_seen, speed, track.rightness))
    return paths


def _speed(places: Places, times_s: NDArray[np.float64], period_s: float) -> NDArray[np.float64]:
    """Return the speed along a path, `(n,)` [px / s]."""
    speed = np.linalg.norm(np.gradient(places, times_s, axis=0), axis=1)
    width = 2 * round(_SMOOTHED_S / period_s / 2) + 1
    if width > 1 and len(speed) > width:
        speed = np.convolve(np.pad(speed, width // 2, mode="edge"), np.full(width, 1 / width), "valid")
    return speed


def hand_masks(paths: list[HandPath], shape: tuple[int, int, int], *, margin: float) -> Mask:
    """Mark what hands and the forearms next to them hide.

    Args:
        paths: The hands.
        shape: Number, height and width of the pictures.
        margin: What is hidden around a hand, in pixels.

    Returns:
        `(T, H, W)`.
    """
    masks = np.zeros(shape, np.uint8)
    for path in paths:
        for place, number in enumerate(path.pictures.tolist()):
            landmarks = path.landmarks[place]
            hull = np.asarray(cv2.convexHull(np.asarray(np.rint(landmarks), np.int32)), np.int32)
            cv2.fillConvexPoly(masks[number], hull, 1)
            wrist = landmarks[WRIST]
            palm = wrist - landmarks[MIDDLE_ROOT]
            elbow = wrist + _FOREARM * palm
            width = max(1, round(_FOREARM_WIDTH * float(np.linalg.norm(palm))))
            cv2.line(masks[number], _pixel(wrist), _pixel(elbow), 1, width)
    radius = max(1, round(margin))
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    for number in sorted({int(number) for path in paths for number in path.pictures}):
        masks[number] = cv2.dilate(masks[number], around)
    return masks.astype(np.bool_)


def _pixel(place: Places) -> tuple[int, int]:
    """Return a place as OpenCV takes it."""
    x, y = np.clip(np.round(place), -10_000, 10_000).astype(int)
    return int(x), int(y)
