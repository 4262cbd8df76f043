"""Laws of how sure a move is."""

from dataclasses import dataclass, replace

import pytest

from daml.demos.reading.verdict import LEAST_CONFIDENCE, confidence


@dataclass(frozen=True)
class Move:
    score: float = 10.0
    likeness: float = 0.9
    otherness: float = 0.6
    stays: float = 1.0
    held: float = 1.0


def test_it_is_a_probability():
    for score in (0.0, 1e-9, 1.0, 1e6):
        assert 0 <= confidence(Move(score=score)) <= 1


@pytest.mark.parametrize("name", ["score", "likeness", "otherness", "stays", "held"])
def test_more_of_what_speaks_for_a_move_makes_it_surer(name: str):
    assert confidence(replace(Move(), **{name: 0.3 * getattr(Move(), name)})) < confidence(Move())


def test_a_clear_move_is_told_and_a_faint_one_is_not():
    assert confidence(Move()) > LEAST_CONFIDENCE
    assert confidence(Move(score=0.5)) < 0.2
