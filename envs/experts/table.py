"""The scripted demonstrator of the one table: puts down, pushes or carries, whichever is asked for."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from daml.envs.experts.pick_place import pick_place_expert
from daml.envs.experts.place import place_expert
from daml.envs.experts.push import SMALL_ITEMS, push

CENTRED = 0.006
"""Distance from a round item's middle within which the fingers close, in metres: farther off they squeeze it out."""


def table_expert(info: Mapping[str, Any]) -> NDArray[np.float32]:
    """Bring the item of the target to its destination, in its manner.

    A function of the present state only: it can be cloned from one frame, and recovers from any disturbance.

    Args:
        info: What the environment's `reset` or `step` returned.

    Returns:
        Action in [-1, 1], `(4,)`.
    """
    state = info["state"]
    if state["target_manner"] == "place":
        return place_expert(info)
    if state["target_manner"] == "pick-place":
        return pick_place_expert(info, tolerance=CENTRED)
    return push(state, to=state["container_positions"][state["target_container"]], style=SMALL_ITEMS)
