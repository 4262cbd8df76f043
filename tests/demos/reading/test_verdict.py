"""Laws of what is made of a move."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from daml.demos.reading.clean_plates import plates_after, plates_before
from daml.demos.reading.evidence import find_pairs
from daml.demos.reading.hand_paths import HandPath
from daml.demos.reading.moves import look_closely
from daml.demos.reading.still_film import prepare
from daml.demos.reading.verdict import CARRIED, LEAST_CONFIDENCE, carriedness, confidence, held_between, is_told


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


def test_what_else_could_have_been_done_makes_a_move_less_sure():
    alone, twin, weak = Move(), Move(), Move(score=1e-3, explained=0.01)
    assert confidence(alone, rivals=[twin]) <= 0.5
    assert confidence(alone, rivals=[twin]) < confidence(alone, rivals=[weak]) < confidence(alone)
    assert confidence(alone, rivals=[weak, twin, weak]) == confidence(alone, rivals=[twin])


def test_a_move_is_not_told_where_a_rival_is_surer():
    strong, clear, doubtful = Move(explained=0.9), Move(), Move(score=0.1, otherness=0.2, explained=0.05, slip=0.2)
    assert is_told(clear)
    assert is_told(clear, rivals=[doubtful, clear])
    assert not is_told(clear, rivals=[doubtful, strong])
    assert not is_told(doubtful)


def test_a_clear_move_is_told_and_a_doubtful_one_is_not():
    assert confidence(Move()) > LEAST_CONFIDENCE
    assert confidence(Move(score=0.1, otherness=0.2, explained=0.05, slip=0.2)) < 0.2


@dataclass
class Place:
    center: np.ndarray


@dataclass
class Pair:
    hand: HandPath
    start: int
    end: int


@dataclass
class Carry:
    pair: Pair
    item: Place
    put: Place


class Film:
    unit = 100.0


HAND = np.random.default_rng(1).uniform(-10, 10, (21, 2))


def path(
    lift: float,
    *,
    way: tuple[float, float] = (60.0, 0.0),
    tremble: float = 0.0,
    growth: float = 1.0,
    ahead: float = 0.0,
) -> Carry:
    """A hand that goes its way in 30 pictures, bent upwards; the item is so far ahead of it [px]."""
    share = np.linspace(0, 1, 30)
    places = share[:, None] * way - np.stack([np.zeros(30), 4 * lift * share * (1 - share)], 1)
    places += np.random.default_rng(0).normal(0, tremble, places.shape)
    size = 1 + 4 * (growth - 1) * share * (1 - share)
    shape = HAND - HAND[[4, 8]].mean(axis=0)
    landmarks = places[:, None] + size[:, None, None] * shape
    hand = HandPath(np.arange(30), landmarks, np.ones(30, np.bool_), np.zeros(30), 0.5)
    offset = ahead * np.array(way) / np.linalg.norm(way)
    return Carry(Pair(hand, 0, 29), Place(places[0] + offset), Place(places[-1] + offset))


@pytest.mark.parametrize("way", [(60.0, 0.0), (-60.0, 10.0), (20.0, 30.0)])
def test_what_is_lifted_is_carried_and_what_is_not_is_pushed(way: tuple[float, float]):
    assert carriedness(Film(), path(60.0, way=way), (0, 29)) > CARRIED
    assert carriedness(Film(), path(0.0, way=way), (0, 29)) < CARRIED


def test_a_trembling_push_is_a_push():
    assert carriedness(Film(), path(0.0, tremble=1.5), (0, 29)) < CARRIED


def test_a_hand_that_grows_on_its_way_is_lifted_towards_the_camera():
    values = [carriedness(Film(), path(6.0, growth=growth), (0, 29)) for growth in (0.9, 1.0, 1.1, 1.2)]
    assert values[0] == pytest.approx(values[1])
    assert values[1] < values[2] < values[3]


def test_what_is_ahead_of_the_hand_is_pushed():
    values = [carriedness(Film(), path(20.0, ahead=ahead), (0, 29)) for ahead in (0.0, 10.0, 20.0)]
    assert values[0] > values[1] > values[2]


def test_what_is_behind_the_hand_may_be_either():
    assert carriedness(Film(), path(20.0, ahead=-20.0), (0, 29)) == carriedness(Film(), path(20.0), (0, 29))


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
