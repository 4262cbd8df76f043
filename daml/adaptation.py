"""Adaptation: from a prior and one human video to a policy."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from daml.adapted_policy import AdaptedPolicy
from daml.augmentation import float_images
from daml.learner import Learner
from daml.maml import Regularizer, first_order, second_order
from daml.prior import Prior
from demos import HumanDemo, key_places, moving_span


def adapt_parameters(prior: Prior, frames: Tensor, *, create_graph: bool) -> dict[str, Tensor]:
    r"""Take the inner steps on the frames of a human video: the trunk, then `Prior.condition`.

    Args:
        prior: Initial parameters, temporal loss and step sizes.
        frames: Human video, RGB in [0, 1], `(T, 3, H, W)`; T is at least `prior.temporal_loss.receptive_field`.
        create_graph: Keep the graph, so that an outer loss can be differentiated through the steps.

    Returns:
        Adapted parameters, keyed as `prior.initial_parameters()`. The prior is unchanged.

    Raises:
        ValueError: The video is shorter than the receptive field, or not of the prior's image size.

    References:
        Yu et al. (2018), arXiv 1802.01557, Sec. IV.
    """
    _check_length(prior, len(frames))
    expected = (3, *prior.config.image_size)
    if tuple(frames.shape[1:]) != expected:
        raise ValueError(f"frames: expected {('T', *expected)}, got {tuple(frames.shape)}")
    gradient = second_order if create_graph else first_order
    with torch.set_grad_enabled(create_graph):
        return prior.condition([prior.policy.trunk(frames)], gradient=gradient)


def adapt(
    prior: Learner,
    demos: HumanDemo | Sequence[HumanDemo],
    *,
    inner_steps: int | None = None,
    regularizer: Regularizer | None = None,
) -> AdaptedPolicy:
    """Turn one human video, or several of the same task, into a policy.

    Args:
        prior: What meta-training learned: a `Prior`, or what a baseline learned. Never changed.
        demos: Human video, or videos, of any size and frame rate; of several the mean loss is descended.
        inner_steps: Gradient steps; as many as in meta-training when None.
        regularizer: What holds the parameters near the initial ones in several steps, such as
            `daml.maml.GaussianPrior`; the prior's own, if it has one, when None.

    Returns:
        The policy for the demonstrated task.

    Raises:
        ValueError: There is no video, or one has fewer frames than the temporal loss needs; or inner steps or a
            regulariser are given to a method that takes no such steps.
    """
    videos = [demos] if isinstance(demos, HumanDemo) else list(demos)
    if not videos:
        raise ValueError("demos: expected at least one human video, got none")
    with torch.no_grad():
        features = [prior.policy.trunk(_key_images(prior, demo)) for demo in videos]
        if inner_steps is None and regularizer is None:
            parameters = prior.condition(features)
        elif isinstance(prior, Prior):
            parameters = prior.condition(features, n_steps=inner_steps, regularizer=regularizer)
        else:
            raise ValueError(
                f"inner_steps, regularizer: about gradient steps, but {prior.config.method} takes none; leave them out"
            )
    return AdaptedPolicy.from_prior(prior, parameters)


def _key_images(prior: Learner, demo: HumanDemo) -> Tensor:
    """Return the frames of a video that the temporal loss looks at, as the trunk takes them, `(T, 3, H, W)`."""
    _check_length(prior, len(demo.frames))
    resized = demo.resized(*prior.config.image_size).frames
    chosen = np.rint(key_places(moving_span(resized), prior.config.human_frames)).astype(np.int64)
    return float_images(torch.tensor(resized[chosen], device=next(prior.parameters()).device))


def unadapted(prior: Learner) -> AdaptedPolicy:
    """Make a policy of the prior's initial parameters: what it does before it has seen any video.

    Args:
        prior: What meta-training learned.

    Returns:
        The policy before adaptation.
    """
    return AdaptedPolicy.from_prior(prior, prior.initial_parameters())


def _check_length(prior: Learner, n_frames: int) -> None:
    """Refuse a video that the temporal loss cannot judge."""
    needed = prior.shortest_video
    if n_frames < needed:
        raise ValueError(f"{n_frames} frames, but the temporal loss needs at least {needed}; record a longer video")
