"""The motor: how to move towards a goal; the same for every task."""

import torch
from torch import Tensor, nn

from daml.policies.goal import Goal
from daml.policies.perceptron import perceptron
from daml.policies.robot.robot_state import POSITION_SIZE, RobotState

_REACH = 0.2
"""Usual distance between things, in metres."""

_SCALES = (0.05, 0.015)
"""Distances within which offsets are resolved finely, in metres."""

_N_OFFSETS = 13
"""Offsets and heights that are given at every scale."""


class Motor(nn.Module):
    """Dense layers from offsets between gripper, item and destination to an action.

    Offsets are given at several scales, and also along and across the way from the item to the destination, which is
    how pushing is steered.

    Args:
        state_size: Numbers S in the robot's extended state.
        action_size: Numbers A in an action.
        width: Width of the hidden layers.
    """

    def __init__(self, state_size: int, action_size: int, width: int) -> None:
        super().__init__()
        n_sensed = state_size - 2 * POSITION_SIZE  # without where the gripper is, and where it began
        n_inputs = _N_OFFSETS * (1 + len(_SCALES)) + n_sensed + 6
        self.layers = perceptron([n_inputs, width, width, width, action_size])

    def forward(self, states: Tensor, goal: Goal) -> Tensor:
        """Choose actions.

        Args:
            states: Extended robot states, SI units, `(T, S)`.
            goal: Goals in SI units, of T frames.

        Returns:
            Gripper velocity as a fraction of its limit, then the log odds that the gripper closes, `(T, A)`.
        """
        return self.layers(_features(RobotState.unpack(states), goal))


def _features(state: RobotState, goal: Goal) -> Tensor:
    """Lay out what the motor sees, all of about unit size."""
    to_item, to_destination = goal.item - state.place, goal.destination - state.place
    way = goal.destination - goal.item
    distances = [torch.sqrt(offset.square().sum(1, keepdim=True) + 1e-6) for offset in (to_item, to_destination, way)]
    ahead = way / (distances[2] + 0.01)
    aside = torch.stack([-ahead[:, 1], ahead[:, 0]], dim=1)
    behind = (to_item * ahead).sum(1, keepdim=True)
    sideways = -(to_item * aside).sum(1, keepdim=True)
    above = state.height - goal.release_height
    offsets = torch.cat(
        [to_item, to_destination, way, *distances, behind, sideways, state.height, above], dim=1
    )  # (T, 13)
    scaled = [offsets / _REACH, *(torch.tanh(offsets / scale) for scale in _SCALES)]
    others = state.measured[:, 1:]
    sensed = [state.opening / 0.04, others, state.command, state.has_held]
    sizes = [(goal.release_height - 0.06) / 0.03, (goal.item_radius - 0.03) / 0.01]
    # The height once more, as the shipped motor was trained with it.
    return torch.cat([*scaled, state.height / _REACH, *sensed, *sizes, goal.push_certainty(), ahead], dim=1)
