"""The console command `daml`: reads the command line, runs a command, turns bad input into one clear line."""

import importlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from types import MappingProxyType
from typing import Any, NamedTuple

from daml.errors import is_disks, is_users
from daml.terminal.endings import ended_in_one_line
from daml.terminal.home_folder import expand_home

BAD_INPUT = 2
"""Exit status for bad input, as for a wrong command line."""

NOT_WRITTEN = 1
"""Exit status where the disk is full: nothing is wrong with the command line or its input."""


class Command(NamedTuple):
    """One command: a function in a module of `daml.app`, or several, one of which an option selects."""

    summary: str
    """What it does, in a line."""
    functions: Mapping[str, str]
    """Functions by the option that selects them; the last one, by "", where no such option is given."""
    module: str
    """Module of `daml.app`."""


def _command(name: str, summary: str) -> Command:
    """Describe a command whose module and function have its name."""
    return Command(summary, {"": name}, name)


COMMANDS: Mapping[str, Command] = MappingProxyType(
    {
        "demo": Command(
            "adapt to a simulated human's video, or to yours (--video), and show the policy before and after",
            {"--video": "demo_film", "": "demo"},
            "demo",
        ),
        "app": _command("app", "open the page: film yourself, see what was understood, watch the robot do it"),
        "record": _command("record", "film yourself, or a simulated human"),
        "inspect": _command("inspect", "show what a video holds, and what would spoil an adaptation to it"),
        "twin": _command("twin", "build the scene that a video shows, as a scene file"),
        "adapt": _command("adapt", "adapt a prior to one video and save the policy"),
        "evaluate": Command(
            "judge a prior: on tasks, in a scene (--scene), or adapted to a film (--video)",
            {"--video": "evaluate_film", "--scene": "evaluate_scene", "": "evaluate_tasks"},
            "evaluate",
        ),
        "evaluate-policy": Command(
            "judge a policy that `daml adapt` saved, on its video's task or in a scene (--scene)",
            {"--scene": "evaluate_policy_in_scene", "": "evaluate_policy_on_tasks"},
            "evaluate_policy",
        ),
        "report": _command("report", "make tables, plots and a page of clips of all results in a folder"),
        "collect": _command("collect", "fill a dataset with simulated humans and scripted experts"),
        "dataset": _command("dataset", "check, import and export demonstrations of your own"),
        "train": _command("train", "meta-train a prior"),
        "doctor": _command("doctor", "show what this machine has, and what to install"),
    }
)
"""Every command, by its name."""


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line.

    Args:
        args: Words after `daml`; those of this process when None.

    Raises:
        SystemExit: The command line or its input is bad, help was asked for, or the command was stopped (see
            `terminal.endings`).
        Exception: A fault of this package, with its traceback; or, with --debug or DAML_DEBUG=1, any error.
    """
    words = list(sys.argv[1:] if args is None else args)
    debug = "--debug" in words or os.environ.get("DAML_DEBUG", "0") not in ("", "0")
    try:
        with nullcontext() if debug else ended_in_one_line(words):
            _run(expand_home([word for word in words if word != "--debug"]))
    except Exception as error:
        if debug or not is_users(error):
            raise
        sys.stderr.write(f"daml: error: {_one_line(error)}\n")
        raise SystemExit(NOT_WRITTEN if is_disks(error) else BAD_INPUT) from error


def _run(words: list[str]) -> None:
    """Run a command, loading what it needs and no more: torch takes seconds, and the doctor must run without it."""
    name, rest = (words[0], words[1:]) if words else ("", [])
    if name in ("-h", "--help"):
        sys.stdout.write(_help())
        raise SystemExit(0)
    if name not in COMMANDS:
        sys.stderr.write(f"daml: error: expected a command, got {name or 'none'}\n{_help()}")
        raise SystemExit(BAD_INPUT)
    import tyro  # noqa: PLC0415 - the help does without it

    command = COMMANDS[name]
    functions = command.functions
    if not {"-h", "--help"} & set(rest):
        selected = next(option for option in functions if not option or _is_given(option, rest))
        tyro.cli(load(command, functions[selected]), prog=f"daml {name}", args=rest)
        return
    for function in reversed([*functions.values()]):  # tyro ends the program after each help
        try:
            tyro.cli(load(command, function), prog=f"daml {name}", args=["--help"])
        except SystemExit as stopped:
            if stopped.code:
                raise
    raise SystemExit(0)


def _is_given(option: str, words: Sequence[str]) -> bool:
    """Tell whether an option is among the words of a command line."""
    return any(word == option or word.startswith(f"{option}=") for word in words)


def load(command: Command, function: str) -> Callable[..., Any]:
    """Import a function of a command."""
    return getattr(importlib.import_module(f"daml.app.{command.module}"), function)


def _help() -> str:
    """Write the help of the program, without loading any command."""
    width = max(map(len, COMMANDS)) + 2
    lines = [f"  {name:<{width}}{command.summary}" for name, command in COMMANDS.items()]
    return "\n".join(
        [
            "usage: daml COMMAND [OPTIONS]",
            "",
            "One human video in, an adapted robot policy and an honest success rate out.",
            "",
            "commands:",
            *lines,
            "",
            "`daml COMMAND --help` shows the options of a command; --debug shows the traceback of any error.",
            "",
        ]
    )


def _one_line(error: Exception) -> str:
    """Return what an error says, without line breaks and without the operating system's numbers."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return " ".join(str(error).split()) or type(error).__name__
