"""Laws of the serial engine."""

import os

from daml.engines.serial import SerialEngine


def test_jobs_are_done_here_in_order_and_only_when_asked_for():
    done: list[int] = []

    def note(number: int) -> int:
        done.append(number)
        return os.getpid()

    results = SerialEngine().run(note, [7, 8])
    assert done == []
    assert next(results) == (0, os.getpid())
    assert done == [7]
    assert [*results] == [(1, os.getpid())]
