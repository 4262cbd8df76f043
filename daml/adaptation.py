"""Adaptation: from a prior and one human video to a policy."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from daml.adapted_policy import AdaptedPolicy
from daml.augmentation import float_images
from daml.maml import Gradient, Parameters, Regularizer, first_order, second_order, take_inner_steps
from daml.prior import Prior
from demos import HumanDemo, key_places, moving_span
from policies.hand_eye import SENSED_SIZE
from policies.visuomotor import HeadOutput, VisuomotorHead


def call_head(
    head: VisuomotorHead, parameters: Parameters, *, now: Tensor, first: Tensor, state: Tensor, acts: bool = True
) -> HeadOutput:
    """Run the adapted part of the policy with given parameters.

    Args:
        head: The module; its own parameters are not used.
        parameters: Parameters to run it with.
        now: Feature maps, `(T, C + N_LOCATORS, h, w)`.
        first: Feature map of the first frame of each of K clips, `(K, C + N_LOCATORS, h, w)`.
        state: What is sensed of the robot, `(T, S + SENSED_SIZE)`.
        acts: Whether a robot acts on the frames, rather than watches.

    Returns:
        Actions, goals and activations of each frame.
    """
    output: HeadOutput = torch.func.functional_call(head, dict(parameters), (now, first, state), {"acts": acts})
    return output


def adapt_to_features(
    prior: Prior,
    features: Sequence[Tensor],
    *,
    n_steps: int | None = None,
    gradient: Gradient = second_order,
    regularizer: Regularizer | None = None,
) -> dict[str, Tensor]:
    r"""Take the inner steps: gradient steps on the learned temporal loss of human videos.

    .. math:: \phi = \theta - \alpha \nabla_\theta \frac{1}{k} \sum_{i=1}^{k} L_\psi(\theta, d^h_i)

    The videos alone drive the step: no action is read, and the robot's state is zero throughout.

    Args:
        prior: Initial parameters, temporal loss and step sizes.
        features: The trunk's feature maps of each of k videos, `(T, C + N_LOCATORS, h, w)`; T is at least the loss's
            receptive field.
        n_steps: Number of steps; that of the prior when None.
        gradient: `second_order` to let an outer loss be differentiated through the steps, else `first_order`.
        regularizer: What holds the parameters near the initial ones, such as `daml.maml.GaussianPrior`; the prior's
            own, if it has one, when None.

    Returns:
        Adapted parameters, keyed as `prior.initial_parameters()`. The prior is unchanged.
    """

    def temporal_loss(parameters: Parameters) -> Tensor:
        losses: list[Tensor] = []
        for maps in features:
            state = maps.new_zeros(len(maps), prior.config.policy.state_size + SENSED_SIZE)
            output = call_head(prior.policy.head, parameters, now=maps, first=maps[:1], state=state, acts=False)
            losses.append(prior.temporal_loss(output))
        return torch.stack(losses).mean()

    initial = prior.initial_parameters()
    regularizer = regularizer or prior.regularizer()
    return take_inner_steps(
        initial,
        temporal_loss if regularizer is None else regularizer(temporal_loss, initial),
        step_sizes=prior.step_sizes(),
        n_steps=prior.config.inner_steps if n_steps is None else n_steps,
        clip=prior.config.gradient_clip,
        gradient=gradient,
    )


def adapt_parameters(prior: Prior, frames: Tensor, *, create_graph: bool) -> dict[str, Tensor]:
    r"""Take the inner steps on the frames of a human video: the trunk, then `adapt_to_features`.

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
        return adapt_to_features(prior, [prior.policy.trunk(frames)], gradient=gradient)


def adapt(
    prior: Prior,
    demos: HumanDemo | Sequence[HumanDemo],
    *,
    inner_steps: int | None = None,
    regularizer: Regularizer | None = None,
) -> AdaptedPolicy:
    """Turn one human video, or several of the same task, into a policy.

    Args:
        prior: What meta-training learned. Never changed.
        demos: Human video, or videos, of any size and frame rate; of several the mean loss is descended.
        inner_steps: Gradient steps; as many as in meta-training when None.
        regularizer: What holds the parameters near the initial ones in several steps, such as
            `daml.maml.GaussianPrior`; the prior's own, if it has one, when None.

    Returns:
        The policy for the demonstrated task.

    Raises:
        ValueError: There is no video, or one has fewer frames than the temporal loss needs.
    """
    videos = [demos] if isinstance(demos, HumanDemo) else list(demos)
    if not videos:
        raise ValueError("demos: expected at least one human video, got none")
    with torch.no_grad():
        features = [prior.policy.trunk(_key_images(prior, demo)) for demo in videos]
        parameters = adapt_to_features(
            prior, features, n_steps=inner_steps, gradient=first_order, regularizer=regularizer
        )
    return AdaptedPolicy.from_prior(prior, parameters)


def _key_images(prior: Prior, demo: HumanDemo) -> Tensor:
    """Return the frames of a video that the temporal loss looks at, as the trunk takes them, `(T, 3, H, W)`."""
    _check_length(prior, len(demo.frames))
    resized = demo.resized(*prior.config.image_size).frames
    chosen = np.rint(key_places(moving_span(resized), prior.config.human_frames)).astype(np.int64)
    return float_images(torch.tensor(resized[chosen], device=next(prior.parameters()).device))


def unadapted(prior: Prior) -> AdaptedPolicy:
    """Make a policy of the prior's initial parameters: what it does before it has seen any video.

    Args:
        prior: What meta-training learned.

    Returns:
        The policy before adaptation.
    """
    return AdaptedPolicy.from_prior(prior, prior.initial_parameters())


def _check_length(prior: Prior, n_frames: int) -> None:
    """Refuse a video that the temporal loss cannot judge."""
    needed = prior.temporal_loss.receptive_field
    if n_frames < needed:
        raise ValueError(f"{n_frames} frames, but the temporal loss needs at least {needed}; record a longer video")
