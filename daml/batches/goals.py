"""The goals of a robot clip: known in a simulator, else inferred from what the robot did later."""

import numpy as np
from numpy.typing import NDArray

from daml.policies.goal import CERTAIN_LOG_ODDS, TRUE_GOAL_SIZE
from daml.policies.robot.robot_state import POSITION_SIZE

USUAL_SIZE = 0.03
"""Radius of an item of which nothing is known, in metres."""


def clip_goals(
    states: NDArray[np.float32], actions: NDArray[np.float32], true_goals: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the goal of each step of a robot clip.

    Args:
        states: Robot states, the gripper's position first, `(T, S)`.
        actions: Actions, the gripper command last, `(T, A)`.
        true_goals: Goals as a simulator knows them, `(T, TRUE_GOAL_SIZE)`; `(T, 0)` where none are known, and then they
            are inferred from where the robot later took hold and let go.

    Returns:
        Packed goals, `(T, GOAL_SIZE)` (see `daml.policies.goal.Goal`); the log odds of pushing are those of certainty.

    Raises:
        ValueError: The goals are of another length than `TRUE_GOAL_SIZE`.
    """
    if true_goals.shape[1] not in (0, TRUE_GOAL_SIZE):
        raise ValueError(
            f"goals: expected {TRUE_GOAL_SIZE} numbers a step or none, got {true_goals.shape[1]}; "
            "collect the dataset again"
        )
    places = true_goals if true_goals.shape[1] else _in_hindsight(states, actions)
    pushes = bool((actions[:, -1] > 0).all())
    odds = np.full((len(states), 1), CERTAIN_LOG_ODDS if pushes else -CERTAIN_LOG_ODDS, np.float32)
    return np.concatenate([places, odds], axis=1)


def _in_hindsight(states: NDArray[np.float32], actions: NDArray[np.float32]) -> NDArray[np.float32]:
    """Take the item to be where it will be grasped, then in the hand, then where it was let go; `(T, W)`."""
    positions = states[:, :POSITION_SIZE]
    grasp, release = key_steps(states, actions)
    item = positions[np.clip(np.arange(len(states)), grasp, release), :2]
    destination = np.tile(positions[release], (len(states), 1))
    size = np.full((len(states), 1), USUAL_SIZE, np.float32)
    return np.concatenate([item, destination, size], axis=1)


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
