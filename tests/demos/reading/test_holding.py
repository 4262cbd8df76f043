"""Laws of when an item is held."""

import numpy as np
import pytest

from daml.demos.reading.clean_plates import plates_after, plates_before
from daml.demos.reading.evidence import find_pairs
from daml.demos.reading.holding import held_between
from daml.demos.reading.moves import look_closely
from daml.demos.reading.still_film import prepare


def test_an_item_is_held_while_it_moves_and_not_while_the_hand_lingers(stage):
    film = stage(before_s=1.0, after_s=1.0)
    still = prepare(*film.film())
    before, after = plates_before(still), plates_after(still)
    found = [move for pair in find_pairs(still, before, after) if (move := look_closely(still, before, after, pair))]
    move = max(found, key=lambda move: move.score)
    first, last = held_between(still, before.pictures[move.pair.before], after.pictures[move.pair.after], move)
    _, places = film.path()
    moving = np.flatnonzero(np.linalg.norm(np.diff(places, axis=0), axis=1) > 0)
    assert move.pair.start <= first < last <= move.pair.end
    assert move.pair.hand.pictures[first] == pytest.approx(moving[0], abs=4)
    assert move.pair.hand.pictures[last] == pytest.approx(moving[-1], abs=4)
