"""When a hand holds an item: from the last picture with it in its old place to the first with it in the new one."""

import numpy as np
from numpy.typing import NDArray

from daml.demos.demo import Frames
from daml.demos.reading.moves import ALIKE, Move
from daml.demos.reading.outlines import Outline
from daml.demos.reading.still_film import StillFilm

_VISIBLE = 0.3
"""Least share of an outline that hands leave visible where a picture is to say whether the item is there."""
_THERE = 0.7
"""Share of the visible pixels that look as with the item in its place."""


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
