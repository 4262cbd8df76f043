"""The key moments of a robot clip: when the gripper takes hold, and when it lets go."""

import numpy as np
from numpy.typing import NDArray

from policies.robot_state import POSITION_SIZE

LOW = 0.015
"""Height above its lowest up to which a pushing gripper counts as low, in metres."""

RISING = 0.2
"""Vertical component of an action above which a gripper is told to rise."""


def key_steps(states: NDArray[np.float32], actions: NDArray[np.float32]) -> tuple[int, int]:
    """Find when the gripper takes hold and when it lets go.

    A gripper that never closes holds from the start: both are when it lets go. One that neither opens nor closes
    pushes: they are the first and the last step at which it is low, and need not rise since it is in the wrong place.

    Args:
        states: Robot states, the gripper's position first, `(T, S)`.
        actions: Actions, the gripper command last, `(T, A)`.

    Returns:
        Indices of the two steps.
    """
    closes = actions[:, -1] > 0
    changes = np.flatnonzero(closes[1:] != closes[:-1]) + 1
    releases, grasps = changes[~closes[changes]], changes[closes[changes]]
    if len(releases):
        release = int(releases[-1])
        earlier = grasps[grasps < release]
        return (int(earlier[-1]) if len(earlier) else release), release
    if len(grasps):
        return int(grasps[-1]), len(actions) - 1
    heights, rises = states[:, POSITION_SIZE - 1], actions[:, POSITION_SIZE - 1] > RISING
    low = np.flatnonzero((heights < heights.min() + LOW) & ~rises)
    if not len(low):
        low = np.array([heights.argmin()])
    return int(low[0]), int(low[-1])
