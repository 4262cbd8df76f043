"""Laws of the Ray engine, on a cluster of this machine."""

import os
import subprocess
import sys
import textwrap
from importlib.util import find_spec

import pytest

from daml.engines.ray_engine import RayEngine

HAS_RAY = find_spec("ray") is not None

needs_ray = pytest.mark.skipif(not HAS_RAY, reason="Ray is not installed: pip install 'daml-imitation[ray]'")

PROGRAM = """
import math, os, signal, sys
from functools import partial
from pathlib import Path
from daml.engines.ray_engine import RayEngine

folder = Path(sys.argv[1])

def die_once(folder, number):
    mark = folder / str(number)
    if number % 3 == 0 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number

def count_up(number):
    with (folder / "begun").open("a") as file:
        file.write("x")
    return number

def refuse(number):
    from daml.evaluation.evaluation_config import EvaluationConfig
    return EvaluationConfig(n_tasks=number)

if __name__ == "__main__":
    before = signal.getsignal(signal.SIGTERM)
    engine = RayEngine(n_workers=2)
    print("signal", signal.getsignal(signal.SIGTERM) == before)
    print("killed", sorted(engine.run(partial(die_once, folder), range(5))))
    print("none", list(engine.run(die_once, [])))
    results = engine.run(count_up, range(1000))
    first = next(results)
    results.close()
    print("few", len((folder / "begun").read_text()) <= 10)
    try:
        list(engine.run(refuse, [0]))
    except ValueError as error:
        from daml.errors import is_users
        print("refused", is_users(error), error)
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a program says that uses the engine: a process of its own, since Ray leaves threads and warnings behind."""
    folder = tmp_path_factory.mktemp("ray")
    program = folder / "program.py"
    program.write_text(textwrap.dedent(PROGRAM), encoding="utf-8")
    result = subprocess.run(
        [sys.executable, str(program), str(folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        # On a busy machine it starts slowly.
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "RAY_raylet_start_wait_time_s": "300"},
    )
    assert result.returncode == 0, result.stderr
    return dict(line.split(" ", 1) for line in result.stdout.splitlines())


@needs_ray
def test_jobs_of_killed_workers_are_done_again_and_each_counts_once(told: dict[str, str]):
    assert told["killed"] == str([(n, n) for n in range(5)])


@needs_ray
def test_no_items_are_no_work(told: dict[str, str]):
    assert told["none"] == "[]"


@needs_ray
def test_few_jobs_are_under_way_however_many_there_are(told: dict[str, str]):
    assert told["few"] == "True"


@needs_ray
def test_an_error_of_the_users_comes_through_as_one(told: dict[str, str]):
    assert told["refused"] == "True n_tasks: expected at least 1, got 0"


@needs_ray
def test_signals_end_the_program_as_they_did_before(told: dict[str, str]):
    assert told["signal"] == "True"


@pytest.mark.skipif(HAS_RAY, reason="Ray is installed")
def test_without_ray_it_is_said_what_to_install():
    with pytest.raises(ImportError, match=r"pip install 'daml-imitation\[ray\]'"):
        RayEngine()
