"""How an item was moved: carried through the air, or pushed along the table."""

import math

import numpy as np

from daml.demos.reading.moves import Move
from daml.demos.reading.still_film import StillFilm

_LIFT, _DETOUR = 0.27, 1.6
"""A carried item rises by at least the first, as a share of its way across the picture, and its path is at least so
many times as long as the way: a curved push does the one, a trembling one the other. Of the moves in eleven real clips,
carried ones have 0.28 to 2.7 and 1.7 to 7.1, pushed ones 0.07 to 0.32 and 1.2 to 2.7, and none of these both."""


def carriedness(film: StillFilm, move: Move) -> float:
    """Return how far an item was carried rather than pushed: above 1 it was carried.

    Args:
        film: The film.
        move: What was moved.

    Returns:
        The smaller of lift and detour, each over what a carried item has at least.
    """
    path = move.pair.hand.pinch[move.pair.start : move.pair.end + 1] / film.unit
    way = path[-1] - path[0]
    length = float(np.linalg.norm(way))
    along = np.clip((path - path[0]) @ way / length**2, 0, 1)
    straight = path[0] + along[:, None] * way
    lift = float((straight - path)[:, 1].max()) / length
    detour = float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum()) / length
    return min(lift / _LIFT, math.log(max(detour, 1.0)) / math.log(_DETOUR))
