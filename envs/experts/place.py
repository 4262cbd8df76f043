"""The scripted demonstrator of placing: over the target, down, open, up, wait."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from daml.envs.experts.motion import OPEN, carry, withdraw

OPEN_MARGIN = 0.012
"""Opening beyond the item's width at which the item counts as let go, in metres."""


def place_expert(info: Mapping[str, Any]) -> NDArray[np.float32]:
    """Put the held item into the container of the target.

    A function of the present state only: it can be cloned from one frame, and recovers from any disturbance.

    Args:
        info: What the environment's `reset` or `step` returned.

    Returns:
        Action in [-1, 1], `(4,)`.
    """
    state = info["state"]
    gripper, half_extents = state["gripper_position"], state["item_half_extents"][0]
    away = float(np.linalg.norm(state["item_positions"][0] - gripper))
    if state["gripper_opening"] > 2 * half_extents[1] + OPEN_MARGIN or away > 3 * half_extents.max():
        return withdraw(gripper, gripper_command=OPEN)
    return carry(state, item=0, container=state["target_container"])
