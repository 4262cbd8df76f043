"""Hands of single pictures, linked into tracks."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from daml.demos.hands.tracks import HandTrack

_LONGEST_GAP_S = 1.2
"""A hand that was not seen for longer begins a new track."""
_REACH = 0.15
"""A hand is linked to one this close, in shorter sides of the picture, whatever the time in between ..."""
_SPEED_PER_S = 4.0
"""... and farther by this way per second of it, in shorter sides: a quick reach."""
_LONGEST_REACH_S = 0.12
"""Hands stop and turn: beyond this time they get no farther."""
_DELAY_COST_PER_S = 0.2
"""Shorter sides of way that a second's gap counts as, when several tracks could go on with one hand."""
_FEWEST = 3
"""Fewer sightings are no track."""


@dataclass
class _Track:
    times_s: list[float] = field(default_factory=list[float])
    landmarks: list[NDArray[np.float64]] = field(default_factory=list[NDArray[np.float64]])
    rightness: list[float] = field(default_factory=list[float])


class TrackLinker:
    """Links the hands of a film's pictures into tracks, each to the nearest it can have been.

    Args:
        aspect_ratio: Width of the picture over its height.
    """

    def __init__(self, *, aspect_ratio: float) -> None:
        # Shares of width and height become shorter sides.
        self._scale = np.array([max(aspect_ratio, 1.0), max(1 / aspect_ratio, 1.0)])
        self._tracks: list[_Track] = []

    def add(self, time_s: float, hands: list[tuple[NDArray[np.float64], float]]) -> None:
        """Add the hands of the next picture.

        Args:
            time_s: When it was seen [s].
            hands: For each hand its landmarks, as shares, `(21, 2)`, and its rightness.
        """
        links: list[tuple[float, int, int]] = []
        for number, track in enumerate(self._tracks):
            gap_s = time_s - track.times_s[-1]
            if gap_s > _LONGEST_GAP_S:
                continue
            for place, (landmarks, _) in enumerate(hands):
                way = float(np.linalg.norm((landmarks - track.landmarks[-1]).mean(axis=0) * self._scale))
                if way < _REACH + _SPEED_PER_S * min(gap_s, _LONGEST_REACH_S):
                    links.append((way + _DELAY_COST_PER_S * gap_s, number, place))
        taken: dict[int, int] = {}
        for _, number, place in sorted(links):
            if number not in taken.values() and place not in taken:
                taken[place] = number
        for place, (landmarks, rightness) in enumerate(hands):
            if place not in taken:
                self._tracks.append(_Track())
            track = self._tracks[taken.get(place, -1)]
            track.times_s.append(time_s)
            track.landmarks.append(landmarks)
            track.rightness.append(rightness)

    def tracks(self) -> tuple[HandTrack, ...]:
        """Return the tracks of at least three sightings."""
        return tuple(
            HandTrack(np.array(track.times_s), np.stack(track.landmarks), float(np.mean(track.rightness)))
            for track in self._tracks
            if len(track.times_s) >= _FEWEST
        )
