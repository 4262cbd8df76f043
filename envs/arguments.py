"""What callers give to `TabletopEnv`, checked before anything of an episode is changed."""

import operator
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from daml.envs.shifts import UNSHIFTED, Shift
from daml.envs.tasks.description import Assignment, Scene
from daml.envs.tasks.kinds import draw_objects
from daml.envs.tasks.task import Task

OPTIONS = ("task", "target", "shift")
"""Keys of the options; each may be left out, or None."""

LARGEST_IMAGE = 2048
"""Largest height and width, in pixels: four times as many are drawn, and drivers take no more than 16,384 a side."""


class ResetOptions(NamedTuple):
    """What an episode is to be."""

    task: Assignment | None
    """What is to be done; None for a training task at random."""
    target: int | None
    """Slot of the choice that counts as the target; None for that of the task."""
    shift: Shift
    """World of the episode."""


def parse_options(options: object, *, kind: str) -> ResetOptions:
    """Check the options of a reset.

    Args:
        options: What the caller gave, a mapping or None.
        kind: Kind of task of the environment.

    Returns:
        The options, those that were not given filled in.

    Raises:
        ValueError: A key is unknown, a value is of another type, the task is of another kind, or has no such target.
    """
    given = _as_mapping(options)
    unknown = [key for key in given if key not in OPTIONS]
    if unknown:
        raise ValueError(f"options: {unknown[0]!r} is unknown; valid keys: {', '.join(OPTIONS)}")
    task, target, shift = (given.get(key) for key in OPTIONS)
    if task is not None:
        if not isinstance(task, Task | Scene):
            raise ValueError(f"options['task'] is {task!r}; expected an envs.Task, such as Task.parse('place/test/0')")
        if task.kind != kind:
            raise ValueError(f"task {task} cannot be done here; expected a task of kind {kind}")
    shift = UNSHIFTED if shift is None else shift
    if not isinstance(shift, Shift):
        raise ValueError(f"options['shift'] is {shift!r}; expected an envs.Shift, such as envs.SHIFTS['light']")  # noqa: TRY004
    slot = None if target is None else _as_slot(target)
    if task is not None:
        draw_objects(task).checked_target(slot)
    return ResetOptions(task, slot, shift)


def checked_size(image_size: int) -> int:
    """Return a side of the image, in pixels.

    Raises:
        ValueError: It is no whole number from 1 to `LARGEST_IMAGE`.
    """
    try:
        size = operator.index(image_size)
    except TypeError:
        size = 0
    if not 1 <= size <= LARGEST_IMAGE:
        raise ValueError(f"image_size: expected 1 to {LARGEST_IMAGE} pixels, got {image_size!r}")
    return size


def checked_action(action: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return an action as numbers, `(4,)`.

    Raises:
        ValueError: It has another shape, or is not finite.
    """
    try:
        numbers = np.asarray(action, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        numbers = np.empty(0)
    if numbers.shape != (4,) or not np.isfinite(numbers).all():
        raise ValueError(f"action is {action}; expected 4 finite numbers in [-1, 1]")
    return numbers


def _as_mapping(options: object) -> Mapping[Any, Any]:
    """Return the options as a mapping; an empty one where there are none."""
    if options is None:
        return {}
    if not isinstance(options, Mapping):
        raise ValueError(f"options: expected a dict with keys among {', '.join(OPTIONS)}, got {options!r}")  # noqa: TRY004 - as all that is wrong with options
    return cast("Mapping[Any, Any]", options)


def _as_slot(target: Any) -> int:  # noqa: ANN401 - NumPy's integers have no type in common with Python's
    """Return a whole number of any type, but no truth value."""
    try:
        if not isinstance(target, bool):
            return operator.index(target)
    except TypeError:
        pass
    raise ValueError(f"options['target'] is {target!r}; expected the number of a slot, from 0")
