"""Laws that hold for every engine."""

import os

import pytest

from daml.engines.engine import Engine, engine_of, n_usable_cores
from daml.engines.local import LocalEngine
from daml.engines.serial import SerialEngine
from daml.errors import is_users
from daml.evaluation.evaluation_config import EvaluationConfig

ENGINES = [SerialEngine(), LocalEngine(1), LocalEngine(2)]


def square(number: int) -> int:
    return number**2


def refuse_three(number: int) -> int:
    return EvaluationConfig(n_tasks=0 if number == 3 else 1).n_tasks


@pytest.mark.parametrize("engine", ENGINES)
def test_every_item_gets_its_result_once(engine: Engine):
    assert sorted(engine.run(square, range(5))) == [(n, n**2) for n in range(5)]


@pytest.mark.parametrize("engine", ENGINES)
def test_no_items_are_no_work(engine: Engine):
    assert list(engine.run(square, [])) == []


@pytest.mark.parametrize("engine", ENGINES)
def test_an_error_of_the_users_comes_through_as_one(engine: Engine):
    with pytest.raises(ValueError, match="n_tasks: expected at least 1, got 0") as raised:
        list(engine.run(refuse_three, [3]))
    assert is_users(raised.value)


def test_workers_are_counted_or_are_an_engine():
    engine = SerialEngine()
    assert engine_of(engine) is engine
    for workers, n in ((3, 3), (None, n_usable_cores())):
        local = engine_of(workers)
        assert isinstance(local, LocalEngine)
        assert local.n_workers == n
    with pytest.raises(ValueError, match="workers: expected at least 1, got 0"):
        engine_of(0)


def test_there_is_a_core():
    assert 1 <= n_usable_cores() <= (os.cpu_count() or 1)
