"""What an engine is: it does a job for each of many items, on workers that may be killed, and loses none."""

import os
from collections.abc import Callable, Generator, Sequence
from typing import Protocol, TypeAlias, TypeVar

from daml.engines.local import LocalEngine
from daml.engines.serial import SerialEngine

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class Engine(Protocol):
    """Does a job for each of many items.

    Jobs must be independent, and doing one twice must leave what doing it once leaves: a worker may be killed when a
    job is done but nobody knows it yet.
    """

    def run(self, job: Callable[[_Item], _Result], items: Sequence[_Item]) -> Generator[tuple[int, _Result]]:
        """Do a job for each item; few are under way at any time, however many there are.

        Args:
            job: It and its items are sent to other processes, so it is no lambda and no inner function.
            items: What it is done for.

        Yields:
            Number of an item and what the job returned for it, once for each item, in the order in which they end.

        Raises:
            ValueError: What a job raised about its input, as `RuntimeError` and `OSError` are.
            OSError: Workers were killed again and again.
        """
        ...


Workers: TypeAlias = int | Engine | None
"""Who does jobs: so many processes of this machine, as many as it has cores when None, or an engine."""


def engine_of(workers: Workers, *, n_jobs: int | None = None) -> Engine:
    """Return what does jobs.

    Args:
        workers: So many processes, all cores when None, or an engine.
        n_jobs: How many jobs there are. Where one process would do all, it is this one: another would import for
            seconds and do nothing else besides.

    Raises:
        ValueError: There would be no worker.
    """
    if workers is not None and not isinstance(workers, int):
        engine = workers
    elif workers is None or workers >= 1:
        engine = LocalEngine(workers or n_usable_cores())
    else:
        raise ValueError(f"workers: expected at least 1, got {workers}")
    is_alone = isinstance(engine, LocalEngine) and n_jobs is not None and min(engine.n_workers, n_jobs) <= 1
    return SerialEngine() if is_alone else engine


def n_usable_cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
