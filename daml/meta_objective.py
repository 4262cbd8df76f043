"""The meta-objective: how well a policy imitates the robot once it was conditioned on the human video."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple

import torch
from torch import Tensor

from daml.augmentation import float_images, stack_images
from daml.batch import MetaBatch
from daml.behavior_cloning import BehaviorCloningConfig, behavior_cloning_losses
from daml.learner import Learner, call_head
from policies.visuomotor import POSITION_SIZE, HeadOutput


class MetaObjective(NamedTuple):
    """The outer loss and figures to watch."""

    loss: Tensor
    """Outer loss after adaptation, a scalar with its graph."""
    metrics: dict[str, Tensor]
    """Scalars without graph: losses and errors after and, if they are compared, before adaptation."""


def meta_objective(
    prior: Learner,
    batch: MetaBatch,
    *,
    images: Tensor | None = None,
    config: BehaviorCloningConfig,
    compares: bool = True,
    trunk_context: Callable[[], AbstractContextManager[object, bool | None]] = nullcontext,
) -> MetaObjective:
    """Adapt to each task's human clip and imitate its robot clips.

    The trunk, where nearly all the time goes, runs once over all images of all tasks; only the small adapted part runs
    under `torch.func.vmap`, task by task.

    Args:
        prior: What is being learned.
        batch: Demonstrations of B tasks.
        images: All images of the batch in the order of `stack_images`, when augmented, `(N, 3, H, W)`.
        config: Weights of the outer loss.
        compares: Whether to run the unadapted policy too, for the figures before adaptation: a seventh of the time.
        trunk_context: Context that the trunk runs under, such as `torch.autocast` or `torch.no_grad`.

    Returns:
        The loss and figures to watch.
    """
    if images is None:
        images = float_images(stack_images(batch))
    with trunk_context():
        features = prior.policy.trunk(images)
    human, first, now = _split(features, batch)
    with torch.no_grad():
        sensed = prior.policy.sense(batch.states.flatten(0, 1), now.flatten(0, 1), first.flatten(0, 1))
    states = torch.unflatten(sensed, 0, (len(human), -1))
    goals = prior.policy.normalizer.normalize(batch.goals.reshape(*batch.goals.shape[:-1], 2, POSITION_SIZE)).flatten(
        -2
    )

    def imitate(human: Tensor, first: Tensor, now: Tensor, state: Tensor) -> HeadOutput:
        adapted = prior.condition([human])
        return call_head(prior.policy.head, adapted, now=now, first=first, state=state)

    after = torch.func.vmap(imitate)(human, first, now, states)
    after = HeadOutput(*(value.flatten(0, 1) for value in after))  # (B*K*n, ...)
    actions, goals = batch.actions.flatten(0, 1), goals.flatten(0, 1)
    losses = behavior_cloning_losses(after, actions, goals=goals, config=config)
    with torch.no_grad():
        metrics = {
            "loss": losses.total,
            "velocity_loss": losses.velocity,
            "gripper_loss": losses.gripper,
            "goal_loss": losses.goals,
            "gripper_accuracy": ((after.gripper_logit > 0) == (actions[:, -1] > 0)).float().mean(),
            "goal_error_m": _goal_error(prior, after, goals),
        }
        if compares:
            before = prior.policy.head(now.flatten(0, 1), first.flatten(0, 1), states.flatten(0, 1))
            metrics["loss_before"] = behavior_cloning_losses(before, actions, goals=goals, config=config).total
            metrics["goal_error_before_m"] = _goal_error(prior, before, goals)
    return MetaObjective(losses.total, {name: value.detach() for name, value in metrics.items()})


def _split(features: Tensor, batch: MetaBatch) -> tuple[Tensor, Tensor, Tensor]:
    """Undo `stack_images`: feature maps of human, first robot and robot frames, each `(B, frames, C, h, w)`."""
    counts = [images.shape[1] for images in (batch.human, batch.robot_first, batch.robot)]
    n_tasks = len(batch.human)
    ends = [n_tasks * sum(counts[: i + 1]) for i in range(len(counts))]
    human, first, now = torch.tensor_split(features, ends[:-1])
    n_human, n_first, n_now = counts
    return (
        human.reshape(n_tasks, n_human, *features.shape[1:]),
        first.reshape(n_tasks, n_first, *features.shape[1:]),
        now.reshape(n_tasks, n_now, *features.shape[1:]),
    )


def _goal_error(prior: Learner, output: HeadOutput, goals: Tensor) -> Tensor:
    """Average the distance between predicted and true gripper position at contact, in metres."""
    error = (output.goals - goals)[:, :POSITION_SIZE] * prior.policy.normalizer.scale[:POSITION_SIZE]
    return error.square().sum(-1).sqrt().mean()
