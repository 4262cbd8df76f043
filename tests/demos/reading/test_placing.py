"""Laws of placing."""

import pytest

from daml.demos.reading.clean_plates import plates_after, plates_before
from daml.demos.reading.placing import find_placing
from daml.demos.reading.still_film import prepare


def placing(film):
    return find_placing(film, plates_before(film), plates_after(film))


def test_what_was_in_the_hand_is_found_there_and_where_it_was_put(stage):
    shown = stage(item=(60.0, 60.0), starts_held=True)
    move = placing(prepare(*shown.film()))
    assert move.item.center == pytest.approx(shown.item, abs=8)
    assert move.put.center == pytest.approx(shown.destination, abs=5)


def test_a_hand_that_comes_later_placed_nothing(stage):
    film, hands = stage().film()
    late = tuple(type(track)(track.times_s[8:], track.landmarks[8:]) for track in hands.tracks)
    assert placing(prepare(film, type(hands)(hands.times_s, late))) is None
