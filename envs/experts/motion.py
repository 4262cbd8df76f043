"""What the scripted demonstrators share: how they steer the gripper, and how they carry and let go."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from daml.envs.robot.control import MAXIMUM_SPEED

TRAVEL_HEIGHT = 0.19
"""Height at which the gripper crosses the table and to which it withdraws, in metres: above the tallest rim."""

RELEASE_GAP = 0.015
"""Height of the item's underside above the rim when it is let go, in metres."""

APPROACH_SLOPE = 1.2
"""Metres of height per metre of distance to the target: a funnel that clears the other objects."""

FUNNEL_RADIUS = 0.025
"""Distance from the target at which the funnel ends, in metres."""

RELEASE_TOLERANCE = 0.018
"""Distance from the release point within which the gripper opens, in metres: half of the smallest container's slack."""

GAIN = 5.0
"""Velocity per distance, in 1/s: half of a step's distance at 10 Hz, so that the gripper does not overshoot."""

LIFT_FIRST = (0.02, 0.08)
"""Heights below the funnel, in metres, at which the gripper still moves sideways freely and from which not at all."""

OPEN, CLOSED = -1.0, 1.0
"""Gripper commands."""


def steer(error: NDArray[np.float64], *, gripper_command: float, speed: float = 1.0) -> NDArray[np.float32]:
    """Return an action that moves in proportion to an error, slowed as a whole where one axis would exceed a limit.

    Args:
        error: Way to where the gripper should be, `(3,)`, in metres.
        gripper_command: `OPEN` or `CLOSED`.
        speed: Largest component of the velocity, as a share of the robot's limit.

    Returns:
        Action in [-1, 1], `(4,)`.
    """
    velocity = GAIN * error / MAXIMUM_SPEED
    velocity = velocity / max(1.0, float(np.abs(velocity).max()) / speed)
    return np.array([*velocity, gripper_command], dtype=np.float32)


def approach(offset: NDArray[np.float64], *, low: float, height: float, gripper_command: float) -> NDArray[np.float32]:
    """Come down upon a point through a funnel: over it first, and up before sideways where the gripper is too low.

    Args:
        offset: Horizontal way to the point, `(2,)`, in metres.
        low: Height at the point itself, in metres.
        height: Height of the gripper, in metres.
        gripper_command: `OPEN` or `CLOSED`.

    Returns:
        Action in [-1, 1], `(4,)`.
    """
    distance = float(np.linalg.norm(offset))
    wanted = min(low + APPROACH_SLOPE * max(0.0, distance - FUNNEL_RADIUS), max(TRAVEL_HEIGHT, low))
    sideways = np.interp(wanted - height, LIFT_FIRST, (1.0, 0.0))
    return steer(np.array([*(sideways * offset), wanted - height]), gripper_command=gripper_command)


def carry(state: Mapping[str, Any], *, item: int, container: int) -> NDArray[np.float32]:
    """Carry a held item over a container, lower it and let go.

    Args:
        state: What `info["state"]` holds.
        item: Slot of the item.
        container: Slot of the container.

    Returns:
        Action in [-1, 1], `(4,)`.
    """
    # What is put over the container is the item, wherever between the fingers it is held.
    gripper, position = state["gripper_position"], state["item_positions"][item]
    offset = state["container_positions"][container] - position[:2]
    distance = float(np.linalg.norm(offset))
    hang = gripper[2] - position[2] + state["item_half_extents"][item][2]
    release = state["container_heights"][container] + RELEASE_GAP + hang
    ready = distance < RELEASE_TOLERANCE and abs(release - gripper[2]) < RELEASE_TOLERANCE
    return approach(offset, low=release, height=gripper[2], gripper_command=OPEN if ready else CLOSED)


def withdraw(gripper: NDArray[np.float64], *, gripper_command: float) -> NDArray[np.float32]:
    """Go straight up to the travel height from a gripper position, `(3,)`, in metres."""
    return steer(np.array([0.0, 0.0, TRAVEL_HEIGHT - gripper[2]]), gripper_command=gripper_command)
