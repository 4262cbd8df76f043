"""The motor: how to move, once it is known where the item is and where it goes; the same for every task."""

import torch
from torch import Tensor, nn

from daml.policies.perceptron import perceptron
from daml.policies.robot_state import POSITION_SIZE

WHEREABOUTS_SIZE = 6
"""Numbers that tell where things are: the item's x and y; the destination's x and y, and the height of the item's
middle when it stands on its rim; the item's radius. In metres (see `daml.envs.tasks.goal`)."""

AIMS_SIZE = WHEREABOUTS_SIZE + 1
"""What the motor is told: the whereabouts, and the log odds that the item is pushed rather than carried."""

_REACH = 0.2
"""Usual distance between things, in metres."""

_SCALES = (0.05, 0.015)
"""Distances within which offsets are told finely, in metres."""

_N_OFFSETS = 13
"""Offsets and heights that are told at every scale."""

CERTAIN_LOG_ODDS = 4.0
"""Log odds of pushing beyond which the kind of task is certain."""


class Motor(nn.Module):
    """Dense layers from offsets between gripper, item and destination to an action.

    Offsets are told at several scales, and also along and across the way from the item to the destination, which is how
    pushing is steered.

    Args:
        state_size: Numbers S in the robot's state; gripper position first, the position where it began last.
        action_size: Numbers A in an action.
        width: Width of the hidden layers.
    """

    def __init__(self, state_size: int, action_size: int, width: int) -> None:
        super().__init__()
        n_felt = state_size - 2 * POSITION_SIZE  # without where the gripper is, and where it began
        n_inputs = _N_OFFSETS * (1 + len(_SCALES)) + n_felt + 6
        self.layers = perceptron([n_inputs, width, width, width, action_size])

    def forward(self, state: Tensor, aims: Tensor) -> Tensor:
        """Choose actions.

        Args:
            state: Robot states, SI units, `(T, S)`.
            aims: What is known of item and destination, `(T, AIMS_SIZE)`.

        Returns:
            Gripper velocity as a fraction of its limit, then the log odds that the gripper closes, `(T, A)`.
        """
        return self.layers(_features(state, aims))


def _features(state: Tensor, aims: Tensor) -> Tensor:
    """Lay out what the motor sees, all of about unit size."""
    gripper, height = state[:, :2], state[:, 2:3]
    item, destination = aims[:, :2], aims[:, 2:4]
    release, size, odds = aims[:, 4:5], aims[:, 5:6], aims[:, 6:7]
    to_item, to_destination, way = item - gripper, destination - gripper, destination - item
    distances = [torch.sqrt(offset.square().sum(1, keepdim=True) + 1e-6) for offset in (to_item, to_destination, way)]
    ahead = way / (distances[2] + 0.01)
    aside = torch.stack([-ahead[:, 1], ahead[:, 0]], dim=1)
    behind = (to_item * ahead).sum(1, keepdim=True)
    sideways = -(to_item * aside).sum(1, keepdim=True)
    above = height - release
    offsets = torch.cat([to_item, to_destination, way, *distances, behind, sideways, height, above], dim=1)  # (T, 13)
    scaled = [offsets / _REACH, *(torch.tanh(offsets / scale) for scale in _SCALES)]
    felt = state[:, POSITION_SIZE:-POSITION_SIZE]  # nothing depends on where the robot began
    opening, rest = felt[:, :1] / 0.04, felt[:, 1:]
    push = (odds / CERTAIN_LOG_ODDS).clamp(-1, 1)
    # The height once more, as the shipped motor was trained: one of six numbers besides what is felt.
    told = [height / _REACH, opening, rest, (release - 0.06) / 0.03, (size - 0.03) / 0.01, push, ahead]
    return torch.cat([*scaled, *told], dim=1)
