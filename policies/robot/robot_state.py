"""The robot's state, field by field, and what is known of the robot and its camera in each frame."""

from typing import NamedTuple

import torch
from torch import Tensor

POSITION_SIZE = 3
"""Numbers of a position: x, y, z. A robot's state begins with that of the gripper."""

MEMORY_SIZE = 2 + POSITION_SIZE
"""Numbers by which memory extends a state: last command, whether something was held, start (see `proprioception`)."""

_LOW = 0.05
"""Height of the gripper below which it hides an item that it pushes, in metres."""


class RobotState(NamedTuple):
    """Extended states of a robot at T times; robots measure more or less, so that the number of measurements varies."""

    position: Tensor
    """Position of the gripper, in metres, `(T, 3)`."""
    measured: Tensor
    """Distance between the fingers in metres, then whatever else the robot measures, `(T, S - 8)`."""
    command: Tensor
    """Last gripper command: 1 closes, -1 opens, `(T, 1)`."""
    has_held: Tensor
    """Whether something is held or was when the fingers last opened, 1 or 0, `(T, 1)`."""
    start: Tensor
    """Position of the gripper at the beginning of the episode, in metres, `(T, 3)`."""

    @classmethod
    def unpack(cls, states: Tensor) -> "RobotState":
        """Split packed states, `(..., S)`, into their fields."""
        ends = [POSITION_SIZE, -MEMORY_SIZE, 1 - MEMORY_SIZE, -POSITION_SIZE]
        return cls(*torch.tensor_split(states, ends, dim=-1))

    def pack(self) -> Tensor:
        """Lay the fields side by side, `(..., S)`: the inverse of `unpack`."""
        return torch.cat(self, dim=-1)

    @property
    def place(self) -> Tensor:
        """Position of the gripper over the table, x and y, `(T, 2)`."""
        return self.position[..., :2]

    @property
    def height(self) -> Tensor:
        """Height of the gripper, `(T, 1)`."""
        return self.position[..., 2:]

    @property
    def opening(self) -> Tensor:
        """Distance between the fingers, `(T, 1)`."""
        return self.measured[..., :1]

    def holds_item(self) -> Tensor:
        """Tell whether an item is between the fingers, so that it need not be seen, `(T, 1)`."""
        return (self.command > 0) & (self.has_held > 0.5)

    def may_hide_item(self) -> Tensor:
        """Tell whether the gripper, closed and low, may hide an item beside it, `(T, 1)`."""
        return (self.command > 0) & (self.height < _LOW)


class SensedRobot(NamedTuple):
    """What a head is told of the robot at T frames."""

    state: Tensor
    """Extended state, normalised, `(T, S)`; see `RobotState`."""
    gripper: Tensor
    """Where the estimated camera sees the gripper, x and y in [-1, 1], `(T, 2)`."""
    camera_shift: Tensor
    """Shift of the point that the camera is aimed at, in units of its usual size, `(T, 2)`."""
    camera: Tensor
    """Estimated camera matrix for normalised x and y and heights in metres, `(T, 3, 4)`."""
    may_hide_item: Tensor
    """Whether the gripper may hide the item, 1 or 0, `(T, 1)`."""
