"""The local engine: processes of this machine."""

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar, cast

from daml.engines.jobs import Refused, do
from daml.engines.worker_pool import open_pool

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_MOST_BREAKS = 10
"""Times in a row that a worker is killed before any job ends, after which there is no use in going on."""


class LocalEngine:
    """Does jobs in processes of this machine; killed ones are replaced.

    Args:
        n_workers: How many processes; never more than there are jobs.
    """

    def __init__(self, n_workers: int) -> None:
        self.n_workers = n_workers

    def run(self, job: Callable[[_Item], _Result], items: Sequence[_Item]) -> Generator[tuple[int, _Result]]:
        """Do a job for each item; see `Engine`. What runs when the caller stops is finished; after Ctrl-C it counts."""
        left, breaks = dict.fromkeys(range(len(items))), 0
        while left:
            try:
                for number, result in self._run_in_one_pool(job, items, list(left)):
                    del left[number]
                    breaks = 0
                    yield number, result
            except BrokenProcessPool as error:
                breaks += 1
                if breaks == _MOST_BREAKS:
                    raise OSError(
                        "a worker process was ended from outside, again and again, most likely because memory ran "
                        "out; run the same command again, with fewer workers or less else running: it goes on where "
                        "it was"
                    ) from error

    def _run_in_one_pool(
        self, job: Callable[[_Item], _Result], items: Sequence[_Item], numbers: Sequence[int]
    ) -> Generator[tuple[int, _Result]]:
        """Do a job for some items, in processes that are all given up when one is killed."""
        n_workers = min(self.n_workers, len(numbers))
        waiting = iter(numbers)
        with open_pool(n_workers, job) as executor:
            running: dict[Future[Any], int] = {}

            def fill() -> None:
                # One job more than workers: none of them waits for the next, and little is finished after Ctrl-C.
                while len(running) <= n_workers and (number := next(waiting, None)) is not None:
                    running[executor.submit(do, items[number])] = number

            try:
                fill()
                while running:
                    finished, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in sorted(finished, key=_is_broken):  # what is done counts, then that one was killed
                        result = future.result()
                        number = running.pop(future)
                        if isinstance(result, Refused):
                            raise result.error  # noqa: TRY301 - the worker's
                        yield number, cast("_Result", result)
                    fill()
            except BaseException as stop:
                executor.shutdown(cancel_futures=True)  # what runs is finished, what waits is not begun
                if isinstance(stop, KeyboardInterrupt):
                    yield from _finished(running)
                raise


def _is_broken(future: Future[Any]) -> bool:
    """Tell whether a job has no result because a worker was killed."""
    return isinstance(future.exception(), BrokenProcessPool)


def _finished(running: dict[Future[Any], int]) -> Generator[tuple[int, Any]]:
    """Yield what came out of jobs that were finished after all."""
    for future, number in running.items():
        if not future.cancelled() and future.exception() is None and not isinstance(future.result(), Refused):
            yield number, future.result()
