"""What a person corrects of a reading: item, destination, manner, steps that were none, and which one is to be done."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

import numpy as np

from daml.demos import Reading, Step
from daml.demos.reading.reading import Kind, Point

_SAME_PLACE = 0.005
"""What moved less, in shares of the picture, was not corrected."""
_SURE = 1.0
"""A person who says where something is knows it."""


def corrected(reading: Reading, corrections: Sequence[Mapping[str, Any]]) -> Reading:
    """Return a reading as a person has corrected it.

    Args:
        reading: What was read.
        corrections: The steps that remain, each with its `number` in the reading, its `kind`, and the places of its
            `item` and `destination`.

    Returns:
        The corrected reading. The outline of an item that lies elsewhere is moved there with it.

    Raises:
        ValueError: A correction is none: which key, what was expected, what came.
    """
    if not corrections:
        raise ValueError("steps: expected at least one; what should the robot do without any?")
    numbers = [_number("number", correction.get("number"), len(reading.steps)) for correction in corrections]
    steps = tuple(
        _corrected(reading.steps[number], correction) for number, correction in zip(numbers, corrections, strict=True)
    )
    return replace(reading, steps=steps, moments=tuple(reading.moments[number] for number in numbers))


ALL = "all"
"""What a person chooses who wants all steps done, one after another."""


def chosen_step(reading: Reading, value: object) -> int | None:
    """Return which of a reading's steps a person wants done; None for all of them.

    Raises:
        ValueError: It has no such step.
    """
    if value == ALL and len(reading.steps) > 1:
        return None
    return _number("chosen", value, len(reading.steps))


def _corrected(step: Step, correction: Mapping[str, Any]) -> Step:
    kind = correction.get("kind", step.kind)
    if kind not in get_args(Kind):
        raise ValueError(f"kind: expected one of {', '.join(get_args(Kind))}, got {kind!r:.40}")
    item = _place("item", correction.get("item", step.item))
    destination = _place("destination", correction.get("destination", step.destination))
    item_moved, put_moved = np.subtract(item, step.item), np.subtract(destination, step.destination)
    is_changed = kind != step.kind or max(np.abs(item_moved).max(), np.abs(put_moved).max()) > _SAME_PLACE
    return replace(
        step,
        kind=kind,
        item=item,
        destination=destination,
        outline=np.clip(step.outline + item_moved, 0, 1),
        put_outline=np.clip(step.put_outline + put_moved, 0, 1),
        confidence=_SURE if is_changed else step.confidence,
    )


def _number(name: str, value: object, n_steps: int) -> int:
    if not isinstance(value, int) or not 0 <= value < n_steps:
        raise ValueError(f"{name}: expected that of one of {n_steps} step(s), got {value!r:.40}")
    return value


def _place(name: str, value: Any) -> Point:  # noqa: ANN401 - whatever a browser sent
    if (
        not isinstance(value, (list, tuple))
        or len(value) != 2  # pyright: ignore[reportUnknownArgumentType]
        or not all(isinstance(share, (int, float)) and math.isfinite(share) and 0 <= share <= 1 for share in value)  # pyright: ignore[reportUnknownVariableType]
    ):
        raise ValueError(f"{name}: expected two shares of the picture from 0 to 1, got {value!r:.40}")
    x, y = (float(share) for share in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return x, y
