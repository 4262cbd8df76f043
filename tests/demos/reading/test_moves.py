"""Laws of looking at pairs of moments closely."""

import numpy as np
import pytest

from daml.demos.reading.clean_plates import plates_after, plates_before
from daml.demos.reading.evidence import find_pairs
from daml.demos.reading.moves import look_closely, with_whole_outlines
from daml.demos.reading.still_film import prepare


def looked_at(film):
    before, after = plates_before(film), plates_after(film)
    return [move for pair in find_pairs(film, before, after) if (move := look_closely(film, before, after, pair))]


def test_what_was_carried_looks_the_same_and_stays(stage):
    shown = stage()
    best = max(looked_at(prepare(*shown.film())), key=lambda move: move.score)
    assert best.item.center == pytest.approx(shown.item, abs=4)
    assert best.put.center == pytest.approx(shown.destination, abs=4)
    assert best.likeness > 0.7
    assert best.otherness > 0.5
    assert best.stays > 0.8
    assert best.size_ratio > 0.6


def test_a_waving_hand_scores_far_less(stage):
    moved, waved = (looked_at(prepare(*stage(is_taken=is_taken).film())) for is_taken in (True, False))
    assert max((move.score for move in waved), default=0) < 0.2 * max(move.score for move in moved)


def test_what_was_carried_explains_what_changed_and_lies_in_the_hand_as_before(stage):
    best = max(looked_at(prepare(*stage().film())), key=lambda move: move.score)
    assert best.explained > 0.7
    assert best.slip < 0.1


def test_an_item_outlined_as_a_whole_stays_where_it_is(stage):
    film = prepare(*stage().film())
    before, after = plates_before(film), plates_after(film)
    for move in looked_at(film):
        whole = with_whole_outlines(film, before, after, move)
        for new, old in ((whole.item, move.item), (whole.put, move.put)):
            assert np.linalg.norm(new.center - old.center) < 0.07 * film.unit
