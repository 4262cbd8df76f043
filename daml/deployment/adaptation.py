"""Adaptation: from a prior and one human video to a policy."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from daml.demos import HumanDemo, key_places
from daml.demos.motion import shift_frames, shift_places
from daml.deployment.adapted_policy import AdaptedPolicy
from daml.deployment.brightness import brighten, brightness_correction
from daml.learners.learner import Learner
from daml.learners.prior import Prior
from daml.maml import Regularizer
from daml.policies.vision.images import float_images
from daml.policies.vision.seen_image import SeenImage

VIEWS = ((-0.1, -1, 1), (0.1, 1, -1))
"""How a video is looked at twice: its frames by so much of their spacing later, moved so many pixels down and right.

All that is within what meta-training varies; the gradient is that of their mean loss. Of 80 validation tasks of picking
and placing 74 succeed so, and 72 with one look; of 30 each of placing, pushing, and picking and placing 28, 29 and 24,
with one look 28, 29 and 22, and with eight, for 2.8 times the time, 29, 28 and 23.
"""


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
        demos: Human video, or videos, of any size and frame rate; of several the mean loss is descended. Where
            one tells where the hand is, it is there, not where the trunk finds one.
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
        features = [seen for demo in videos for seen in _views(prior, demo)]
        if inner_steps is None and regularizer is None:
            parameters = prior.condition(features)
        elif isinstance(prior, Prior):
            parameters = prior.condition(features, n_steps=inner_steps, regularizer=regularizer)
        else:
            raise ValueError(
                f"inner_steps, regularizer: about gradient steps, but {prior.config.method} takes none; leave them out"
            )
    return AdaptedPolicy.from_prior(prior, parameters)


def _views(prior: Learner, demo: HumanDemo) -> Iterator[SeenImage]:
    """Yield a video as the trunk sees its T frames, once for each of `VIEWS`."""
    _check_length(prior, len(demo))
    demo = demo.resized(*prior.config.image_size)
    resized = brighten(demo.frames, brightness_correction(demo.frames[0]))
    span = HumanDemo(resized, demo.frame_rate_hz, demo.hand).acting_span()
    places = key_places(span, prior.config.human_frames)
    spacing = (places[-1] - places[1]) / max(len(places) - 2, 1)
    device = next(prior.parameters()).device
    for later, down, right in VIEWS:
        moved = np.clip(places[1:] + later * spacing, 0, len(resized) - 1)
        chosen = np.rint([places[0], *moved]).astype(np.int64)
        images = float_images(torch.tensor(shift_frames(resized[chosen], down=down, right=right), device=device))
        hand = torch.tensor(shift_places(demo.hand[chosen], resized.shape[1:3], down=down, right=right), device=device)
        yield prior.policy.see(images, effector=hand if demo.knows_hand else None)


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
