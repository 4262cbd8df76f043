"""Jobs that fill a dataset task by task, on workers."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from torch import Tensor

from daml.engines.engine import Workers, engine_of
from daml.progress import Observer, Progress, report
from daml.storage.tensor_file import read_tensors

_Task = TypeVar("_Task")


def run_tasks(
    job: Callable[[_Task], int],
    tasks: Sequence[_Task],
    *,
    stage: str,
    n_done: int = 0,
    workers: Workers = None,
    observers: Sequence[Observer] = (),
) -> None:
    """Do a job for each task; one that is interrupted leaves whole tasks.

    Args:
        job: Records and writes one task and returns the number of its frames; it is sent to other processes, and may be
            done twice where one is killed.
        tasks: Tasks to do.
        stage: What observers are told the work is.
        n_done: Tasks that were done before; they count as done.
        workers: Who does the jobs; all cores when None.
        observers: Told at the beginning and of each task that is done, with the frames so far under "frames".

    Raises:
        ValueError: What a job raised about its input, as `RuntimeError` and `OSError` are.
        OSError: Workers were killed again and again.
    """
    total, n_frames = n_done + len(tasks), 0
    report(observers, Progress(stage, n_done, total))
    with closing(engine_of(workers).run(job, tasks)) as results:
        for _, frames in results:
            n_done, n_frames = n_done + 1, n_frames + frames
            report(observers, Progress(stage, n_done, total, {"frames": n_frames}))


def compute_missing(
    paths: Mapping[_Task, Path],
    job: Callable[[_Task], int],
    *,
    names: Sequence[str],
    stage: str,
    workers: Workers = None,
    observers: Sequence[Observer] = (),
) -> list[list[Tensor]]:
    """Compute the tensors of the tasks whose file is not there whole, and read those of all.

    Args:
        paths: File of each task.
        job: Computes and writes the tensors of one task, and returns the number of its frames.
        names: Names of the tensors.
        stage: What observers are told the work is.
        workers: Who does the jobs; all cores when None.
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
