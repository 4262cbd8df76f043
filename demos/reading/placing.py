"""Placing: the hand holds the item from the first picture on, so that only the putting down changes the scene."""

import numpy as np

from daml.demos.colors import color_histogram, how_alike
from daml.demos.demo import Frames
from daml.demos.reading.clean_plates import Plates
from daml.demos.reading.evidence import Pair, Windows, change, withdrawals
from daml.demos.reading.hand_paths import HandPath, Mask
from daml.demos.reading.moves import Move, explained_share, how_surely_held, plates_of, share_alike
from daml.demos.reading.outlines import Outline, outline_put
from daml.demos.reading.still_film import StillFilm
from daml.demos.reading.verdict import PLACING, confidence

_FROM_START_S = 0.3
"""A hand that is seen later than this did not hold anything from the first picture on."""
_OFFSETS = ((0.0, 0.02), (0.0, 0.1))
"""Where what was put down is looked for relative to the pinch point, in units."""
_SLOW_PER_S = 1.0
_LEAST_WAY = 0.06
"""Way of the hand from the start to where it lets go, in units: who begins to film with the item in the hand holds it
near its destination."""
_APART, _MOST = 0.08, 5
"""Places that are looked at more closely are so far apart, in units; and at most so many."""
_LARGEST = 0.03
"""Area of what a hand puts down, in square units: of simulated items 0.002 to 0.01, of shadows and sleeves 0.01 to 0.1.
Larger ones count less."""
_FREE, _FREE_S, _FEWEST, _UNSEEN = 0.1, 0.22, 3, 0.6
"""What was put down is seen for so long, in so many pictures, in which nothing within the first, in units, is hidden;
where its place was not seen so before, it counts by the third."""


def find_placing(film: StillFilm, before: Plates, after: Plates) -> Move | None:
    """Find the putting down of something that was in a hand from the first picture on.

    Args:
        film: The film.
        before: What the scene looked like up to each picture.
        after: What it looked like from each picture on.

    Returns:
        The move from the hand's first place to where it let go; None when no hand put anything down.
    """
    first, then = Windows(before, film.unit), Windows(after, film.unit)
    found: list[Move] = []
    for hand in film.hands:
        if film.times_s[hand.pictures[0]] <= _FROM_START_S:
            moves = [_look_closely(film, before, after, pair) for pair in _candidates(film, hand, first, then)]
            found += [move for move in moves if move is not None]
    return max(found, key=lambda move: confidence(move, PLACING), default=None)


def _candidates(film: StillFilm, hand: HandPath, first: Windows, then: Windows) -> list[Pair]:
    """Find the moments at which most appeared where the hand was, the strongest first, each at a place of its own."""
    came, left = withdrawals(film, hand)
    ways = np.linalg.norm(hand.pinch - hand.pinch[0], axis=1) / film.unit
    found: list[Pair] = []
    for moment in np.flatnonzero(ways > _LEAST_WAY).tolist():
        here = slice(moment, moment + 1)
        for offset in _OFFSETS:
            place = hand.pinch[moment] + np.array(offset) * film.unit
            appeared = float(
                change(first.cut(came[here], place), then.cut(left[here], place), first.bell, film.noise)[0]
            )
            strength = appeared * float(np.exp(-hand.speed[moment] / _SLOW_PER_S))
            found.append(Pair(hand, 0, moment, int(came[moment]), int(left[moment]), hand.pinch[0], place, strength))
    chosen: list[Pair] = []
    for pair in sorted(found, key=lambda pair: -pair.strength):
        if all(np.linalg.norm(pair.put - other.put) > _APART * film.unit for other in chosen):
            chosen.append(pair)
        if len(chosen) == _MOST:
            break
    return chosen


def _look_closely(film: StillFilm, before: Plates, after: Plates, pair: Pair) -> Move | None:
    """Outline what was put down. At first it was in the hand, seldom in sight: there it is a disc of the same area."""
    one, two, trust = plates_of(pair, before, after)
    put = outline_put(one, two, trust=trust, place=pair.put, unit=film.unit, noise=film.noise)
    if put is None:
        return None
    weight = np.ones(put.mask.shape)
    y, x = np.mgrid[: put.mask.shape[0], : put.mask.shape[1]]
    in_hand: Mask = np.hypot(x - pair.taken[0], y - pair.taken[1]) <= np.sqrt(put.area / np.pi)
    if not in_hand.any():
        return None
    return Move(
        pair=pair,
        item=Outline(in_hand, pair.taken),
        put=put,
        likeness=1.0,
        otherness=1 - how_alike(color_histogram(one, put.mask, weight), color_histogram(two, put.mask, weight)),
        size_ratio=min(1.0, _LARGEST * film.unit**2 / put.area),
        held=how_surely_held(film, pair),
        explained=explained_share(film, one, two, trust=trust, mask=put.mask),
        slip=float(np.linalg.norm(put.center - pair.put)) / film.unit,
        stays=_rests(film, one, put, range(pair.before + 1), unseen=_UNSEEN)
        * _rests(film, two, put, range(pair.after, len(film.frames)), unseen=0.0),
    )


def _rests(film: StillFilm, plate: Frames, put: Outline, numbers: range, *, unseen: float) -> float:
    """Return how far a place looks the same in all of some pictures in which no hand or sleeve is near, from 0 to 1.

    A sleeve behind a hand that stays, and what is held still for a while, look as if they had been put down.
    """
    y, x = np.mgrid[: put.mask.shape[0], : put.mask.shape[1]]
    reach = np.sqrt(put.area / np.pi) + _FREE * film.unit
    around: Mask = np.hypot(x - put.center[0], y - put.center[1]) < reach
    free = [number for number in numbers if not film.hidden[number][around].any()]
    if len(free) < _FEWEST or film.times_s[free[-1]] - film.times_s[free[0]] < _FREE_S:
        return unseen
    return share_alike(film, free, plate, put)
