"""What a worker process does: one job, for item after item."""

from collections.abc import Callable
from typing import Any, NamedTuple

from daml.errors import is_users

_the_job: list[Callable[[Any], Any]] = []
"""This process's job: sent once, not with every item, since it may hold a network."""


class Refused(NamedTuple):
    """Stands for the result of a job that raised an error of the user's: on its way it would lose where."""

    error: Exception
    """What was raised."""


def keep_job(job: Callable[[Any], Any]) -> None:
    """Remember what this process does."""
    _the_job[:] = [job]


def do(item: object) -> Any:  # noqa: ANN401 - whatever the job returns
    """Do this process's job for an item."""
    return attempt(_the_job[0], item)


def attempt(job: Callable[[Any], Any], item: object) -> Any:  # noqa: ANN401 - whatever the job returns
    """Do a job for an item; return an error that is the user's."""
    try:
        return job(item)
    except Exception as error:
        if is_users(error):
            return Refused(error)
        raise
