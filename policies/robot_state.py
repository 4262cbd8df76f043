"""The layout of the robot's state, and what is read off it without learning."""

from torch import Tensor

from daml.policies.hand_eye import CAMERA_SIZE

POSITION_SIZE = 3
"""The first components of the robot's state: the gripper's position x, y, z."""

COMMAND, HAS_HELD = -5, -4
"""Components of the robot's state that tell the last gripper command (1 closes, -1 opens), and whether something is
held or was when the fingers last opened (1 or 0); counted from its end, since robots measure more or less."""

SENSED_SIZE = 4 + CAMERA_SIZE + 1
"""Numbers that are sensed beside the state: what `HandEye.sense` tells, and whether the gripper `may_hide` an item."""

_LOW = 0.05
"""Height of the gripper below which it hides an item that it pushes, in metres."""


def is_felt(states: Tensor) -> Tensor:
    """Tell whether an item is between the fingers, which need not be seen, from robot states, `(T, S)`: `(T,)`."""
    return (states[:, COMMAND] > 0) & (states[:, HAS_HELD] > 0.5)


def may_hide(states: Tensor) -> Tensor:
    """Tell whether the gripper may hide an item beside it, closed and low, from robot states, `(T, S)`: `(T,)`."""
    return (states[:, COMMAND] > 0) & (states[:, POSITION_SIZE - 1] < _LOW)
