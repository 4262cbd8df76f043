"""From a video file to the film and the hands that are read."""

import math
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

from daml.demos.demo import HumanDemo
from daml.demos.hands.reader import Observer, Sighting, read_hands
from daml.demos.hands.tracks import HandTracks
from daml.demos.reading.still_film import WORKING_SIDE
from daml.demos.video.thinning import ThinnedClip

_MAX_BYTES = 80_000_000
"""Memory of the film that is read: 720 pictures, or two minutes; a longer film is thinned evenly."""


def watch(
    path: str | Path, *, start_s: float = 0.0, end_s: float = math.inf, observers: Iterable[Observer] = ()
) -> tuple[HumanDemo, HandTracks]:
    """Find the hands of a film, and keep a small copy of it, in one pass.

    Args:
        path: A video file or a folder of images.
        start_s: Time of the first picture [s].
        end_s: Time of the last one [s].
        observers: Called with each picture and its hands, as for a progress bar.

    Returns:
        The film as it is read, and its hands.

    Raises:
        ImportError: The extra `hands` is not installed.
        FileNotFoundError: There is no such film, or the models are not installed.
        ValueError: The film cannot be decoded, or shows fewer than two pictures.
    """
    kept = ThinnedClip(max_bytes=_MAX_BYTES, max_rate_hz=math.inf)
    numbers = iter(range(10**9))

    def keep(sighting: Sighting) -> None:
        number = next(numbers)
        if kept.wants(sighting.time_s, number):
            height, width = sighting.picture.shape[:2]
            scale = min(1.0, WORKING_SIDE / max(height, width))
            size = (max(1, round(width * scale)), max(1, round(height * scale)))
            small = np.asarray(cv2.resize(sighting.picture, size, interpolation=cv2.INTER_AREA), np.uint8)
            kept.add(small, time=sighting.time_s, number=number)

    hands = read_hands(path, start_s=start_s, end_s=end_s, observers=[keep, *observers])
    if len(kept.times) < 2:
        raise ValueError(f"{path}: {len(kept.times)} picture(s), but at least 2 are needed; record a longer video")
    return HumanDemo(*kept.gathered(declared_rate_hz=None, times_hold=True)), hands
