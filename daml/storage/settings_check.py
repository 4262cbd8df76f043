"""Settings read from a file, checked against the types that their dataclass states."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args, get_origin, get_type_hints

_LARGEST = 1_000_000
"""No size of a network, in layers or in pixels, comes near it."""


def check_settings(config: object, *, where: str = "") -> None:
    """Refuse settings of another type than stated: JSON holds anything.

    Whole numbers must be positive, others at least 0, finite and of a bearable size, as all sizes and step sizes are;
    the metadata "least" of a field states another smallest number.

    Args:
        config: A dataclass of numbers, texts, choices, tuples of numbers, mappings and further such dataclasses.
        where: What comes before a field's name in an error.

    Raises:
        ValueError: A field is of another type, or out of range; the message names it.
    """
    hints = get_type_hints(type(config))
    for field in dataclasses.fields(config):  # pyright: ignore[reportArgumentType] - the caller's duty
        name, value = f"{where}{field.name}", getattr(config, field.name)
        hint = hints[field.name]
        if dataclasses.is_dataclass(value):
            check_settings(value, where=f"{name}.")
        elif get_origin(hint) is tuple:
            for number in value:
                _check_number(number, get_args(hint)[0], name=name)
        elif hint in (int, float):
            _check_number(value, hint, name=name, least=field.metadata.get("least"))
        elif get_origin(hint) is Literal:
            _check_choice(value, get_args(hint), name=name)
        elif hint in (bool, str):
            if not isinstance(value, hint):
                raise ValueError(f"{name}: expected a {hint.__name__}, got {value!r}")
        elif get_origin(hint) is Mapping and not isinstance(value, Mapping):
            raise ValueError(f"{name}: expected an object, got {value!r}")


def check_least(config: object, least: Mapping[str, float]) -> None:
    """Refuse numbers that are too small, or no numbers at all; what is None was not given.

    Args:
        config: Whose fields are checked.
        least: Smallest number allowed, by the field's name.

    Raises:
        ValueError: A field is smaller, or NaN; the message names it.
    """
    for name, smallest in least.items():
        value = getattr(config, name)
        if value is not None and not value >= smallest:  # neither is NaN
            raise ValueError(f"{name}: expected at least {smallest}, got {value}")


def _check_choice(value: Any, choices: Sequence[str], *, name: str) -> None:  # noqa: ANN401 - from JSON
    """Refuse what is none of some words."""
    if value not in choices:
        raise ValueError(f"{name}: expected one of {', '.join(choices)}, got {value!r}")


def _check_number(value: Any, wanted: type, *, name: str, least: float | None = None) -> None:  # noqa: ANN401 - JSON
    """Refuse what is no positive number of the type wanted; a whole number is a fine float."""
    is_number = isinstance(value, int if wanted is int else (int, float)) and not isinstance(value, bool)
    if least is None:
        least = 1 if wanted is int else 0
    if not (is_number and least <= value <= _LARGEST):  # no NaN is
        raise ValueError(
            f"{name}: expected a {'whole ' if wanted is int else ''}number from {least} to {_LARGEST:,}, got {value!r}"
        )
