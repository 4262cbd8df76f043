"""Scripted demonstrators, one per task kind."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from daml.envs.experts.noise import NoiseInjection, PositionError
from daml.envs.experts.pick_place import PickPlaceExpert
from daml.envs.experts.place import PlaceExpert
from daml.envs.experts.push import PushExpert


class Expert(Protocol):
    """A demonstrator that knows the true state."""

    def act(self, info: Mapping[str, Any]) -> NDArray[np.float32]:
        """Return the action to take, `(4,)`, given what the environment's `reset` or `step` returned."""
        ...


_EXPERTS: dict[str, Callable[[], Expert]] = {"place": PlaceExpert, "push": PushExpert, "pick-place": PickPlaceExpert}


def make_expert(kind: str) -> Expert:
    """Return a demonstrator of a task kind.

    Args:
        kind: One of `task.KINDS`.

    Raises:
        ValueError: There is none of that kind.
    """
    if kind not in _EXPERTS:
        raise ValueError(f"no expert for task kind {kind!r}; valid kinds: {', '.join(_EXPERTS)}")
    return _EXPERTS[kind]()


__all__ = ["Expert", "NoiseInjection", "PickPlaceExpert", "PlaceExpert", "PositionError", "PushExpert", "make_expert"]
