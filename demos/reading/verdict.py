"""What is made of a move: when, carried or pushed, how surely; and when nothing is sure, what to film differently."""

import math
from collections.abc import Iterable
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from daml.demos.demo import Frames
from daml.demos.reading.hand_paths import HandPath
from daml.demos.reading.moves import ALIKE, Move
from daml.demos.reading.outlines import Outline
from daml.demos.reading.reading import FilmNotReadableError
from daml.demos.reading.still_film import StillFilm

LEAST_CONFIDENCE = 0.5
"""A step that by itself is more likely wrong than right is not told."""
_LIFT, _DETOUR = 0.3, 1.7
"""How far a carried item usually rises at least, as a share of its way across the picture, and how many times as long
as the way its path is: a curved push does a little of both, a trembling one the second. Of the moves read in eleven
real clips, forwards, backwards and cut tightly, the carried ones have a geometric mean of the two, each over this, of
1.2 to 6.8; the pushed ones of 0.4 to 0.7, but for a toy car that was driven in an arc (1.2)."""
CARRIED = 0.62
"""What moves with more was carried. Of simulated films of people, those filmed from above included, the pushed have at
most 0.2, the carried 0.7 and more."""
_GROWTH_POWER = 6.0
"""How much it counts that a hand grows on its way: seen from above a lift does not show in its path, but the hand comes
nearer to the camera, by 2 to 17 % in simulated films."""
_AHEAD, _AHEAD_SLOPE = 0.15, 2.0
"""Who pushes has the item ahead of the hand from the first moment to the last, in lengths of the palm: of simulated
pushes 0.1 to 0.8, of real ones 0.5 to 0.8; who carries has it in the hand, at most 0.25 ahead of it. What exceeds the
first counts by the second."""
_SHORTEST = 0.05
"""A way is taken to be at least so long [shorter sides]."""
_MOST_SLIP = 0.5
"""A larger slip [shorter sides] says no more."""
_VISIBLE = 0.3
"""Least share of an outline that hands leave visible where a picture is to say whether the item is there."""
_THERE = 0.7
"""Share of the visible pixels that look as with the item in its place."""
_NOTHING = 0.1
"""What is less likely is not even mentioned."""
_MOST_LOST = 0.4
"""When in more than this share of the pictures too little of the first is found again, the camera went elsewhere."""
_MOST_MOTION = 0.6
"""When the camera goes farther, in shorter sides, too little of the first picture stays in view."""


@dataclass(frozen=True)
class Calibration:
    """Weights of a logistic function."""

    bias: float
    log_score: float
    """Of the logarithm of the move's score."""
    contrast: float
    """Of how much more alike the item is to itself than the places are without it."""
    stays: float
    """Of how far things stayed as they were."""
    log_explained: float
    """Of the logarithm of the share of all change that it accounts for."""
    slip: float
    """Of how differently the item lay to the hand at the two moments."""


FITTED = Calibration(bias=-2.9, log_score=0.4, contrast=4.7, stays=5.9, log_explained=1.45, slip=-11.0)
"""Fitted to the best move of 25 simulated films of people, of eleven real clips, and of 18 parts of these clips that
show no step. Kept apart in turns, a tenth at a time: of the real parts none is told, of the clips 9 rightly and 1
wrongly, of the simulated films 16 and 1; the expected calibration error is 0.06."""
PLACING = Calibration(bias=1.4, log_score=2.5, contrast=3.0, stays=0.0, log_explained=0.0, slip=-15.0)
"""For what is in the hand from the first picture on: the contrast is that of what was put down with what it covers, the
slip is how far it lies from where the hand let go. Of nine simulated placings four are told, rightly; of seven other
films of people with a hand from the start none would be, but for a push that is read as one before."""


def features(move: Move) -> tuple[float, ...]:
    """Return what the confidence depends on, in the order of `Calibration`."""
    return (
        math.log(max(move.score, 1e-3)),
        move.likeness + move.otherness - 1,
        move.stays * move.held,
        math.log(max(move.explained, 0.01)),
        min(move.slip, _MOST_SLIP),
    )


def confidence(move: Move, calibration: Calibration = FITTED, *, rivals: Iterable[Move] = ()) -> float:
    """Return how likely it is that item and destination of a move are right, from 0 to 1.

    Args:
        move: The move.
        calibration: Weights of what speaks for it.
        rivals: Moves from an item to a place of which at most one can be right if this one is wrong: the odds of the
            strongest count as well.
    """
    odds = math.exp(_log_odds(move, calibration))
    return odds / (1 + odds + max((math.exp(_log_odds(rival, FITTED)) for rival in rivals), default=0.0))


def is_told(move: Move, calibration: Calibration = FITTED, *, rivals: Iterable[Move] = ()) -> bool:
    """Tell whether a move is sure enough by itself, and no rival is surer; arguments are those of `confidence`."""
    by_itself = confidence(move, calibration)
    return by_itself >= LEAST_CONFIDENCE and all(confidence(rival) <= by_itself for rival in rivals)


def _log_odds(move: Move, calibration: Calibration) -> float:
    bias, *weights = astuple(calibration)
    return bias + float(np.dot(weights, features(move)))


def held_between(film: StillFilm, before: Frames, after: Frames, move: Move) -> tuple[int, int]:
    """Find the moments between which an item is moved.

    A hand lingers before it takes something and after it let go. What it does then says nothing of how it carries.

    Args:
        film: The film.
        before: The scene before the move, without hands, `(H, W, 3)`.
        after: The scene afterwards.
        move: The move, with moments in which the hand is near the item's old and new place.

    Returns:
        Two places in the path of the move's hand, the second one later.
    """
    hand, first, last = move.pair.hand, move.pair.start, move.pair.end
    pictures = hand.pictures[first : last + 1]
    is_left = _shows(film, pictures, before, after, move.item)
    is_there = _shows(film, pictures, after, before, move.put)
    # The last picture that shows it where it was ...
    start = first + max(np.flatnonzero(is_left == 1), default=0)
    # ... and the first after the last one that does not show it where it is put.
    end = first + max(np.flatnonzero(is_there == 0), default=-1) + 1
    has_arrived = bool((is_there == 1).any())
    end = min(end, last) if has_arrived else last
    return (int(start), int(end)) if start < end else (first, last)


def _shows(
    film: StillFilm, pictures: NDArray[np.intp], with_it: Frames, without: Frames, outline: Outline
) -> NDArray[np.int_]:
    """Tell of each picture whether an item is in its outline: 1, 0, or -1 where too little is visible, `(n,)`."""
    changes = np.abs(with_it.astype(np.int16) - without).max(axis=2) > ALIKE
    mask = outline.mask & changes
    difference = np.abs(film.frames[pictures][:, mask].astype(np.int16) - with_it[mask]).max(axis=2)
    visible = ~film.hidden[pictures][:, mask]
    n_visible = visible.sum(axis=1)
    share = ((difference < ALIKE) & visible).sum(axis=1) / np.maximum(n_visible, 1)
    return np.where(n_visible < max(_VISIBLE * mask.sum(), 1), -1, (share > _THERE).astype(int))


def carriedness(film: StillFilm, move: Move, moments: tuple[int, int]) -> float:
    """Return how far an item was carried rather than pushed: above `CARRIED` it was carried.

    Args:
        film: The film.
        move: What was moved.
        moments: Between which it moves, as places in the path of the move's hand.

    Returns:
        The geometric mean of lift and detour, each over what a carried item has at least, between these moments, or
        between those in which the hand is nearest to the item's two places, whichever is larger; more where the hand
        grows in between, less where the item is ahead of the hand.
    """
    hand, (first, last) = move.pair.hand, moments
    arc = max(_arc(film, move, *moments), _arc(film, move, move.pair.start, move.pair.end))
    way = move.put.center - move.item.center
    way /= max(float(np.linalg.norm(way)), 1.0)
    palm = max(float(np.median(hand.palm[first : last + 1])), 1.0)
    ahead = min((move.item.center - hand.pinch[first]) @ way, (move.put.center - hand.pinch[last]) @ way) / palm
    return arc * _growth(hand, *moments) ** _GROWTH_POWER * math.exp(-_AHEAD_SLOPE * max(ahead - _AHEAD, 0.0))


def _growth(hand: HandPath, first: int, last: int) -> float:
    """Return how much larger a hand is on its way than at its two ends, at least 1."""
    landmarks = hand.landmarks[first : last + 1]
    sizes = np.sqrt(landmarks.var(axis=1).sum(axis=1))
    n_ends = max(1, len(sizes) // 6) + 1
    ends = math.sqrt(float(np.median(sizes[:n_ends]) * np.median(sizes[-n_ends:])))
    return max(float(np.median(sizes[len(sizes) // 3 : len(sizes) - len(sizes) // 3])) / ends, 1.0)


def _arc(film: StillFilm, move: Move, first: int, last: int) -> float:
    """Return how far a hand's path rises above the straight line between two of its places."""
    path = move.pair.hand.pinch[first : last + 1] / film.unit
    way = path[-1] - path[0]
    length = max(float(np.linalg.norm(way)), _SHORTEST)
    along = np.clip((path - path[0]) @ way / length**2, 0, 1)
    straight = path[0] + along[:, None] * way
    lift = float((straight - path)[:, 1].max()) / length
    detour = float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum()) / length
    return math.sqrt(max(lift, 0.0) / _LIFT * math.log(max(detour, 1.0)) / math.log(_DETOUR))


def refuse_unreadable(film: StillFilm) -> None:
    """Refuse a film before it is read closely.

    Args:
        film: The film.

    Raises:
        FilmNotReadableError: No hand is in it, or the camera moves too far.
    """
    if film.camera.lost > _MOST_LOST or film.camera.extent > _MOST_MOTION:
        raise FilmNotReadableError(
            "the camera moves too far to tell what lies where; put it on something that stands still"
        )
    if not film.hands:
        raise FilmNotReadableError(
            "no hand was found; film the hand that does the task, whole, in light, and at least a tenth of the "
            "picture high"
        )


def advice(film: StillFilm, moves: list[Move]) -> str:
    """Say why none of the moves found is told.

    Args:
        film: The film.
        moves: What was found, none of it sure enough.

    Returns:
        One line: what is seen, and what to film differently.
    """
    best = max(moves, key=lambda move: move.score, default=None)
    if best is None or confidence(best) < _NOTHING:
        return (
            "a hand is seen, but nothing that it took from one place and put down at another; show one item moved "
            "by at least its own width, from where it is seen lying to where it stays in view"
        )
    sure = f"at {film.times_s[best.start]:.1f} to {film.times_s[best.end]:.1f} s, but only {confidence(best):.0%} sure"
    if best.pair.after >= len(film.frames) - 1 or best.pair.hand.pictures[-1] - best.end < 2:
        return (
            f"something may have been moved {sure}: the hand stays on it; let go, take it away and film a second more"
        )
    if best.pair.before == 0:
        return f"something may have been moved {sure}: the hand is there from the start; begin with the table alone"
    if best.likeness < 0.5 or np.isclose(best.size_ratio, 0, atol=0.15):
        return (
            f"something may have been moved {sure}: what was put down does not look like what was taken; leave both "
            "places in view, and let nothing else in the picture move"
        )
    return f"something may have been moved {sure}: film it closer, in more light, with the arm away from both places"
