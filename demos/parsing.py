"""What other programs and people wrote, parsed into typed values once: errors name the file and the field.

JSON holds anything: text where a number is expected, a number of five thousand digits, brackets nested a million deep.
`read_json` and `parse` turn it into dataclasses, lists and numbers of the types stated, or refuse it in one line.
"""

import re
from itertools import accumulate
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from daml.demos.disk import read_file

T = TypeVar("T")

_MOST = 1_000_000_000
"""No number of frames, pixels, tasks or steps comes near it; larger ones are damage or malice."""

Whole = Annotated[int, Meta(ge=0, le=_MOST)]
"""A whole number from 0."""
Count = Annotated[int, Meta(ge=1, le=_MOST)]
"""A whole number from 1."""
Positive = Annotated[float, Meta(gt=0, le=_MOST)]
"""A finite number above 0."""
Seconds = Annotated[float, Meta(ge=0, le=_MOST)]
"""A finite number from 0."""
JsonObject = dict[str, Any]
"""A JSON object of which only the names are known."""

LARGEST_JSON = 16_000_000
"""Bytes of a JSON file: parsed without types, each may become a hundred in memory."""

MOST_LEVELS = 64
"""Levels of brackets; ours have up to seven, and Python's ways of copying and writing values end at some 300."""

_WHERE = re.compile(r" - at `(?:key in )?\$\.?(.*)`$", re.DOTALL)
"""How msgspec ends its messages: with the path of the field."""


def read_json(path: str | Path, kind: type[T], *, cure: str, largest: int = LARGEST_JSON) -> T:
    """Read a JSON file into a typed value.

    Args:
        path: The file.
        kind: Type of its content: a dataclass, `dict[str, int]` and the like; `Annotated` types bound numbers.
        cure: What to do about a file that cannot be read, which ends the message.
        largest: Bytes that it may have.

    Returns:
        The content, of that type. Fields that a dataclass does not have are passed over.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no file, too large, no JSON or of other types; the message names the file and the field.
    """
    try:
        content = read_file(path, largest=largest)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ValueError(f"{path}: cannot be read ({error.strerror or error}); {cure}") from error
    return parse_json(content, kind, where=str(path), cure=cure)


def parse_json(content: bytes, kind: type[T], *, where: str, cure: str) -> T:
    """Parse JSON that was read already: a file, or a line of one.

    Args:
        content: JSON in UTF-8.
        kind: The type to expect, as for `read_json`.
        where: What the error calls it: its file, and its place there.
        cure: What to do about it, which ends the message.

    Returns:
        The content, of that type.

    Raises:
        ValueError: It is no JSON, is nested too deep or of another type; the message names the field.
    """
    try:
        value = msgspec.json.decode(content, type=kind)
        _check_levels(content)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, OverflowError) as error:
        raise ValueError(f"{where}: {_reason(error)}; {cure}") from error
    return value


def parse(value: object, kind: type[T], *, where: str) -> T:
    """Turn what a parser returned (a table of TOML, a row of a table) into a typed value.

    Args:
        value: Mappings, lists, texts and numbers.
        kind: The type to expect, as for `read_json`.
        where: What the error calls the value: its file, and its place there.

    Returns:
        The value, of that type.

    Raises:
        ValueError: It is of another type; the message names the field.
    """
    try:
        return msgspec.convert(value, kind)
    except (msgspec.ValidationError, RecursionError, OverflowError) as error:
        raise ValueError(f"{where}: {_reason(error)}") from error


_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def _check_levels(content: bytes) -> None:
    """Refuse brackets nested too deep, in JSON that is known to be valid: its texts all end."""
    if len(content.translate(None, _NO_BRACKETS)) <= MOST_LEVELS:
        return
    brackets = _TEXT.sub(b"", content).translate(None, _NO_BRACKETS)
    if max(accumulate(map(_STEPS.__getitem__, brackets)), default=0) > MOST_LEVELS:
        raise RecursionError


def _reason(error: Exception) -> str:
    """Say in one line which field is not as expected."""
    if isinstance(error, RecursionError):
        return f"brackets nested more than {MOST_LEVELS} deep"
    text = " ".join(str(error).split()).replace("`", "")
    found = _WHERE.search(str(error))
    if found is None:
        return text
    text = text[: text.rindex(" - at ")]
    return f"{' '.join(found[1].split()) or 'its content'}: {text[:1].lower()}{text[1:]}"
