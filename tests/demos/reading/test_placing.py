"""Laws of placing."""

from dataclasses import replace

import numpy as np
import pytest

from daml.demos.reading.clean_plates import plates_after, plates_before
from daml.demos.reading.placing import find_placing
from daml.demos.reading.still_film import prepare
from daml.demos.reading.verdict import LEAST_CONFIDENCE, PLACING, confidence


def placing(film):
    return find_placing(film, plates_before(film), plates_after(film))


def test_what_was_in_the_hand_is_found_there_and_where_it_was_put(stage):
    shown = stage(item=(60.0, 60.0), starts_held=True)
    move = placing(prepare(*shown.film()))
    assert move.item.center == pytest.approx(shown.item, abs=8)
    assert move.put.center == pytest.approx(shown.destination, abs=5)
    assert confidence(move, PLACING) > LEAST_CONFIDENCE


def test_it_need_not_be_seen_in_the_hand(stage):
    shown = stage(item=(60.0, 60.0), starts_held=True)
    film, hands = shown.film()
    covered = film.frames.copy()
    covered[0, 40:80, 40:80] = film.frames[-1, 40:80, 40:80]
    move = placing(prepare(replace(film, frames=covered), hands))
    assert move.item.center == pytest.approx(shown.item, abs=8)
    assert confidence(move, PLACING) > LEAST_CONFIDENCE


def test_a_film_that_ends_with_the_hand_on_it_shows_no_placing(stage):
    film, hands = stage(item=(60.0, 60.0), starts_held=True, after_s=0.0).film()
    n = len(film.frames) - 9  # the hand leaves in the last nine pictures
    (track,) = hands.tracks
    part = type(hands)(hands.times_s[:n], (type(track)(track.times_s[:n], track.landmarks[:n]),))
    move = placing(prepare(type(film)(film.frames[:n], film.frame_rate_hz), part))
    assert move is None or confidence(move, PLACING) < LEAST_CONFIDENCE


def test_what_a_hand_takes_away_was_not_put_down(stage):
    film, hands = stage().film()
    back = type(film)(film.frames[::-1].copy(), film.frame_rate_hz)
    length_s = float(hands.times_s[-1])
    tracks = tuple(type(track)((length_s - track.times_s)[::-1], track.landmarks[::-1]) for track in hands.tracks)
    move = placing(prepare(back, type(hands)(hands.times_s, tracks)))
    taken = stage().destination
    assert move is None or np.linalg.norm(move.put.center - taken) > 20 or confidence(move, PLACING) < LEAST_CONFIDENCE


def test_a_hand_that_comes_later_placed_nothing(stage):
    film, hands = stage().film()
    late = tuple(type(track)(track.times_s[8:], track.landmarks[8:]) for track in hands.tracks)
    assert placing(prepare(film, type(hands)(hands.times_s, late))) is None
