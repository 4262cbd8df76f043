"""The serial engine: this process does every job itself, one after another."""

from collections.abc import Callable, Generator, Sequence
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class SerialEngine:
    """Does jobs where it is asked to: nothing is sent, so jobs may be lambdas, and errors keep their traces."""

    def run(self, job: Callable[[_Item], _Result], items: Sequence[_Item]) -> Generator[tuple[int, _Result]]:
        """Do a job for each item, in order; see `Engine`."""
        for number, item in enumerate(items):
            yield number, job(item)
