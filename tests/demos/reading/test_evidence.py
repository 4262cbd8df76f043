"""Laws of clean-plate evidence."""

import numpy as np

from daml.demos.reading.clean_plates import plates_after, plates_before
from daml.demos.reading.evidence import find_pairs, withdrawals
from daml.demos.reading.still_film import prepare

WIDTH = 256
"""Of the pictures of the stage [px]."""


def test_the_strongest_pair_is_where_something_was_taken_and_put(stage):
    shown = stage()
    film = prepare(*shown.film())
    pairs = find_pairs(film, plates_before(film), plates_after(film))
    best = pairs[0]
    assert [pair.strength for pair in pairs] == sorted((pair.strength for pair in pairs), reverse=True)
    assert np.linalg.norm(best.taken - shown.item) < 0.1 * film.unit
    assert np.linalg.norm(best.put - shown.destination) < 0.1 * film.unit
    assert best.before < best.hand.pictures[best.start] < best.hand.pictures[best.end] < best.after


def test_a_hand_that_takes_nothing_leaves_hardly_any(stage):
    moved, waved = (prepare(*stage(is_taken=is_taken).film()) for is_taken in (True, False))
    strengths = [
        max((pair.strength for pair in find_pairs(film, plates_before(film), plates_after(film))), default=0.0)
        for film in (moved, waved)
    ]
    assert strengths[1] < 0.6 * strengths[0]


def test_what_lies_ahead_of_the_fingers_is_found(stage):
    shown = stage(lift=0.0)
    demo, hands = shown.film()
    behind = shown.film()[1].tracks[0].landmarks + np.array([28 / WIDTH, 0.0])  # the hand comes from the right
    film = prepare(demo, type(hands)(hands.times_s, (type(hands.tracks[0])(hands.times_s, behind, 0.9),)))
    pairs = find_pairs(film, plates_before(film), plates_after(film))
    near = [np.linalg.norm(pair.taken - shown.item) / film.unit for pair in pairs[:5]]
    assert min(near) < 0.06


def test_a_hand_comes_before_it_is_there_and_leaves_afterwards(stage):
    film = prepare(*stage().film())
    (hand,) = film.hands
    came, left = withdrawals(film, hand)
    assert (came <= hand.pictures).all()
    assert (left >= hand.pictures).all()
    still = slice(20, 22)  # at the item
    ways = np.linalg.norm(hand.pinch[came[still]] - hand.pinch[still], axis=1)
    assert (ways > 0.1 * film.unit).all()
