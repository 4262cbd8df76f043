"""The meta-objective: how well a policy imitates the robot once it was conditioned on the human video."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple

import torch
from torch import Tensor

from daml.batches.augmentation import stack_images
from daml.batches.batch import MetaBatch, SeenBatch
from daml.learners.learner import Learner, call_head
from daml.policies.goal import Goal
from daml.policies.head import HeadOutput
from daml.policies.robot.robot_state import RobotState, SensedRobot
from daml.policies.tensor_trees import index_tensors, map_tensors
from daml.policies.vision.seen_image import SeenImage
from daml.training.behavior_cloning import BehaviorCloningConfig, BehaviorCloningLosses, behavior_cloning_losses


class MetaObjective(NamedTuple):
    """The outer loss and figures to watch."""

    loss: Tensor
    """Outer loss after adaptation, a scalar with its graph."""
    metrics: dict[str, Tensor]
    """Scalars without graph: losses and errors after and, if they are compared, before adaptation."""


def meta_objective(
    prior: Learner,
    batch: MetaBatch | SeenBatch,
    *,
    images: Tensor | None = None,
    config: BehaviorCloningConfig,
    compares: bool = True,
    trunk_context: Callable[[], AbstractContextManager[object, bool | None]] = nullcontext,
) -> MetaObjective:
    """Adapt to each task's human clip and imitate its robot clips.

    The trunk, where most of the time goes when images are new, runs once over all images of all tasks; only the small
    adapted part runs under `torch.func.vmap`, task by task.

    Args:
        prior: What is being learned.
        batch: Demonstrations of B tasks, filmed or as the trunk has seen them.
        images: All images of the batch in the order of `stack_images`, when augmented, `(N, 3, H, W)`.
        config: Weights of the outer loss.
        compares: Whether to run the unadapted policy too, for the figures before adaptation: a seventh of the time.
        trunk_context: Context that the trunk runs under, such as `torch.autocast` or `torch.no_grad`.

    Returns:
        The loss and figures to watch.
    """
    if isinstance(batch, MetaBatch):
        batch = _seen(prior, batch, images=images, trunk_context=trunk_context)
    frames = map_tensors(_flatten_tasks, batch)  # of all tasks in one row, (B*K*n, ...)
    with torch.no_grad():
        sensed = prior.policy.sense(frames.states, frames.robot, frames.robot_first)
    true_goal = prior.policy.normalize_goal(frames.goals)
    is_held = RobotState.unpack(frames.states).holds_item()

    def by_task(values: Tensor) -> Tensor:
        return torch.unflatten(values, 0, (batch.n_tasks, -1))

    def imitate(human: SeenImage, first: SeenImage, now: SeenImage, robot: SensedRobot) -> HeadOutput:
        adapted = prior.condition([human])
        return call_head(prior.policy.head, adapted, now=now, first=first, robot=robot)

    after: HeadOutput = torch.func.vmap(imitate)(
        batch.human, batch.robot_first, batch.robot, map_tensors(by_task, sensed)
    )
    after = map_tensors(_flatten_tasks, after)

    def judge(output: HeadOutput) -> BehaviorCloningLosses:
        chosen = prior.policy.act(output, frames.states)
        return behavior_cloning_losses(
            chosen, frames.actions, goal=output.goal, true_goal=true_goal, is_held=is_held, config=config
        )

    losses = judge(after)
    with torch.no_grad():
        metrics = {
            "loss": losses.total,
            "velocity_loss": losses.velocity,
            "gripper_loss": losses.gripper,
            "place_loss": losses.places,
            "kind_loss": losses.kind,
            **_place_errors(prior, after.goal, frames.goals, is_held),
        }
        if compares:
            before = prior.policy.head(frames.robot, frames.robot_first, sensed)
            metrics["loss_before"] = judge(before).total
            errors_before = _place_errors(prior, before.goal, frames.goals, is_held)
            metrics |= {name.replace("_m", "_before_m"): error for name, error in errors_before.items()}
    return MetaObjective(losses.total, {name: value.detach() for name, value in metrics.items()})


def _seen(
    prior: Learner,
    batch: MetaBatch,
    *,
    images: Tensor | None,
    trunk_context: Callable[[], AbstractContextManager[object, bool | None]],
) -> SeenBatch:
    """Run the trunk on all images, which are given up before the inner loops begin."""
    images = stack_images(batch) if images is None else images
    hands = batch.stacked_hands().to(images.device)
    return batch.as_seen(prior.policy.see(images, effector=hands, trunk_context=trunk_context))


def _flatten_tasks(values: Tensor) -> Tensor:
    """Put the frames of all tasks in one row, `(B, T, ...)` to `(B T, ...)`."""
    return values.flatten(0, 1)


def _place_errors(prior: Learner, goal: Goal, true_goal: Goal, is_held: Tensor) -> dict[str, Tensor]:
    """Average the distances on the table between where item and destination are seen and are, in metres."""
    errors = map_tensors(torch.sub, prior.policy.unnormalize_goal(goal), true_goal)
    item = torch.where(is_held[:, 0], 0.0, torch.hypot(*errors.item.T))
    return {
        "item_error_m": item.sum() / (~is_held).sum().clamp(min=1),
        "destination_error_m": torch.hypot(*errors.destination.T).mean(),
    }


def add_meta_gradient(
    prior: Learner,
    batch: MetaBatch | SeenBatch,
    *,
    images: Tensor | None = None,
    config: BehaviorCloningConfig,
    tasks_at_once: int,
    compares: bool = True,
    trunk_context: Callable[[], AbstractContextManager[object, bool | None]] = nullcontext,
) -> dict[str, Tensor]:
    """Add the gradient of the meta-objective to the `grad` of the prior's parameters.

    The objective is a mean over tasks, so the sum of the shares' gradients, each weighted by its number of tasks, is
    the gradient of the whole batch. A share's graph is freed before the next is built.

    Args:
        prior: What is being learned.
        batch: Demonstrations of B tasks, filmed or as the trunk has seen them.
        images: All images of a filmed batch in the order of `stack_images`, when augmented, `(N, 3, H, W)`.
        config: Weights of the outer loss.
        tasks_at_once: Tasks in memory at a time; the last share may be smaller.
        compares: Whether the figures tell of the unadapted policy too.
        trunk_context: Context that the trunk runs under, such as `torch.autocast` or `torch.no_grad`.

    Returns:
        The figures of `meta_objective`, means over all tasks.

    Raises:
        ValueError: The number of tasks at once is not positive.
    """
    if tasks_at_once < 1:
        raise ValueError(f"tasks_at_once: expected at least 1, got {tasks_at_once}")
    n_tasks = batch.n_tasks
    figures: dict[str, Tensor] = {}
    for share, share_images in _split(batch, images, tasks_at_once):
        weight = share.n_tasks / n_tasks
        objective = meta_objective(
            prior, share, images=share_images, config=config, compares=compares, trunk_context=trunk_context
        )
        torch.autograd.backward(objective.loss * weight)
        for name, value in objective.metrics.items():
            figures[name] = figures.get(name, 0) + weight * value
    return figures


def _split(
    batch: MetaBatch | SeenBatch, images: Tensor | None, size: int
) -> Iterator[tuple[MetaBatch | SeenBatch, Tensor | None]]:
    """Yield some tasks at a time, each with its images in the order of `stack_images`."""
    clips = () if isinstance(batch, SeenBatch) or images is None else batch.unstack(images)
    for begin in range(0, batch.n_tasks, size):
        part = slice(begin, begin + size)
        share = index_tensors(batch, part)
        yield share, torch.cat([clip[part].flatten(0, 1) for clip in clips]) if clips else None
