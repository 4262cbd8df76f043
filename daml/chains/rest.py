"""Rest: when a policy has done what it can, it waits with an empty gripper over where it began."""

import numpy as np
from numpy.typing import NDArray

from daml.policies.robot.resting import HIGH, IDLE

NEAR_START = 0.04
"""Distance on the table from where the gripper began within which it is back, in metres."""

STILL_STEPS = 5
"""Control steps of stillness after which it rests: half a second."""

LEAST_STEPS = 16
"""Control steps before which it does not count as resting: at first it is still, too."""


_HOME_GAIN = 15.0
"""Velocity, as a fraction of the limit, for each metre that a gripper is from where it began."""


def home_action(start: NDArray[np.floating], state: NDArray[np.floating]) -> NDArray[np.float32]:
    """Choose how a gripper that has failed goes back: it lets go, rises, and only then crosses the table.

    Args:
        start: Where it began, x, y and z in metres, `(3,)`.
        state: The robot's state, `(4,)`.

    Returns:
        The action, `(4,)`.
    """
    way = start - state[:3]
    sideways = way[:2] if state[2] > HIGH else np.zeros(2)
    velocity = np.clip(_HOME_GAIN * np.array([*sideways, way[2]]), -1, 1)
    return np.array([*velocity, -1.0], np.float32)


class RestWatch:
    """Watches a policy act, and tells when it has come to rest.

    Args:
        start: Where the gripper began, x, y and z in metres, `(3,)`.
    """

    def __init__(self, start: NDArray[np.floating]) -> None:
        self._start = start
        self._n_steps = self._n_still = 0

    def rests(self, action: NDArray[np.floating], state: NDArray[np.floating]) -> bool:
        """Note one control step.

        Args:
            action: What was done, `(4,)`.
            state: The robot's state after it, `(4,)`.

        Returns:
            Whether it has come to rest.
        """
        self._n_steps += 1
        is_back = np.linalg.norm(state[:2] - self._start[:2]) < NEAR_START and state[2] > HIGH
        is_still = is_back and float(np.abs(action[:3]).max()) < IDLE
        self._n_still = self._n_still + 1 if is_still else 0
        return self._n_steps >= LEAST_STEPS and self._n_still >= STILL_STEPS
