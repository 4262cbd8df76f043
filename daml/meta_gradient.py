"""The meta-gradient of a batch, some tasks at a time: memory grows with those, not with the batch."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor

from daml.batch import MetaBatch, SeenBatch
from daml.behavior_cloning import BehaviorCloningConfig
from daml.learner import Learner
from daml.meta_objective import meta_objective


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
    n_tasks = len(batch.human)
    figures: dict[str, Tensor] = {}
    for share, share_images in _split(batch, images, tasks_at_once):
        weight = len(share.human) / n_tasks
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
    for begin in range(0, len(batch.human), size):
        part = slice(begin, begin + size)
        share = type(batch)(*(value[part] for value in batch))
        yield share, torch.cat([clip[part].flatten(0, 1) for clip in clips]) if clips else None
