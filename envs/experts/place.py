"""The scripted demonstrator of placing: over the target, down, open, up, wait."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from envs.control import MAXIMUM_SPEED

TRAVEL_HEIGHT = 0.19
"""Height at which the gripper crosses the table and to which it withdraws, in metres: above the tallest rim."""

RELEASE_GAP = 0.015
"""Height of the item's underside above the rim when it is let go, in metres."""

APPROACH_SLOPE = 1.2
"""Metres of height per metre of distance to the target: a funnel that clears the other containers."""

FUNNEL_RADIUS = 0.025
"""Distance from the target at which the funnel ends, in metres."""

RELEASE_TOLERANCE = 0.018
"""Distance from the release point within which the gripper opens, in metres: half of the smallest container's slack."""

GAIN = 5.0
"""Velocity per distance, in 1/s: two thirds of a step's distance at 10 Hz, so that the gripper does not overshoot."""

OPEN_MARGIN = 0.012
"""Opening beyond the item's width at which the item counts as let go, in metres."""


class PlaceExpert:
    """A function of the present state only: it can be cloned from one frame, and recovers from any disturbance."""

    def act(self, info: Mapping[str, Any]) -> NDArray[np.float32]:
        """Return the action to take.

        Args:
            info: What the environment's `reset` or `step` returned.

        Returns:
            Action in [-1, 1], `(4,)`.
        """
        state = info["state"]
        gripper = state["gripper_position"]
        slot = state["target_slot"]
        width = 2 * state["item_half_extents"][1]
        away = float(np.linalg.norm(state["item_position"] - gripper))
        if state["gripper_opening"] > width + OPEN_MARGIN or away > 3 * state["item_half_extents"].max():
            withdrawn = np.array([gripper[0], gripper[1], TRAVEL_HEIGHT])
            return _towards(withdrawn - gripper, gripper_command=-1.0)
        # What is put over the container is the item, wherever between the fingers it is held.
        offset = state["container_positions"][slot] - state["item_position"][:2]
        distance = float(np.linalg.norm(offset))
        hang = gripper[2] - state["item_position"][2] + state["item_half_extents"][2]
        release = state["container_heights"][slot] + RELEASE_GAP + hang
        height = min(release + APPROACH_SLOPE * max(0.0, distance - FUNNEL_RADIUS), max(TRAVEL_HEIGHT, release))
        error = np.array([*offset, height - gripper[2]])
        ready = distance < RELEASE_TOLERANCE and abs(release - gripper[2]) < RELEASE_TOLERANCE
        return _towards(error, gripper_command=-1.0 if ready else 1.0)


def _towards(error: NDArray[np.float64], *, gripper_command: float) -> NDArray[np.float32]:
    """Return a proportional velocity, slowed as a whole where one axis would exceed the limit."""
    velocity = GAIN * error / MAXIMUM_SPEED
    velocity = velocity / max(1.0, float(np.abs(velocity).max()))
    return np.array([*velocity, gripper_command], dtype=np.float32)
