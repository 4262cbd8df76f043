"""Scripted demonstrators, one per task kind: functions from the true state to an action."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from daml.envs.experts.noise import NoiseInjection, PositionError
from daml.envs.experts.pick_place import pick_place_expert
from daml.envs.experts.place import place_expert
from daml.envs.experts.push import push_expert
from daml.envs.experts.table import table_expert

Expert = Callable[[Mapping[str, Any]], NDArray[np.float32]]
"""Returns the action to take, `(4,)`, given what the environment's `reset` or `step` returned as info."""

_EXPERTS: Mapping[str, Expert] = {
    "place": place_expert,
    "push": push_expert,
    "pick-place": pick_place_expert,
    "tabletop": table_expert,
}


def find_expert(kind: str) -> Expert:
    """Return the demonstrator of a task kind.

    Args:
        kind: One of `task.KINDS`.

    Raises:
        ValueError: There is none of that kind.
    """
    if kind not in _EXPERTS:
        raise ValueError(f"no expert for task kind {kind!r}; valid kinds: {', '.join(_EXPERTS)}")
    return _EXPERTS[kind]


__all__ = [
    "Expert",
    "NoiseInjection",
    "PositionError",
    "find_expert",
    "pick_place_expert",
    "place_expert",
    "push_expert",
    "table_expert",
]
