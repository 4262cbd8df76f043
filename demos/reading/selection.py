"""Which of the moves found are steps of the demonstration: those that together explain the film best."""

from dataclasses import replace

import numpy as np

from daml.demos.reading.moves import Move
from daml.demos.reading.still_film import StillFilm
from daml.demos.reading.verdict import confidence

_COST = 0.4
"""What each further step costs, as a share of the best move's score: one push with a pause is one step."""
_ELSEWHERE = 0.2
"""A hand that goes on farther from where it let go, in shorter sides, has begun another step."""
_SAME_PLACE = 0.05
"""Moves whose places are closer than this, in units, tell the same."""
_OTHER_PLACE = 0.1
"""Moves one of whose places is farther from a step's than this, in units, tell something else."""


def choose_steps(film: StillFilm, moves: list[Move]) -> list[Move]:
    """Choose moves that follow one another: those with the largest sum of scores, less a cost for each.

    Args:
        film: The film.
        moves: All moves found.

    Returns:
        The chosen ones, in order of time.
    """
    if not moves:
        return []
    cost = _COST * max(move.score for move in moves)
    ordered = sorted((move for move in moves if move.score > cost), key=lambda move: move.end)
    best: list[tuple[float, list[Move]]] = []
    for number, move in enumerate(ordered):
        gain, chain = move.score - cost, [move]
        for other_gain, other_chain in best[:number]:
            total = other_gain + move.score - cost
            if total > gain and _can_follow(film, other_chain[-1], move):
                gain, chain = total, [*other_chain, move]
        best.append((gain, chain))
    return max(best, key=lambda pair: pair[0])[1]


def with_surest_moments(film: StillFilm, chosen: list[Move], moves: list[Move]) -> list[Move]:
    """Replace each step by the surest of the moves that tell the same: the strongest may begin before the grasp.

    Args:
        film: The film.
        chosen: Steps in order of time.
        moves: All moves found.

    Returns:
        The steps, none earlier than the end of the one before.
    """
    ends = [-1, *(move.end for move in chosen)]
    starts = [*(move.start for move in chosen), len(film.frames)]
    surest: list[Move] = []
    for number, move in enumerate(chosen):
        # Less changes in a shorter time: that makes it no surer.
        same = [
            replace(other, explained=min(other.explained, move.explained))
            for other in moves
            if _tell_the_same(film, move, other) and ends[number] < other.start and other.end < starts[number + 1]
        ]
        surest.append(max([move, *same], key=confidence))
    return surest


def rivals_of(film: StillFilm, step: Move, steps: list[Move], moves: list[Move]) -> list[Move]:
    """Return the moves that would have to be wrong for a step to be right.

    Args:
        film: The film.
        step: One of the steps.
        steps: All steps; what goes from one step's item to one step's place only joins them.
        moves: All moves found.

    Returns:
        Those that are made while the step is made, with another item or to another place.
    """
    reach = _OTHER_PLACE * film.unit
    return [
        move
        for move in moves
        if move.start < step.end
        and move.end > step.start
        and not (
            any(np.linalg.norm(move.item.center - one.item.center) < reach for one in steps)
            and any(np.linalg.norm(move.put.center - one.put.center) < reach for one in steps)
        )
    ]


def _tell_the_same(film: StillFilm, one: Move, other: Move) -> bool:
    """Tell whether two moves of one hand are from one place to one place."""
    return one.pair.hand is other.pair.hand and all(
        np.linalg.norm(here.center - there.center) < _SAME_PLACE * film.unit
        for here, there in ((one.item, other.item), (one.put, other.put))
    )


def _can_follow(film: StillFilm, earlier: Move, later: Move) -> bool:
    """Tell whether a step can come after another: the hand has left in between, or goes on elsewhere."""
    if earlier.end >= later.start:
        return False
    hand, end = earlier.pair.hand, earlier.pair.end
    place = hand.pinch[end]
    if np.linalg.norm(later.pair.hand.pinch[later.pair.start] - place) > _ELSEWHERE * film.unit:
        return True
    between = (hand.pictures > earlier.end) & (hand.pictures < later.start)
    has_moved = np.linalg.norm(hand.pinch[between] - place, axis=1) > _ELSEWHERE * film.unit
    return bool((has_moved | ~hand.is_seen[between]).any()) or int(hand.pictures[-1]) < later.start
