"""`~` on the command line where shells leave it: in `--output=~/x`, and in quotes."""

from collections.abc import Sequence
from pathlib import Path


def expand_home(words: Sequence[str]) -> list[str]:
    """Put the home folder in place of a `~` that a path begins with.

    Args:
        words: Words of a command line.

    Returns:
        The words; those without `~` as they are, and likewise where no home folder is known.
    """
    return [_expanded(word) for word in words]


def _expanded(word: str) -> str:
    option, equals, value = word.partition("=")
    if option.startswith("--") and equals:
        return f"{option}={_home_in_place(value)}"
    return _home_in_place(word)


def _home_in_place(path: str) -> str:
    if not path.startswith("~"):
        return path
    first, slash, rest = path.partition("/")
    try:
        return f"{Path(first).expanduser()}{slash}{rest}"
    except RuntimeError:  # no such user
        return path
