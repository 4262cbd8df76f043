"""Placing: the hand holds the item from the first picture on, so that only the putting down changes the scene."""

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.demos.colors import color_histogram, how_alike
from daml.demos.demo import Frames
from daml.demos.reading.clean_plates import Plates
from daml.demos.reading.evidence import Pair, Windows, change, withdrawals
from daml.demos.reading.hand_paths import HandPath, Mask
from daml.demos.reading.moves import ALIKE, Move, explained_share, how_surely_held, plates_of, stays
from daml.demos.reading.outlines import Outline, connected_parts, outline_put
from daml.demos.reading.still_film import StillFilm

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
_IN_HAND = 0.22
"""What is held lies within this distance of the pinch point, in units."""
_LIKE_ITEM = 0.15
"""A colour this common in the item, as a share of its commonest, is one of the item's."""
_FEWEST_PX = 6
_LEAST_SIZE_RATIO = 0.15
"""What was put down is not so much larger or smaller than what was in the hand: of simulated placings 0.6, of a hand
that only waves 0.01."""


def find_placing(film: StillFilm, before: Plates, after: Plates) -> Move | None:
    """Find the putting down of something that was in a hand from the first picture on.

    Args:
        film: The film.
        before: What the scene looked like up to each picture.
        after: What it looked like from each picture on.

    Returns:
        The move from the hand's first place to where it let go; None when nothing was put down that was in the hand.
    """
    first, then = Windows(before, film.unit), Windows(after, film.unit)
    found: list[Move] = []
    for hand in film.hands:
        if film.times_s[hand.pictures[0]] <= _FROM_START_S:
            moves = [_look_closely(film, before, after, pair) for pair in _candidates(film, hand, first, then)]
            found += [move for move in moves if move is not None]
    return max(found, key=lambda move: move.score, default=None)


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
    """Outline what was put down, and find it in the hand of the first picture."""
    one, two, trust = plates_of(pair, before, after)
    put = outline_put(one, two, trust=trust, place=pair.put, unit=film.unit, noise=film.noise)
    if put is None:
        return None
    weight = np.ones(put.mask.shape)
    item_colors = color_histogram(two, put.mask, weight)
    covered = color_histogram(one, put.mask, weight)
    number = int(pair.hand.pictures[0])
    gone = np.abs(film.frames[number].astype(np.int16) - two).max(axis=2) > ALIKE
    item = _in_hand(film, film.frames[number], pair.hand.pinch[0], two[put.mask], gone=gone)
    if item is None:
        return None
    areas = item.area, put.area
    if min(areas) < _LEAST_SIZE_RATIO * max(areas):
        return None
    return Move(
        pair=pair,
        item=item,
        put=put,
        likeness=how_alike(color_histogram(film.frames[number], item.mask, weight), item_colors),
        otherness=1 - how_alike(covered, item_colors),
        size_ratio=min(areas) / max(areas),
        held=how_surely_held(film, pair),
        explained=explained_share(film, one, two, trust=trust, mask=put.mask),
        slip=0.0,
        stays=stays(film, two, put, pair, moment=pair.end, step=1),
    )


def _in_hand(
    film: StillFilm, picture: Frames, pinch: NDArray[np.float64], colors: NDArray[np.uint8], *, gone: Mask
) -> Outline | None:
    """Outline what has the item's colours near the pinch point, and is gone with the hand."""
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]]
    is_near: Mask = np.hypot(x - pinch[0], y - pinch[1]) < _IN_HAND * film.unit
    lab = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2LAB), np.uint8) // 16
    item = np.asarray(cv2.cvtColor(colors[None], cv2.COLOR_RGB2LAB), np.uint8)[0] // 16
    counts = np.zeros((16, 16, 16))
    np.add.at(counts, tuple(item.T), 1)
    is_item = (counts > _LIKE_ITEM * counts.max())[tuple(np.moveaxis(lab, 2, 0))] & is_near & gone
    parts = connected_parts(is_item.astype(np.uint8))
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    if sizes.max() < _FEWEST_PX:
        return None
    mask = parts == int(sizes.argmax())
    rows, columns = np.nonzero(mask)
    return Outline(mask, np.array([columns.mean(), rows.mean()]))
