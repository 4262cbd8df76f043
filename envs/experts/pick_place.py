"""The scripted demonstrator of picking and placing: over the item, down, close, carry, let go; again if it slips."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from daml.envs.experts.motion import CLOSED, OPEN, approach, carry, withdraw
from daml.envs.robot.control import REACH

GRASP_TOLERANCE = 0.012
"""Distance from the grasp point within which the fingers close, in metres."""

HELD_TOLERANCE = 0.022
"""Distance between an item and the gripper within which it can be between the fingers, in metres."""

GRIP_MARGIN = 0.006
"""Opening beyond the item's width at which the fingers have taken hold, in metres."""


def pick_place_expert(info: Mapping[str, Any], *, tolerance: float = GRASP_TOLERANCE) -> NDArray[np.float32]:
    """Fetch the item of the target and put it into its container; an item that slips or was missed is fetched again.

    A function of the present state only: it can be cloned from one frame, and recovers from any disturbance.

    Args:
        info: What the environment's `reset` or `step` returned.
        tolerance: Distance from the grasp point within which the fingers close, in metres.

    Returns:
        Action in [-1, 1], `(4,)`.
    """
    state = info["state"]
    item, container = state["target_item"], state["target_container"]
    gripper, position = state["gripper_position"], state["item_positions"][item]
    half_extents = state["item_half_extents"][item]
    width, opening = 2 * half_extents[1], state["gripper_opening"]
    offset = position - gripper
    near = float(np.linalg.norm(offset[:2])) < HELD_TOLERANCE and abs(offset[2]) < HELD_TOLERANCE
    over_container = float(np.linalg.norm(state["container_positions"][container] - position[:2]))
    if state["completed_slot"] == state["target_slot"] or (
        over_container < HELD_TOLERANCE and opening > width + 2 * GRIP_MARGIN
    ):
        return withdraw(gripper, gripper_command=OPEN)
    if near and 0.5 * width < opening < width + GRIP_MARGIN:  # at first the soft pads give way
        return carry(state, item=item, container=container)
    grasp = max(position[2], REACH[0][2])
    distance = float(np.linalg.norm(offset[:2]))
    closes = distance < tolerance and abs(grasp - gripper[2]) < GRASP_TOLERANCE and opening > width
    return approach(offset[:2], low=grasp, height=gripper[2], gripper_command=CLOSED if closes else OPEN)
