"""Jobs that fill a dataset task by task, on several processes."""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from itertools import islice
from pathlib import Path
from typing import TypeVar

from torch import Tensor

from daml.collection.worker_pool import open_pool
from daml.errors import is_users
from daml.progress import Observer, Progress, report
from daml.storage.tensor_file import read_tensors

_Task = TypeVar("_Task")


def n_usable_cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_tasks(
    job: Callable[[_Task], int],
    tasks: Sequence[_Task],
    *,
    stage: str,
    n_done: int = 0,
    workers: int | None = None,
    observers: Sequence[Observer] = (),
) -> None:
    """Do a job for each task; one that is interrupted leaves whole tasks.

    Args:
        job: Records and writes one task and returns the number of its frames; it is sent to other processes.
        tasks: Tasks to do.
        stage: What observers are told the work is.
        n_done: Tasks that were done before; they count as done.
        workers: Processes; all cores when None.
        observers: Told at the beginning and of each task that is done, with the frames so far under "frames".

    Raises:
        ValueError: What a job raised about its input, as `RuntimeError` and `OSError` are.
        OSError: A worker was killed.
    """
    total, n_frames = n_done + len(tasks), 0
    report(observers, Progress(stage, n_done, total))
    if not tasks:
        return
    n_workers = min(workers or n_usable_cores(), len(tasks))
    with open_pool(n_workers) as executor:
        try:
            waiting = iter(tasks)
            running = {executor.submit(_do, job, task) for task in islice(waiting, 2 * n_workers)}
            while running:
                finished, running = wait(running, return_when=FIRST_COMPLETED)
                running |= {executor.submit(_do, job, task) for task in islice(waiting, len(finished))}
                for future in finished:
                    result = future.result()
                    if isinstance(result, Exception):
                        raise result  # noqa: TRY301 - the worker's
                    n_done, n_frames = n_done + 1, n_frames + result
                    report(observers, Progress(stage, n_done, total, {"frames": n_frames}))
        except BaseException:
            executor.shutdown(cancel_futures=True)  # what runs is finished, what waits is not begun
            raise


def _do(job: Callable[[_Task], int], task: _Task) -> int | Exception:
    """Do a job in a worker; return an error that is the user's, which would lose where it was raised on its way."""
    try:
        return job(task)
    except Exception as error:
        if is_users(error):
            return error
        raise


def compute_missing(
    paths: Mapping[_Task, Path],
    job: Callable[[_Task], int],
    *,
    names: Sequence[str],
    stage: str,
    workers: int | None = None,
    observers: Sequence[Observer] = (),
) -> list[list[Tensor]]:
    """Compute the tensors of the tasks whose file is not there whole, and read those of all.

    Args:
        paths: File of each task.
        job: Computes and writes the tensors of one task, and returns the number of its frames.
        names: Names of the tensors.
        stage: What observers are told the work is.
        workers: Processes; all cores when None.
        observers: Told of each task that is there or done.

    Returns:
        The tensors of every task, in the order of the paths and of the names.

    Raises:
        OSError: A file is not there any more.
    """
    there = {task: read_tensors(path, names) for task, path in paths.items()}
    missing = [task for task in paths if there[task] is None]
    n_done = len(paths) - len(missing)
    run_tasks(job, missing, stage=stage, n_done=n_done, workers=workers, observers=observers)
    return [_read(path, names) if (found := there[task]) is None else found for task, path in paths.items()]


def _read(path: Path, names: Sequence[str]) -> list[Tensor]:
    tensors = read_tensors(path, names)
    if tensors is None:
        raise OSError(f"{path}: was written, but is not there any more")
    return tensors
