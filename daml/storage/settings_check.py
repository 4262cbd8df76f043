"""Settings read from a file, checked against the types that their dataclass states."""

import dataclasses
import reprlib
from collections.abc import Mapping, Sequence
from types import UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

_LARGEST = 1_000_000
"""No size of a network, in layers or in pixels, comes near it."""


def check_settings(config: object, *, where: str = "") -> None:
    """Refuse settings of another type than stated: JSON holds anything.

    Whole numbers must be positive, others at least 0, finite and of a bearable size, as all sizes and step sizes are;
    the metadata "least" and "most" of a field state other limits.

    Args:
        config: A dataclass of numbers, texts, choices, tuples of numbers, mappings and further such dataclasses.
        where: What comes before a field's name in an error.

    Raises:
        ValueError: A field is of another type, or out of range; the message names it.
    """
    hints = get_type_hints(type(config))
    for field in dataclasses.fields(config):  # pyright: ignore[reportArgumentType] - the caller's duty
        _check_field(f"{where}{field.name}", getattr(config, field.name), hints[field.name], field.metadata)


def _check_field(name: str, value: Any, hint: Any, metadata: Mapping[Any, Any]) -> None:  # noqa: ANN401 - types themselves
    """Refuse a value of another type than the hint says."""
    origin, parts = get_origin(hint), get_args(hint)
    if dataclasses.is_dataclass(value):
        check_settings(value, where=f"{name}.")
    elif origin is tuple:
        _check_numbers(value, parts, name=name)
    elif origin in (Union, UnionType):
        if value is not None:
            _check_number(value, parts[0], name=name)
    elif hint in (int, float):
        _check_number(value, hint, name=name, least=metadata.get("least"), most=metadata.get("most", _LARGEST))
    elif origin is Literal:
        _check_choice(value, parts, name=name)
    elif hint in (bool, str):
        if not isinstance(value, hint):
            raise ValueError(f"{name}: expected a {hint.__name__}, got {reprlib.repr(value)}")
    elif origin is Mapping and not isinstance(value, Mapping):
        raise ValueError(f"{name}: expected an object, got {reprlib.repr(value)}")


def check_least(config: object, least: Mapping[str, float]) -> None:
    """Refuse numbers that are too small or too large, or no numbers at all; what is None was not given.

    No number of tasks, steps or pixels comes near a million; seeds may be of any size.

    Args:
        config: Whose fields are checked.
        least: Smallest number allowed, by the field's name.

    Raises:
        ValueError: A field is smaller or larger, or NaN; the message names it.
    """
    for name, smallest in least.items():
        value = getattr(config, name)
        if value is not None and not value >= smallest:  # neither is NaN
            raise ValueError(f"{name}: expected at least {smallest}, got {value}")
        if value is not None and "seed" not in name and value > _LARGEST:
            raise ValueError(f"{name}: expected at most {_LARGEST:,}, got {value}")


def _check_choice(value: Any, choices: Sequence[str], *, name: str) -> None:  # noqa: ANN401 - from JSON
    """Refuse what is none of some words."""
    if value not in choices:
        raise ValueError(f"{name}: expected one of {', '.join(choices)}, got {reprlib.repr(value)}")


def _check_numbers(value: Any, wanted: tuple[Any, ...], *, name: str) -> None:  # noqa: ANN401 - from JSON
    """Refuse what is no tuple of as many numbers as wanted, or of any number where that is left open."""
    expected = "numbers" if Ellipsis in wanted else f"{len(wanted)} numbers"
    numbers = cast("tuple[object, ...]", value) if isinstance(value, tuple) else ()
    if not isinstance(value, tuple) or (Ellipsis not in wanted and len(numbers) != len(wanted)):
        raise ValueError(f"{name}: expected {expected}, got {reprlib.repr(cast('object', value))}")
    for number in numbers:
        _check_number(number, wanted[0], name=name)


def _check_number(
    value: Any,  # noqa: ANN401 - from JSON
    wanted: type,
    *,
    name: str,
    least: float | None = None,
    most: float = _LARGEST,
) -> None:
    """Refuse what is no positive number of the type wanted; a whole number is a fine float."""
    is_number = isinstance(value, int if wanted is int else (int, float)) and not isinstance(value, bool)
    if least is None:
        least = 1 if wanted is int else 0
    if not (is_number and least <= value <= most):  # no NaN is
        expected = f"a {'whole ' if wanted is int else ''}number from {least} to {most:,}"
        raise ValueError(f"{name}: expected {expected}, got {reprlib.repr(value)}")
