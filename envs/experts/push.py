"""The scripted demonstrator of pushing: behind the item, down, push it to the zone with a closed gripper, up, wait."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from daml.envs.experts.motion import CLOSED, TRAVEL_HEIGHT, approach, steer, withdraw

PUSH_HEIGHT = 0.022
"""Height of the point between the fingertips while pushing, in metres: the pads touch the item near its middle."""

FINGER_RADIUS = 0.017
"""Radius of the circle around the closed fingers, in metres."""

STANDOFF = 0.022
"""Gap between fingers and item when the gripper comes down behind it, in metres."""

ASTRAY = 0.06
"""Sideways offset beyond which the gripper goes up and around, in metres."""

CLEARANCE = 0.008
"""Gap between fingers and item beyond which the gripper moves sideways freely, in metres."""

ARRIVED, STAYS = 0.020, 0.027
"""Distances of the item from the zone's middle at which the push ends, and up to which it is not taken up again."""


class PushingStyle(NamedTuple):
    """How a gripper pushes items of some size."""

    low: float
    """Height from which it pushes and no longer approaches, in metres."""
    aligned: float
    """Sideways offset from the line of pushing up to which it pushes, in metres."""
    beside: float
    """Sideways offset from which it only backs off and moves over to the line, in metres; in between it does some of
    both, so that a small error of sight is a small error of action."""
    steering: float
    """Sideways correction for each metre of offset from the line: above one, since an item turns away."""
    speed: float
    """Speed of pushing, as a share of the robot's limit: slow enough that the item stops with the gripper."""


LARGE_ITEMS = PushingStyle(low=(PUSH_HEIGHT + TRAVEL_HEIGHT) / 3, aligned=0.010, beside=0.022, steering=1.8, speed=0.5)
"""For items of 5 to 8 cm."""

SMALL_ITEMS = PushingStyle(low=0.04, aligned=0.004, beside=0.010, steering=2.2, speed=0.4)
"""For items of 3 to 6 cm, which slip off sooner: of 43 difficult tasks all are done, in place of 38."""


def push_expert(info: Mapping[str, Any]) -> NDArray[np.float32]:
    """Push the item of the target into the zone; when it has slipped aside, the gripper goes behind it again.

    A function of the present state only: it can be cloned from one frame, and recovers from any disturbance.

    Args:
        info: What the environment's `reset` or `step` returned.

    Returns:
        Action in [-1, 1], `(4,)`.
    """
    state = info["state"]
    return push(state, to=state["zone_position"], style=LARGE_ITEMS)


def push(state: Mapping[str, Any], *, to: NDArray[np.float64], style: PushingStyle) -> NDArray[np.float32]:
    """Push the item of the target to a place.

    Args:
        state: What `info["state"]` holds.
        to: Where to, `(2,)`, in metres.
        style: How.

    Returns:
        Action in [-1, 1], `(4,)`.
    """
    slot = state["target_item"]
    gripper, item = state["gripper_position"], state["item_positions"][slot][:2]
    way = to - item
    distance = float(np.linalg.norm(way))
    is_low = gripper[2] < style.low
    if distance < (ARRIVED if is_low else STAYS):
        return withdraw(gripper, gripper_command=CLOSED)
    ahead = way / max(distance, 1e-6)
    aside = np.array([-ahead[1], ahead[0]])
    offset = gripper[:2] - item
    behind, sideways = -float(offset @ ahead), float(offset @ aside)
    contact = float(state["item_half_extents"][slot][1]) + FINGER_RADIUS
    apart = float(state["item_reaches"][slot]) + FINGER_RADIUS
    if is_low and behind > 0.5 * contact and abs(sideways) < ASTRAY:
        # The fingers move so far that the item arrives, and keep on the line from the zone through the item.
        forward = distance - 0.6 * ARRIVED + max(0.0, behind - contact)
        pushing = np.array([forward, -style.steering * sideways])
        free = np.interp(behind, (0.5 * contact, apart + CLEARANCE), (0.0, 1.0))
        aligning = np.array([min(0.0, behind - apart - CLEARANCE), -style.steering * sideways * free])
        share = np.interp(abs(sideways), (style.aligned, style.beside), (0.0, 1.0))
        ahead_error, aside_error = (1 - share) * pushing + share * aligning
        error = np.array([*(ahead_error * ahead + aside_error * aside), PUSH_HEIGHT - gripper[2]])
        return steer(error, gripper_command=CLOSED, speed=style.speed)
    start = item - (apart + STANDOFF) * ahead - gripper[:2]
    if is_low and float(np.linalg.norm(start)) > style.beside:  # beside the item: up, then around
        return withdraw(gripper, gripper_command=CLOSED)
    return approach(start, low=PUSH_HEIGHT, height=gripper[2], gripper_command=CLOSED)
