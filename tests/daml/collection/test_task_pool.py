import os
import signal
import time
from functools import partial
from pathlib import Path

import pytest
import torch

from daml.collection.demonstrations import CollectionConfig
from daml.collection.task_pool import compute_missing, run_tasks
from daml.errors import is_users
from daml.progress import Progress
from daml.storage.tensor_file import write_tensors


def write_down(path: Path) -> int:
    """Note which process was here; refuse a path that is named so."""
    if path.name == "broken":
        raise ValueError("broken")
    path.write_text(str(os.getpid()), encoding="ascii")
    time.sleep(0.2)
    return len(path.name)


def test_every_job_is_done_by_another_process_and_told(tmp_path: Path):
    seen: list[Progress] = []
    paths = [tmp_path / name for name in ("a", "bb", "ccc", "dddd")]

    run_tasks(write_down, paths, stage="writing", n_done=3, workers=2, observers=[seen.append])

    assert [progress[:3] for progress in seen] == [("writing", n, 7) for n in range(3, 8)]
    assert seen[-1].figures == {"frames": 1 + 2 + 3 + 4}
    assert str(os.getpid()) not in {path.read_text(encoding="ascii") for path in paths}


def test_no_jobs_are_no_work():
    seen: list[Progress] = []

    run_tasks(write_down, [], stage="writing", n_done=3, observers=[seen.append])

    assert seen == [Progress("writing", 3, 3)]


def test_an_error_comes_through_and_what_waits_is_not_begun(tmp_path: Path):
    paths = [tmp_path / name for name in ("broken", *"abcdefgh")]

    with pytest.raises(ValueError, match="broken"):
        run_tasks(write_down, paths, stage="writing", workers=1)

    assert not (tmp_path / "h").exists()
    there = set(tmp_path.iterdir())
    time.sleep(0.5)
    assert set(tmp_path.iterdir()) == there  # nobody goes on behind the caller's back


def refuse(_number: int) -> int:
    """Let the package refuse an impossible setting."""
    return CollectionConfig(humans=0).humans


def test_an_error_that_is_the_users_is_still_so_when_it_comes_from_a_worker():
    with pytest.raises(ValueError, match="humans: expected at least 1, got 0") as raised:
        run_tasks(refuse, [1], stage="refusing", workers=1)

    assert is_users(raised.value)


def end(_task: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def test_a_worker_that_is_killed_is_one_clear_error():
    with pytest.raises(OSError, match="a worker process was ended from outside, again and again, most likely"):
        run_tasks(end, [0, 1, 2, 3], stage="ending", workers=1)


def make(folder: Path, task: int) -> int:
    write_tensors(folder / str(task), {"values": torch.full((2,), float(task))})
    return 2


def make_nothing(_task: int) -> int:
    return 0


def test_what_is_missing_is_made_and_all_come_in_the_order_of_their_paths(tmp_path: Path):
    seen: list[Progress] = []
    paths = {task: tmp_path / str(task) for task in (3, 1, 2)}
    write_tensors(paths[1], {"values": torch.zeros(2)})
    before = paths[1].stat().st_mtime_ns

    tensors = compute_missing(
        paths, partial(make, tmp_path), names=["values"], stage="making", workers=1, observers=[seen.append]
    )

    assert [values.tolist() for (values,) in tensors] == [[3, 3], [0, 0], [2, 2]]
    frames = [Progress("making", n + 1, 3, {"frames": 2 * n}) for n in (1, 2)]
    assert seen == [Progress("making", 1, 3), *frames]
    assert paths[1].stat().st_mtime_ns == before


def test_what_was_made_and_is_gone_is_missed(tmp_path: Path):
    with pytest.raises(OSError, match="was written, but is not there any more"):
        compute_missing({1: tmp_path / "1"}, make_nothing, names=["values"], stage="making", workers=1)
