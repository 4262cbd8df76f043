"""Laws of choosing steps among moves."""

from dataclasses import dataclass, field

import numpy as np

from daml.demos.reading.selection import choose_steps, rivals_of, with_surest_moments


@dataclass
class Hand:
    pictures: np.ndarray
    pinch: np.ndarray
    is_seen: np.ndarray


@dataclass
class Pair:
    hand: Hand
    start: int
    end: int


@dataclass
class Place:
    center: np.ndarray


def at(x: float) -> Place:
    return Place(np.array([x, 0.0]))


@dataclass
class Move:
    pair: Pair
    score: float
    item: Place = field(default_factory=lambda: at(0.0))
    put: Place = field(default_factory=lambda: at(90.0))
    likeness: float = 0.9
    otherness: float = 0.6
    stays: float = 1.0
    held: float = 1.0
    explained: float = 0.5
    slip: float = 0.2

    @property
    def start(self) -> int:
        return self.pair.start

    @property
    def end(self) -> int:
        return self.pair.end


class Film:
    unit = 100.0
    frames = range(10)


def hand(places: list[float]) -> Hand:
    return Hand(np.arange(len(places)), np.stack([places, np.zeros(len(places))], 1), np.ones(len(places), bool))


def moves(path: list[float], *spans: tuple[int, int, float]) -> list[Move]:
    mover = hand(path)
    return [Move(Pair(mover, start, end), score) for start, end, score in spans]


def chosen(found: list[Move]) -> list[tuple[int, int]]:
    return [(move.start, move.end) for move in choose_steps(Film(), found)]


AWAY = [0, 0, 50, 50, 90, 50, 50, 120, 120, 0]


def test_of_moves_at_the_same_time_the_best_is_chosen():
    assert chosen(moves(AWAY, (0, 5, 10.0), (1, 6, 12.0), (0, 9, 3.0))) == [(1, 6)]


def test_moves_that_follow_one_another_are_steps_in_order():
    assert chosen(moves(AWAY, (5, 8, 10.0), (0, 2, 9.0))) == [(0, 2), (5, 8)]


def test_a_weak_move_is_no_step():
    assert chosen(moves(AWAY, (0, 2, 10.0), (5, 8, 3.0))) == [(0, 2)]


def test_a_push_with_a_pause_is_one_step():
    pausing = [0, 10, 20, 30, 30, 30, 40, 50, 60, 70]
    assert chosen(moves(pausing, (0, 4, 8.0), (5, 9, 8.0), (0, 9, 10.0))) == [(0, 9)]


def test_without_moves_there_are_no_steps():
    assert chosen([]) == []


def surest(found: list[Move], taken: list[Move]) -> list[tuple[int, int]]:
    return [(move.start, move.end) for move in with_surest_moments(Film(), taken, found)]


def test_of_moves_between_the_same_places_the_surest_stands_for_the_step():
    found = moves(AWAY, (0, 5, 10.0), (1, 4, 9.0), (2, 4, 9.0))
    found[1].slip = found[2].slip = 0.0
    found[2].put = at(40.0)
    assert surest(found, found[:1]) == [(1, 4)]


def test_a_step_that_is_the_surest_stays():
    found = moves(AWAY, (0, 5, 10.0), (1, 4, 9.0))
    found[0].slip = 0.0
    assert surest(found, found[:1]) == [(0, 5)]


def test_the_surest_moments_of_a_step_do_not_reach_into_another():
    found = moves(AWAY, (0, 3, 10.0), (4, 8, 10.0), (2, 6, 9.0))
    found[2].slip = 0.0
    assert surest(found, found[:2]) == [(0, 3), (4, 8)]


def rivals(found: list[Move], step: Move, steps: list[Move]) -> list[tuple[int, int]]:
    return [(move.start, move.end) for move in rivals_of(Film(), step, steps, found)]


def test_a_move_to_another_place_at_the_same_time_is_a_rival_and_one_to_the_same_is_none():
    found = moves(AWAY, (0, 5, 10.0), (1, 4, 9.0), (2, 6, 9.0), (6, 8, 9.0))
    found[2].put = found[3].put = at(40.0)
    assert rivals(found, found[0], found[:1]) == [(2, 6)]


def test_a_move_that_joins_two_steps_is_no_rival():
    found = moves(AWAY, (0, 3, 10.0), (4, 8, 10.0), (1, 7, 9.0))
    found[0].put = found[1].item = at(40.0)
    assert rivals(found, found[0], found[:2]) == []
    assert rivals(found, found[0], found[:1]) == [(1, 7)]
