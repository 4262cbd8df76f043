"""Laws of clean plates."""

import numpy as np
import pytest

from daml.demos.reading import clean_plates
from daml.demos.reading.clean_plates import plates_after, plates_before
from daml.demos.reading.still_film import prepare


def test_the_median_of_five_is_the_median():
    pictures = list(np.random.default_rng(0).integers(0, 256, (5, 7, 9, 3), dtype=np.uint8))
    assert np.array_equal(clean_plates._median(pictures), np.median(np.stack(pictures), axis=0))


def test_hands_are_taken_out_and_what_changed_is_seen(stage):
    shown = stage()
    film = prepare(*shown.film())
    before, after = plates_before(film), plates_after(film)
    x, y = (int(v) for v in shown.item)
    number = int(film.hands[0].pictures[20])  # the hand is at the item
    assert film.hidden[number, y, x]
    was, became = before.pictures[number, y, x].astype(int), after.pictures[number, y, x].astype(int)
    assert was[0] - was[1:].max() > 80  # the red disc
    assert became[0] - became[1:].max() < 60


def test_what_was_never_seen_is_not_known(stage):
    film = prepare(*stage(rest=(100.0, 100.0), before_s=0.5).film())
    first = plates_before(film)
    assert not first.is_known[0][film.hidden[0]].any()
    assert first.is_known[0][~film.hidden[0]].all()
    assert (first.steadiness[0][film.hidden[0]] == 0).all()


def test_a_scene_that_stays_is_steady(stage):
    film = prepare(*stage(is_taken=False).film())
    steady = plates_before(film).steadiness[-1]
    assert np.median(steady) == pytest.approx(1, abs=0.02)
