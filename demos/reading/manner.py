"""How an item was moved: carried through the air, or pushed along the table."""

import math

import numpy as np

from daml.demos.reading.moves import Move
from daml.demos.reading.still_film import StillFilm

_LIFT, _DETOUR = 0.3, 1.7
"""How far a carried item usually rises at least, as a share of its way across the picture, and how many times as long
as the way its path is: a curved push does a little of both, a trembling one the second. Of the moves read in eleven
real clips, the carried ones have a geometric mean of the two, each over this, of 1.2 to 5.7; the pushed ones of 0.4
to 0.8."""


def carriedness(film: StillFilm, move: Move) -> float:
    """Return how far an item was carried rather than pushed: above 1 it was carried.

    Args:
        film: The film.
        move: What was moved.

    Returns:
        The geometric mean of lift and detour, each over what a carried item has at least.
    """
    path = move.pair.hand.pinch[move.pair.start : move.pair.end + 1] / film.unit
    way = path[-1] - path[0]
    length = float(np.linalg.norm(way))
    along = np.clip((path - path[0]) @ way / length**2, 0, 1)
    straight = path[0] + along[:, None] * way
    lift = float((straight - path)[:, 1].max()) / length
    detour = float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum()) / length
    return math.sqrt(max(lift, 0.0) / _LIFT * math.log(max(detour, 1.0)) / math.log(_DETOUR))
