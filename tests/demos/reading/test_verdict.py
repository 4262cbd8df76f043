"""Laws of what is made of a move."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from daml.demos.reading.clean_plates import plates_after, plates_before
from daml.demos.reading.evidence import find_pairs
from daml.demos.reading.moves import look_closely
from daml.demos.reading.still_film import prepare
from daml.demos.reading.verdict import CARRIED, LEAST_CONFIDENCE, carriedness, confidence, held_between


@dataclass(frozen=True)
class Move:
    score: float = 1.0
    likeness: float = 0.9
    otherness: float = 0.6
    stays: float = 1.0
    held: float = 1.0
    explained: float = 0.5
    slip: float = 0.05


def test_it_is_a_probability():
    for score in (0.0, 1e-9, 1.0, 1e6):
        assert 0 <= confidence(Move(score=score)) <= 1


@pytest.mark.parametrize("name", ["score", "likeness", "otherness", "stays", "held", "explained"])
def test_more_of_what_speaks_for_a_move_makes_it_surer(name: str):
    assert confidence(replace(Move(), **{name: 0.3 * getattr(Move(), name)})) < confidence(Move())


def test_what_slips_in_the_hand_is_less_sure():
    assert confidence(Move(slip=0.3)) < confidence(Move())


def test_a_clear_move_is_told_and_a_doubtful_one_is_not():
    assert confidence(Move()) > LEAST_CONFIDENCE
    assert confidence(Move(score=0.1, otherness=0.2, explained=0.05, slip=0.2)) < 0.2


@dataclass
class Hand:
    pinch: np.ndarray


@dataclass
class Pair:
    hand: Hand
    start: int
    end: int


@dataclass
class Carry:
    pair: Pair


class Film:
    unit = 100.0


def path(lift: float, *, way: tuple[float, float] = (60.0, 0.0), tremble: float = 0.0) -> Carry:
    share = np.linspace(0, 1, 30)
    places = share[:, None] * way - np.stack([np.zeros(30), 4 * lift * share * (1 - share)], 1)
    places += np.random.default_rng(0).normal(0, tremble, places.shape)
    return Carry(Pair(Hand(places), 0, 29))


@pytest.mark.parametrize("way", [(60.0, 0.0), (-60.0, 10.0), (20.0, 30.0)])
def test_what_is_lifted_is_carried_and_what_is_not_is_pushed(way: tuple[float, float]):
    assert carriedness(Film(), path(60.0, way=way), (0, 29)) > CARRIED
    assert carriedness(Film(), path(0.0, way=way), (0, 29)) < CARRIED


def test_a_trembling_push_is_a_push():
    assert carriedness(Film(), path(0.0, tremble=1.5), (0, 29)) < CARRIED


def test_higher_is_more_carried():
    values = [carriedness(Film(), path(lift), (0, 29)) for lift in (0.0, 10.0, 20.0, 40.0, 80.0)]
    assert values == sorted(values)


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
