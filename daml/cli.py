"""The console command `daml`: reads the command line, runs a command, turns bad input into one clear line."""

import importlib
import sys
from collections.abc import Callable, Sequence
from typing import Any

import tyro

from daml.terminal.endings import ended_in_one_line
from daml.terminal.home_folder import expand_home

COMMANDS = ("demo", "record", "inspect", "adapt", "evaluate", "report", "collect", "dataset", "train", "doctor")
"""Each is the function of its own name in the module of `daml.app` of its own name."""

BAD_INPUT = 2
"""Exit status for bad input, as for a wrong command line."""

_DESCRIPTION = "One human video in, an adapted robot policy and an honest success rate out."


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line.

    Args:
        args: Words after `daml`; those of this process when None.

    Raises:
        SystemExit: The command line or its input is bad, help was asked for, or the command was stopped (see
            `terminal.endings`).
    """
    words = list(sys.argv[1:] if args is None else args)
    try:
        with ended_in_one_line(words):
            _run(expand_home(words))
    # FloatingPointError: training has lost its loss. ImportError: an optional library, and the message says which.
    except (ValueError, OSError, RuntimeError, FloatingPointError, ImportError) as error:
        sys.stderr.write(f"daml: error: {_one_line(error)}\n")
        raise SystemExit(BAD_INPUT) from error


def _run(words: list[str]) -> None:
    """Load what the command needs, and no more: torch takes seconds, and the doctor must run without it."""
    if words and words[0] in COMMANDS:
        tyro.cli(_load(words[0]), prog=f"daml {words[0]}", args=words[1:])
        return
    commands = {name: _load(name) for name in COMMANDS}
    tyro.extras.subcommand_cli_from_dict(commands, prog="daml", description=_DESCRIPTION, args=words)


def _load(name: str) -> Callable[..., Any]:
    """Import the function of a command."""
    return getattr(importlib.import_module(f"daml.app.{name}"), name)


def _one_line(error: Exception) -> str:
    """Return what an error says, without line breaks and without the operating system's numbers."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return " ".join(str(error).split()) or type(error).__name__
