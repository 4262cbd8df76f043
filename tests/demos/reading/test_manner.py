"""Laws of telling carried from pushed."""

from dataclasses import dataclass

import numpy as np
import pytest

from daml.demos.reading.manner import carriedness


@dataclass
class Hand:
    pinch: np.ndarray


@dataclass
class Pair:
    hand: Hand
    start: int
    end: int


@dataclass
class Move:
    pair: Pair


class Film:
    unit = 100.0


def path(lift: float, *, way: tuple[float, float] = (60.0, 0.0), tremble: float = 0.0) -> Move:
    share = np.linspace(0, 1, 30)
    places = share[:, None] * way - np.stack([np.zeros(30), 4 * lift * share * (1 - share)], 1)
    places += np.random.default_rng(0).normal(0, tremble, places.shape)
    return Move(Pair(Hand(places), 0, 29))


@pytest.mark.parametrize("way", [(60.0, 0.0), (-60.0, 10.0), (20.0, 30.0)])
def test_what_is_lifted_is_carried_and_what_is_not_is_pushed(way: tuple[float, float]):
    assert carriedness(Film(), path(60.0, way=way)) > 1
    assert carriedness(Film(), path(0.0, way=way)) < 1


def test_a_trembling_push_is_a_push():
    assert carriedness(Film(), path(0.0, tremble=1.5)) < 1


def test_higher_is_more_carried():
    values = [carriedness(Film(), path(lift)) for lift in (0.0, 10.0, 20.0, 40.0, 80.0)]
    assert values == sorted(values)
