"""Laws of the local engine: killed workers are replaced, and Ctrl-C loses nothing that was finished."""

import os
import signal
import time
from functools import partial
from pathlib import Path

import pytest

from daml.engines.local import LocalEngine


def die_once(folder: Path, number: int) -> int:
    """Kill this process at every third item, the first time that it comes."""
    mark = folder / str(number)
    if number % 3 == 0 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die(_number: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("n_workers", [1, 2])
def test_killed_workers_are_replaced_and_nothing_is_lost_or_done_twice(n_workers: int, tmp_path: Path):
    results = list(LocalEngine(n_workers).run(partial(die_once, tmp_path), range(5)))
    assert sorted(results) == [(n, n) for n in range(5)]


def test_a_job_that_kills_every_worker_ends_it_all_with_what_to_do():
    with pytest.raises(OSError, match=r"ended from outside, again and again, .* run the same command again"):
        list(LocalEngine(1).run(die, range(3)))


def stop_the_caller(caller: int, number: int) -> int:
    if number == 0:
        os.kill(caller, signal.SIGINT)
        time.sleep(0.5)
    return number


def test_after_ctrl_c_what_runs_is_finished_and_counts():
    ended: list[int] = []
    jobs = LocalEngine(1).run(partial(stop_the_caller, os.getpid()), range(50))
    with pytest.raises(KeyboardInterrupt):
        ended.extend(number for number, _ in jobs)
    assert 0 in ended
    assert len(ended) < 10
