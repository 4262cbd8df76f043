"""What every reader promises of every file, whoever made it."""

import resource
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

MOST_SECONDS = 20.0
"""Computing time that a hostile file may cost."""
MOST_MEMORY = 1_500_000_000
"""Bytes by which it may make the process grow."""
WAITING_S = 120
"""Wall time after which a reader is taken to wait for ever; a busy machine is several times slower than an idle one."""


@pytest.fixture
def refused() -> Iterator[Callable[..., str]]:
    """Check that a reader refuses a file in one line that names it, soon, and without taking much memory."""

    def stop(*_: object) -> None:
        pytest.fail("the reader waits for ever")

    def refused(read: Callable[[], object], *, naming: Path | str) -> str:
        before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
        with pytest.raises((ValueError, OSError)) as caught:
            read()
        message = str(caught.value)
        assert str(naming) in message, message
        assert "\n" not in message
        assert len(message) < 1000, f"{len(message)} letters: {message[:200]} ..."
        assert time.process_time() - begun < MOST_SECONDS
        assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < MOST_MEMORY
        return message

    earlier = signal.signal(signal.SIGALRM, stop)
    signal.alarm(WAITING_S)
    yield refused
    signal.alarm(0)
    signal.signal(signal.SIGALRM, earlier)
