"""Laws of choosing steps among moves."""

from dataclasses import dataclass

import numpy as np

from daml.demos.reading.selection import choose_steps


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
class Move:
    pair: Pair
    score: float

    @property
    def start(self) -> int:
        return self.pair.start

    @property
    def end(self) -> int:
        return self.pair.end


class Film:
    unit = 100.0


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
