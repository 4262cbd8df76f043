import os
import time
from functools import partial
from pathlib import Path

import pytest
import torch

from daml.collection.task_pool import compute_missing, n_usable_cores, run_tasks
from daml.storage.tensor_file import write_tensors


def write_down(path: Path) -> int:
    """Note which process was here; refuse a path that is named so."""
    if path.name == "broken":
        raise ValueError("broken")
    path.write_text(str(os.getpid()), encoding="ascii")
    time.sleep(0.2)
    return len(path.name)


def test_every_job_is_done_by_another_process_and_told(tmp_path: Path):
    told: list[tuple[int, int]] = []
    paths = [tmp_path / name for name in ("a", "bb", "ccc", "dddd")]

    run_tasks(write_down, paths, workers=2, observers=[lambda *figures: told.append(figures)])

    assert sorted(told) == [(1, 1), (2, 1), (3, 1), (4, 1)]
    assert str(os.getpid()) not in {path.read_text(encoding="ascii") for path in paths}


def test_no_jobs_are_no_work():
    run_tasks(write_down, [])


def test_an_error_comes_through_and_what_waits_is_not_begun(tmp_path: Path):
    paths = [tmp_path / name for name in ("broken", *"abcdefgh")]

    with pytest.raises(ValueError, match="broken"):
        run_tasks(write_down, paths, workers=1)

    assert not (tmp_path / "h").exists()
    there = set(tmp_path.iterdir())
    time.sleep(0.5)
    assert set(tmp_path.iterdir()) == there  # nobody goes on behind the caller's back


def test_there_is_a_core():
    assert 1 <= n_usable_cores() <= (os.cpu_count() or 1)


def make(folder: Path, task: int) -> int:
    write_tensors(folder / str(task), {"values": torch.full((2,), float(task))})
    return 2


def make_nothing(_task: int) -> int:
    return 0


def test_what_is_missing_is_made_and_all_come_in_the_order_of_their_paths(tmp_path: Path):
    told: list[tuple[int, int]] = []
    paths = {task: tmp_path / str(task) for task in (3, 1, 2)}
    found = [torch.zeros(2)]

    tensors = compute_missing(
        {1: found, 2: None, 3: None},
        paths,
        partial(make, tmp_path),
        names=["values"],
        workers=1,
        observers=[lambda *now: told.append(now)],
    )

    assert [values.tolist() for (values,) in tensors] == [[3, 3], [0, 0], [2, 2]]
    assert told == [(2, 1), (2, 1)]
    assert not paths[1].exists()


def test_what_was_made_and_is_gone_is_missed(tmp_path: Path):
    with pytest.raises(OSError, match="was written, but is not there any more"):
        compute_missing({1: None}, {1: tmp_path / "1"}, make_nothing, names=["values"], workers=1)
