"""From a video file to the tracks of all hands in it."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from daml.demos.demo import Frames
from daml.demos.hands.landmarks import Hand
from daml.demos.hands.linking import TrackLinker
from daml.demos.hands.rewinding import Rewinder
from daml.demos.hands.tracker import HandTracker
from daml.demos.hands.tracks import HandTracks
from daml.demos.video.limits import Stretch
from daml.demos.video.streaming import film_timing, stream_film

MOST_PICTURES = 120
"""Pictures of a film that are looked at: of 10 s filmed at 30 Hz every third ..."""
SLOWEST_RATE_HZ = 6.0
"""... and of a longer one not fewer a second than this: a grasp takes a third of a second."""
_USUAL_RATE_HZ = 10.0
"""For films that do not say how long they are."""
_SHORTEST_S = 0.1
"""Against a division by zero."""
LONGEST_SIDE = 1280
"""Larger pictures are shrunk: a hand is large enough in them, and decoding takes less time."""


@dataclass(frozen=True, eq=False)
class Sighting:
    """One picture of a film and the hands in it, as observers get it."""

    time_s: float
    """When it is shown, counted from the film's first picture."""
    picture: Frames
    """RGB, `(H, W, 3)`, valid during the call alone."""
    hands: list[Hand]
    share: float
    """How much of the film has been looked at, from 0 to 1; 0 where the file does not say how long it is."""


Observer = Callable[[Sighting], object]


def read_hands(
    path: str | Path,
    *,
    start_s: float = 0.0,
    end_s: float = math.inf,
    observers: Iterable[Observer] = (),
) -> HandTracks:
    """Find all hands of a film, picture by picture: only one picture is in memory.

    Args:
        path: A video file or a folder of images.
        start_s: Time of the first picture to look at [s].
        end_s: Time of the last one [s].
        observers: Called with each picture and its hands: for a progress bar, or to keep pictures.

    Returns:
        The tracks; times count from the first picture looked at.

    Raises:
        ImportError: The extra `hands` is not installed.
        FileNotFoundError: There is no such film, or the models are not installed.
        ValueError: The film cannot be decoded.
    """
    tracker = HandTracker()
    rewinder, watchers = Rewinder(tracker.find), list(observers)
    size = 1, 1
    times: list[float] = []
    found: list[list[Hand]] = []
    for sighting in _sightings(Path(path), tracker, start_s, end_s):
        size = sighting.picture.shape[1], sighting.picture.shape[0]
        times.append(sighting.time_s)
        found.append(sighting.hands)
        rewinder.add(sighting.picture, sighting.hands)
        for watch in watchers:
            watch(sighting)
    return link(times, found, size=size)


def link(times_s: list[float], hands: list[list[Hand]], *, size: tuple[int, int]) -> HandTracks:
    """Link the hands of a film's pictures into tracks.

    Args:
        times_s: When each picture is shown [s].
        hands: Its hands.
        size: Width and height of the pictures [px].
    """
    linker = TrackLinker(aspect_ratio=size[0] / size[1])
    for time_s, seen in zip(times_s, hands, strict=True):
        linker.add(time_s, [(hand.landmarks / size, hand.rightness) for hand in seen])
    return HandTracks(np.array(times_s), linker.tracks())


def _sightings(path: Path, tracker: HandTracker, start_s: float, end_s: float) -> Iterator[Sighting]:
    """Go through the pictures of a film, at the rate that suits its length."""
    wanted = Stretch(start_s=start_s, end_s=end_s)
    duration_s, film_rate_hz = film_timing(path)
    if duration_s is not None:
        duration_s = max(min(duration_s, end_s) - start_s, _SHORTEST_S)
    rate_hz = max(MOST_PICTURES / duration_s, SLOWEST_RATE_HZ) if duration_s else _USUAL_RATE_HZ
    if film_rate_hz:  # every n-th picture: evenly in time
        rate_hz = film_rate_hz / math.ceil(film_rate_hz / rate_hz)
    stretch = replace(wanted, max_rate_hz=rate_hz)
    first_s: float | None = None
    for shown_s, picture in stream_film(path, stretch=stretch, longest_side=LONGEST_SIDE):
        first_s = shown_s if first_s is None else first_s
        time_s = shown_s - first_s
        share = min(time_s / duration_s, 1.0) if duration_s else 0.0
        yield Sighting(time_s, picture, tracker.track(picture), share)
