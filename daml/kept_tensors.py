"""Tensors that are made once for each task, by several processes, and kept in a file each."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from torch import Tensor

from daml.task_pool import Observer, run_tasks
from daml.tensor_file import read_tensors

_Task = TypeVar("_Task")


def fill_in(
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
