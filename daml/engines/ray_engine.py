"""The Ray engine: workers on as many machines as a Ray cluster has."""

import os
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any, TypeVar, cast

from daml.engines.jobs import Refused, attempt

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_MOST_KILLS = 10
"""Times that the worker of one job may be killed before there is no use in going on."""

_IN_FLIGHT = 2
"""Jobs under way for each core: one runs, one is at hand. What waits beyond that waits here, as a number."""

_jobs: dict[str, Callable[[Any], Any]] = {}
"""This worker's job, by the name of the object that holds it: with its network and environments it is kept."""


class RayEngine:
    """Does jobs on a Ray cluster; those of killed workers and lost machines are done again.

    What jobs write to must be a folder that all machines share, by the same path. All need the same version of this
    package.

    Args:
        address: Address of a running cluster, such as "auto" on one of its machines; when None the one that
            `RAY_ADDRESS` names, or one of this machine alone, which is started.
        n_workers: Jobs that run at a time, at most; one for each core of the cluster when None.

    Raises:
        ImportError: Ray is not installed.
        OSError: There is no such cluster.
    """

    def __init__(self, address: str | None = None, *, n_workers: int | None = None) -> None:
        self._ray, self._n_workers = _connected(address), n_workers

    def run(self, job: Callable[[_Item], _Result], items: Sequence[_Item]) -> Generator[tuple[int, _Result]]:
        """Do a job for each item; see `Engine`. What is under way when the caller stops is given up."""
        if not items:
            return
        ray = self._ray
        held = ray.put(job)
        # Without events, of which the head would keep those of 100,000 jobs.
        do = ray.remote(num_cpus=1, max_retries=_MOST_KILLS, enable_task_events=False)(_do)
        waiting = iter(range(len(items)))
        running: dict[Any, int] = {}
        try:
            self._fill(running, waiting, lambda number: do.remote(held.hex(), [held], items[number]))
            while running:
                finished, _ = ray.wait([*running], num_returns=1)
                for reference in finished:
                    result = self._result(reference)
                    if isinstance(result, Refused):
                        raise result.error
                    number = running.pop(reference)
                    yield number, cast("_Result", result)
                self._fill(running, waiting, lambda number: do.remote(held.hex(), [held], items[number]))
        finally:
            for reference in running:
                ray.cancel(reference, force=True)

    def _fill(self, running: dict[Any, int], waiting: Iterator[int], begin: Callable[[int], Any]) -> None:
        """Have as many jobs under way as keep all workers busy; the cluster may have grown."""
        most = self._n_workers or _IN_FLIGHT * max(1, int(self._ray.cluster_resources().get("CPU", 1)))
        while len(running) < most and (number := next(waiting, None)) is not None:
            running[begin(number)] = number

    def _result(self, reference: Any) -> Any:  # noqa: ANN401 - Ray ships types, but is not always there
        """Return what a job returned."""
        errors = self._ray.exceptions
        killed = (
            errors.WorkerCrashedError,
            errors.NodeDiedError,
            errors.OutOfMemoryError,
            errors.ObjectLostError,
            errors.LocalRayletDiedError,
        )
        try:
            return self._ray.get(reference)
        except killed as error:
            raise OSError(
                "a worker was ended from outside, again and again, most likely because memory ran out; run the same "
                "command again, with less to each machine: it goes on where it was"
            ) from error


def _do(name: str, holder: Sequence[Any], item: object) -> Any:  # noqa: ANN401 - whatever the job returns
    """Do a job in a worker, which keeps the job: a reference inside a list is not fetched with every item."""
    if name not in _jobs:
        _jobs.clear()
        _jobs[name] = import_module("ray").get(holder[0])
    return attempt(_jobs[name], item)


def _connected(address: str | None) -> Any:  # noqa: ANN401 - a module
    """Return the module `ray`, connected to a cluster."""
    try:
        ray: Any = import_module("ray")
    except ImportError as error:
        raise ImportError(
            "the Ray engine needs Ray, which is not installed: pip install 'daml-imitation[ray]'"
        ) from error
    if not ray.is_initialized():
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent anywhere
        with _own_signals():
            # Without any address Ray would look for the last cluster of this machine, which may be gone.
            wanted = address or os.environ.get("RAY_ADDRESS", "local")
            try:
                ray.init(address=wanted, log_to_driver=False, logging_level="ERROR")
            except Exception as error:  # Ray raises plain ones too
                raise OSError(
                    f"Ray at {wanted} cannot be reached, or not started ({' '.join(str(error).split())}); see "
                    "`ray status` on its machines"
                ) from error
    return ray


@contextmanager
def _own_signals() -> Generator[None]:
    """Keep this program's way of ending on a signal, which Ray would replace by its own."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
