import os
import time
from pathlib import Path

import pytest

from daml.task_pool import n_usable_cores, run_tasks


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
