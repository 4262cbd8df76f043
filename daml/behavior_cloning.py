"""The outer loss: how far the policy's actions and predicted goals are from a robot demonstration."""

from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor
from torch.nn import functional

from policies.visuomotor import HeadOutput


@dataclass(frozen=True)
class BehaviorCloningConfig:
    """Weights of the outer loss."""

    velocity_weight: float = 4.0
    """Weight of |e| + 0.01 e^2 on the velocity."""
    gripper_weight: float = 2.0
    """Weight of the cross-entropy on the gripper command."""
    goal_weight: float = 5.0
    """Weight of the error on the predicted goals, in normalised units: squared up to `GOAL_FAR`, then linear."""


GOAL_FAR = 0.5
"""Normalised error of a goal beyond which its loss is linear: of an item that was pushed away the first frame tells
nothing."""

_SQUARED_SHARE = 0.01
"""Share of the squared error in the velocity loss (Yu et al. 2018): the absolute error alone is flat far away."""


class BehaviorCloningLosses(NamedTuple):
    """The outer loss and its parts, each a mean over the frames."""

    total: Tensor
    velocity: Tensor
    gripper: Tensor
    goals: Tensor


def behavior_cloning_losses(
    output: HeadOutput, actions: Tensor, *, goals: Tensor, config: BehaviorCloningConfig
) -> BehaviorCloningLosses:
    """Compare the policy's output with what the expert did.

    Args:
        output: Actions and goals of the policy at T frames.
        actions: The expert's actions, velocity and gripper command in [-1, 1], `(T, A)`.
        goals: Gripper position at contact and at the end, normalised, `(T, 6)`.
        config: Weights.

    Returns:
        The weighted sum and its parts, scalars.
    """
    error = output.velocity - actions[:, :-1]
    velocity = (error.abs() + _SQUARED_SHARE * error.square()).mean()
    closes = (actions[:, -1] > 0).to(output.gripper_logit.dtype)
    gripper = functional.binary_cross_entropy_with_logits(output.gripper_logit, closes)
    goal = 2 * functional.huber_loss(output.goals, goals, delta=GOAL_FAR)
    total = config.velocity_weight * velocity + config.gripper_weight * gripper + config.goal_weight * goal
    return BehaviorCloningLosses(total=total, velocity=velocity, gripper=gripper, goals=goal)
