"""Clean-plate evidence: pairs of moments at which a hand took something away and put something down.

Where a hand took something, the scene before differs from the scene afterwards; where it only passed, it does not. So
for each pair of moments of a hand, what changed between the plate before the first and the plate after the second is
looked up near the hand at both.
"""

from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.demos.hands.tracks import FINGERTIPS, WRIST
from daml.demos.reading.clean_plates import Plates
from daml.demos.reading.hand_paths import HandPath
from daml.demos.reading.still_film import StillFilm

_DISC = 0.05
"""Radius of the bell-shaped window that changes are weighed with, in shorter sides."""
_OFFSETS = (
    (0.0, 0.02, 1.0),
    (0.0, 0.1, 0.85),
    (0.0, 0.2, 0.75),
    (0.0, 0.3, 0.65),
    (0.09, 0.08, 0.8),
    (-0.09, 0.08, 0.8),
)
"""Where the window lies relative to the pinch point, in shorter sides, and how much evidence there counts: what is held
by its top, or dropped, is below the fingers."""
_BEYOND = ((0.0, 0.85), (0.35, 0.8))
"""Windows at the fingertips' middle, farther from the wrist by a share, and how much evidence there counts: what is
pushed lies ahead of the fingers."""
_WITHDRAWN = 0.12
"""A hand that has moved so far from a place, in shorter sides, no longer holds what is there."""
SATURATION = 3
"""What exceeds the film's noise by more times the noise counts no more."""
_SLOW_PER_S = 1.0
"""Hands grasp and release slowly: evidence falls by e for each of these speeds [shorter sides per second]."""
_NEAREST, _SHORTEST_S, _LONGEST_S = 0.1, 0.15, 30.0
"""Least way between the two places, in shorter sides; least and greatest time between the two moments."""
_WEAKEST = 0.04
_SAME_PLACE, _SAME_TIME_S = 0.08, 0.7
"""Pairs whose places and moments are all closer than this are one; the strongest stands for them."""
_MOST = 40
"""Pairs that are looked at more closely."""
_N_SORTED = 6000

_Value = TypeVar("_Value", np.uint8, np.float32)


@dataclass(frozen=True, eq=False)
class Pair:
    """Two moments of one hand: what it took at the first, it put down at the second."""

    hand: HandPath
    start: int
    """The first moment, a place in the hand's path."""
    end: int
    before: int
    """Number of the last picture in which the hand had not come to the first place yet."""
    after: int
    """Number of the first picture in which it had left the second place."""
    taken: NDArray[np.float64]
    """Where something was taken away, `(2,)` [px]."""
    put: NDArray[np.float64]
    strength: float


def find_pairs(film: StillFilm, before: Plates, after: Plates) -> list[Pair]:
    """Find the pairs of moments with the strongest evidence.

    Args:
        film: The film.
        before: What the scene looked like up to each picture.
        after: What it looked like from each picture on.

    Returns:
        Pairs, the strongest first, none twice.
    """
    first, then = Windows(before, film.unit), Windows(after, film.unit)
    found = [pair for hand in film.hands for pair in _pairs_of(film, hand, first, then)]
    found.sort(key=lambda pair: -pair.strength)
    kept: list[Pair] = []
    for pair in found:
        if not any(_are_same(film, pair, other) for other in kept):
            kept.append(pair)
        if len(kept) == _MOST:
            break
    return kept


class Windows:
    """Cuts windows out of plates at half their size: four times as fast, and an item still has several pixels.

    Args:
        plates: The plates.
        unit: What lengths are measured in [px].
    """

    def __init__(self, plates: Plates, unit: float) -> None:
        height, width = plates.pictures.shape[1:3]
        self.size = (max(1, width // 2), max(1, height // 2))
        radius = _DISC * unit / 2
        self.margin = max(2, int(2 * radius))
        offsets = np.arange(-self.margin, self.margin + 1)
        bell = np.exp(-(offsets[:, None] ** 2 + offsets**2) / (2 * radius**2))
        self.bell: NDArray[np.float32] = (bell / bell.sum()).astype(np.float32).ravel()
        margins = ((0, 0), (self.margin, self.margin), (self.margin, self.margin))
        halves = _halved(plates.pictures, self.size)
        # Channels first: the largest of the three is found several times faster.
        self._pictures = np.pad(halves.transpose(3, 0, 1, 2), ((0, 0), *margins), mode="edge").astype(np.int16)
        weights = (plates.steadiness * plates.is_known).astype(np.float32)
        self._weights = np.pad(_halved(weights, self.size), margins, mode="edge")

    def cut(
        self, numbers: NDArray[np.intp], place: NDArray[np.float64]
    ) -> tuple[NDArray[np.int16], NDArray[np.float32]]:
        """Cut the window at a place [px] out of pictures: colours `(3, n, P)`, and how steady they are, `(n, P)`."""
        x, y = np.clip(np.round(place / 2).astype(int), 0, np.array(self.size) - 1)
        side = 2 * self.margin + 1
        colors = self._pictures[:, numbers, y : y + side, x : x + side]
        weights = self._weights[numbers, y : y + side, x : x + side]
        n = len(numbers)
        return colors.reshape(3, n, side * side), weights.reshape(n, side * side)


def _halved(pictures: NDArray[_Value], size: tuple[int, int]) -> NDArray[_Value]:
    """Shrink `(T, H, W, ...)` to a size."""
    shrunk = [
        np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), pictures.dtype) for picture in pictures
    ]
    return np.stack(shrunk)


def _pairs_of(film: StillFilm, hand: HandPath, first: Windows, then: Windows) -> list[Pair]:
    """Weigh all pairs of moments of one hand."""
    n, unit, pinch = len(hand.pictures), film.unit, hand.pinch
    times_s = film.times_s[hand.pictures]
    ways = np.linalg.norm(pinch[:, None] - pinch[None], axis=2) / unit
    came, left = withdrawals(film, hand)
    windows = _windows(hand, unit)
    taken, put = np.zeros((2, len(windows), n, n), np.float32)
    for number, (places, worth) in enumerate(windows):
        for moment, place in enumerate(places):
            here = slice(moment, moment + 1)
            starting = change(first.cut(came[here], place), then.cut(left[moment:], place), first.bell, film.noise)
            ending = change(first.cut(came[: moment + 1], place), then.cut(left[here], place), first.bell, film.noise)
            taken[number, moment, moment:] = worth * starting
            put[number, : moment + 1, moment] = worth * ending
    product, taken_at, put_at = _strongest(taken, put)
    slowness = np.exp(-hand.speed / _SLOW_PER_S)
    strength = np.sqrt(product * slowness[:, None] * slowness)
    lasts_s = times_s[None] - times_s[:, None]
    strength[(ways < _NEAREST) | (lasts_s < _SHORTEST_S) | (lasts_s > _LONGEST_S)] = 0
    at = np.stack([places for places, _ in windows])
    pairs: list[Pair] = []
    for place in np.argsort(-strength, axis=None)[:_N_SORTED]:
        start, end = divmod(int(place), n)
        if strength[start, end] < _WEAKEST:
            break
        pairs.append(
            Pair(
                hand=hand,
                start=start,
                end=end,
                before=int(came[start]),
                after=int(left[end]),
                taken=at[taken_at[start, end], start],
                put=at[put_at[start, end], end],
                strength=float(strength[start, end]),
            )
        )
    return pairs


def _windows(hand: HandPath, unit: float) -> list[tuple[NDArray[np.float64], float]]:
    """Return where evidence is looked for at each moment, `(n, 2)` [px], and how much it counts."""
    windows = [(hand.pinch + np.array([right, down]) * unit, worth) for right, down, worth in _OFFSETS]
    tips = hand.landmarks[:, FINGERTIPS].mean(axis=1)
    ahead = tips - hand.landmarks[:, WRIST]
    return windows + [(tips + share * ahead, worth) for share, worth in _BEYOND]


def withdrawals(film: StillFilm, hand: HandPath) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Find when a hand came to where it is at each moment, and when it has left again.

    A hand that was not seen counts as gone. One that was there when the film began never came: then what shows around
    it up to the moment must do; and in the same way for one that is still there when the film ends.

    Returns:
        Numbers of pictures, `(n,)` each.
    """
    n, pinch, last = len(hand.pictures), hand.pinch, len(film.frames) - 1
    is_near = np.linalg.norm(pinch[:, None] - pinch[None], axis=2) < _WITHDRAWN * film.unit
    is_near &= hand.is_seen[None]
    came, left = hand.pictures.copy(), hand.pictures.copy()
    first_free, last_free = int(hand.pictures[0]) - 1, int(hand.pictures[-1]) + 1
    for moment in range(n):
        gone = np.flatnonzero(~is_near[moment, :moment])
        if len(gone):
            came[moment] = hand.pictures[gone[-1]]
        elif first_free >= 0:
            came[moment] = first_free
        gone = np.flatnonzero(~is_near[moment, moment + 1 :])
        if len(gone):
            left[moment] = hand.pictures[moment + 1 + gone[0]]
        elif last_free <= last:
            left[moment] = last_free
    return came, left


def change(
    one: tuple[NDArray[np.int16], NDArray[np.float32]],
    other: tuple[NDArray[np.int16], NDArray[np.float32]],
    bell: NDArray[np.float32],
    noise: float,
) -> NDArray[np.float32]:
    """Weigh how much windows differ, in a film's noise, `(n,)`."""
    red, green, blue = np.abs(one[0] - other[0])
    excess = np.maximum(np.maximum(red, green), blue) / np.float32(noise) - 1
    return (np.clip(excess, 0, SATURATION) * (one[1] * other[1])) @ bell


def _strongest(
    taken: NDArray[np.float32], put: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.intp], NDArray[np.intp]]:
    """Choose for each pair of moments the two windows with the largest product of changes.

    What is held stays where it is relative to the hand, or falls: so the second window is the first one, or below it.
    Otherwise what was put down, seen from above, would count as what was taken.

    Args:
        taken: Change in each window at the first moment, `(windows, n, n)`.
        put: Change in each window at the second.

    Returns:
        The product, and the numbers of the two windows, `(n, n)` each.
    """
    product = np.zeros_like(taken[0])
    taken_at, put_at = np.zeros_like(product, np.intp), np.zeros_like(product, np.intp)
    down = [down for _, down, _ in _OFFSETS]
    for one in range(len(taken)):
        for other in range(len(put)):
            is_below = max(one, other) < len(down) and down[other] > down[one] + _DISC
            if one == other or is_below:
                values = taken[one] * put[other]
                higher = values > product
                product[higher], taken_at[higher], put_at[higher] = values[higher], one, other
    return product, taken_at, put_at


def _are_same(film: StillFilm, one: Pair, other: Pair) -> bool:
    """Tell whether two pairs are one."""
    if one.hand is not other.hand:
        return False
    pinch, times_s = one.hand.pinch, film.times_s[one.hand.pictures]
    return all(
        np.linalg.norm(pinch[here] - pinch[there]) < _SAME_PLACE * film.unit
        and abs(times_s[here] - times_s[there]) < _SAME_TIME_S
        for here, there in ((one.start, other.start), (one.end, other.end))
    )
