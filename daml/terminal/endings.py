"""How a command ends that is stopped from outside: by a signal, a closed pipe, or a machine short of memory.

Each is one line and the exit status that shells and supervisors expect, with no traceback and nothing left running.
"""

import errno
import os
import signal
import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

SIGNAL_STATUS = 128
"""Exit status of what a signal has ended, less the signal's number, as shells have it."""

NO_MEMORY = 2
"""Exit status where memory ran out, as for all other errors."""

GOES_ON = frozenset({"collect", "dataset", "evaluate", "evaluate-policy", "train"})
"""Commands that go on where they were stopped when they are run again. All others write whole files, or none."""

_STOPS = ("SIGTERM", "SIGHUP")
"""Signals that end a command as Ctrl-C does."""

_MEMORY_MESSAGES = ("can't allocate memory", "out of memory", "insufficient memory", "cannot allocate memory")
"""How torch, CUDA, OpenCV and the system say that memory ran out, in errors of no class of their own."""


class Stopped(KeyboardInterrupt):
    """A signal asked for the end; whoever cleans up after Ctrl-C cleans up after it.

    Args:
        number: Number of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


@contextmanager
def ended_in_one_line(words: Sequence[str]) -> Generator[None]:
    """Run a command so that signals, closed pipes and short memory end it in one line.

    Args:
        words: The command line, whose first word is the command.

    Raises:
        SystemExit: The command was ended from outside; other errors are passed on.
    """
    _open_streams()
    earlier = _listen()
    try:
        try:
            yield
        finally:
            sys.stdout.flush()  # what nobody reads is better found out here than at the interpreter's end
    except KeyboardInterrupt as stop:
        number = stop.number if isinstance(stop, Stopped) else signal.SIGINT
        _complain(f"stopped by {_name(number)}; {_what_next(words)}")
        raise SystemExit(SIGNAL_STATUS + number) from None
    except BrokenPipeError as error:
        if error.filename is not None:
            raise
        _give_up_output()
        raise SystemExit(SIGNAL_STATUS + signal.SIGPIPE) from None
    except Exception as error:
        # Errors of files have a name, or a message of their own.
        if isinstance(error, OSError) and error.errno == errno.ENOSPC and error.filename is None and error.strerror:
            _give_up_output()
        if not is_short_of_memory(error):
            raise
        _complain(f"error: the machine has not enough memory ({_first_words(error)}); {_what_next(words)}")
        raise SystemExit(NO_MEMORY) from error
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)


def is_short_of_memory(error: BaseException) -> bool:
    """Tell whether an error says that memory ran out, of whatever class it is."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    return any(message in str(error).lower() for message in _MEMORY_MESSAGES)


def _listen() -> dict[int, Any]:
    """Let the signals raise `Stopped`; return how they were handled before."""
    earlier: dict[int, Any] = {}
    if threading.current_thread() is not threading.main_thread():
        return earlier
    for name in _STOPS:
        number = getattr(signal, name, None)
        # nohup has a command ignore SIGHUP: that holds.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            earlier[number] = signal.signal(number, _stop)
    return earlier


def _stop(number: int, _frame: FrameType | None) -> None:
    raise Stopped(number)


def _name(number: int) -> str:
    return "Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name


def _what_next(words: Sequence[str]) -> str:
    """Say how to go on, as is true of the command."""
    if words and words[0] in GOES_ON:
        return "run the same command again to go on where it was"
    return "what was not complete has not been written"


def _first_words(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 200 else f"{text[:197]}..."  # C++ libraries add where in their sources it happened


def _complain(text: str) -> None:
    with suppress(OSError):  # nobody may be there to read it: after SIGHUP the terminal is gone
        sys.stderr.write(f"daml: {text}\n")
        sys.stderr.flush()


def _open_streams() -> None:
    """Have streams that take every text: a path may hold what their encoding does not, and they may be closed."""
    for name in ("stdout", "stderr"):
        stream: Any = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - for the whole process
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _give_up_output() -> None:
    """Send what is still to be written nowhere: the interpreter writes it at its end, and would complain."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
