"""Jobs that fill a dataset task by task, on several processes."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from itertools import islice
from pathlib import Path
from typing import TypeVar

from torch import Tensor

from daml.storage.tensor_file import read_tensors

_Task = TypeVar("_Task")

Observer = Callable[[int, int], None]
"""Told the number of frames and of tasks that have just been added."""


def n_usable_cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_tasks(
    job: Callable[[_Task], int],
    tasks: Sequence[_Task],
    *,
    workers: int | None = None,
    observers: Sequence[Observer] = (),
) -> None:
    """Do a job for each task; one that is interrupted leaves whole tasks.

    Args:
        job: Records and writes one task and returns the number of its frames; it is sent to other processes.
        tasks: Tasks to do.
        workers: Processes; all cores when None.
        observers: Told of each task that is done.
    """
    if not tasks:
        return
    n_workers = min(workers or n_usable_cores(), len(tasks))
    # Spawned, not forked: a GL context does not survive a fork.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=n_workers, mp_context=context, initializer=_prepare_worker) as executor:
        try:
            waiting = iter(tasks)
            running = {executor.submit(job, task) for task in islice(waiting, 2 * n_workers)}
            while running:
                finished, running = wait(running, return_when=FIRST_COMPLETED)
                running |= {executor.submit(job, task) for task in islice(waiting, len(finished))}
                for future in finished:
                    n_frames = future.result()
                    for observe in observers:
                        observe(n_frames, 1)
        except BaseException:
            executor.shutdown(cancel_futures=True)  # what runs is finished, what waits is not begun
            raise


def _prepare_worker() -> None:
    """Leave Ctrl-C, which reaches every process, to the main one: a worker finishes its task.

    But end with the main one: who outlived it, killed, would write to the folder beside the next one.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if (parent := multiprocessing.parent_process()) is not None:
        threading.Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()


_Task = TypeVar("_Task")


def compute_missing(
    there: Mapping[_Task, list[Tensor] | None],
    paths: Mapping[_Task, Path],
    job: Callable[[_Task], int],
    *,
    names: Sequence[str],
    workers: int | None = None,
    observers: Sequence[Observer] = (),
) -> list[list[Tensor]]:
    """Make the tensors of the tasks that have none yet.

    Args:
        there: What was read for each task; None where there is nothing.
        paths: File of each task.
        job: Makes and writes the tensors of one task, and returns the number of its frames.
        names: Names of the tensors.
        workers: Processes; all cores when None.
        observers: Told of each task that is done.

    Returns:
        The tensors of every task, in the order of the paths and of the names.

    Raises:
        OSError: A file is not there any more.
    """
    missing = [task for task in paths if there[task] is None]
    run_tasks(job, missing, workers=workers, observers=observers)
    return [_read(path, names) if (found := there[task]) is None else found for task, path in paths.items()]


def _read(path: Path, names: Sequence[str]) -> list[Tensor]:
    tensors = read_tensors(path, names)
    if tensors is None:
        raise OSError(f"{path}: was written, but is not there any more")
    return tensors
