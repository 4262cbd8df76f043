"""The outer loss: how far the policy's actions and goals are from a robot demonstration."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from daml.policies.goal import Goal
from daml.policies.tensor_trees import map_tensors


@dataclass(frozen=True)
class BehaviorCloningConfig:
    """Weights of the outer loss."""

    velocity_weight: float = 1.0
    """Weight of the absolute error of the velocity."""
    gripper_weight: float = 0.5
    """Weight of the cross-entropy on the gripper command."""
    place_weight: float = 8.0
    """Weight of the error of where things are, in normalised units: squared up to `PLACE_FAR`, then linear."""
    kind_weight: float = 0.2
    """Weight of the cross-entropy on whether the item is pushed or carried."""


PLACE_FAR = 0.1
"""Normalised error of a place, 8 mm or so, beyond which its loss is linear: a thing mistaken for another one counts as
such, and not by how far away it is."""


class BehaviorCloningLosses(NamedTuple):
    """The outer loss and its parts, each a mean over the frames."""

    total: Tensor
    velocity: Tensor
    gripper: Tensor
    places: Tensor
    kind: Tensor


class ActionLosses(NamedTuple):
    """How far actions are from the expert's, means over the frames."""

    velocity: Tensor
    """Absolute error of the velocity."""
    gripper: Tensor
    """Cross-entropy on the gripper command."""


def action_losses(chosen: Tensor, actions: Tensor) -> ActionLosses:
    """Compare velocities and log odds that the gripper closes, `(T, A)`, with the expert's actions, `(T, A)`."""
    closes = (actions[:, -1] > 0).to(chosen.dtype)
    return ActionLosses(
        velocity=functional.l1_loss(chosen[:, :-1], actions[:, :-1]),
        gripper=functional.binary_cross_entropy_with_logits(chosen[:, -1], closes),
    )


def behavior_cloning_losses(
    chosen: Tensor, actions: Tensor, *, goal: Goal, true_goal: Goal, is_held: Tensor, config: BehaviorCloningConfig
) -> BehaviorCloningLosses:
    """Compare the policy's output with what the expert did and knew.

    Args:
        chosen: Velocity and log odds that the gripper closes, the policy's, at T frames, `(T, A)`.
        actions: The expert's actions, velocity and gripper command in [-1, 1], `(T, A)`.
        goal: The policy's goals, normalised.
        true_goal: The true goals, normalised.
        is_held: Whether the item is between the fingers, so that it need not be seen, `(T, 1)`.
        config: Weights.

    Returns:
        The weighted sum and its parts, scalars.
    """
    velocity, gripper = action_losses(chosen, actions)

    def huber(value: Tensor, truth: Tensor) -> Tensor:
        return functional.huber_loss(value, truth, delta=PLACE_FAR, reduction="none") / PLACE_FAR

    errors = map_tensors(huber, goal, true_goal)
    item = torch.where(is_held, 0.0, errors.item)
    places = torch.cat([item, errors.destination, errors.release_height, errors.item_radius], dim=1).mean()
    pushes = (true_goal.push_log_odds > 0).to(goal.push_log_odds.dtype)
    kind = functional.binary_cross_entropy_with_logits(goal.push_log_odds, pushes)
    total = (
        config.velocity_weight * velocity
        + config.gripper_weight * gripper
        + config.place_weight * places
        + config.kind_weight * kind
    )
    return BehaviorCloningLosses(total=total, velocity=velocity, gripper=gripper, places=places, kind=kind)
