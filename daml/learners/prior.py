"""The prior: a policy's initial parameters, the temporal loss and the step sizes, which only have meaning together."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import torch
from torch import Tensor, nn

from daml.learners.config import PriorConfig
from daml.learners.learner import Learner, call_head
from daml.learners.temporal_loss import AdaptationLoss, TemporalLoss
from daml.maml import (
    GaussianPrior,
    Gradient,
    Parameters,
    Regularizer,
    first_order,
    second_order,
    step_size_per_tensor,
    take_inner_steps,
)
from daml.policies.head import HeadOutput
from daml.policies.tensor_trees import concatenate, index_tensors
from daml.policies.vision.seen_image import SeenImage

GRADIENTS: Mapping[str, Gradient] = MappingProxyType({"second-order": second_order, "first-order": first_order})
"""Inner gradients by their names in the settings."""


class SignedStepSizes(nn.Module):
    """Learned step sizes of either sign, one for each tensor that adapts.

    `daml.maml.LogSpace` holds positive ones. Here a step size may turn negative: it then climbs the temporal loss along
    its tensor. The loss is learned together with the step sizes and has no meaning of its own, so that either sign is a
    direction that the outer loss has chosen. Of the shipped prior's twenty step sizes eight are negative.

    Args:
        step_sizes: Initial step sizes by the name of the parameter they belong to.
    """

    def __init__(self, step_sizes: Parameters) -> None:
        super().__init__()
        self._names = {name: name.replace(".", "/") for name in step_sizes}  # a module's own names hold no dots
        self.values = nn.ParameterDict({self._names[name]: value for name, value in step_sizes.items()})

    def forward(self) -> dict[str, Tensor]:
        """Return the step sizes by the name of the parameter they belong to."""
        return {name: self.values[key] for name, key in self._names.items()}


class Prior(Learner):
    """What meta-training learns: theta (the policy), psi (the temporal loss) and alpha (the step sizes).

    Args:
        config: Settings.

    Raises:
        ValueError: Videos would be resampled to fewer frames than the temporal loss needs.
    """

    methods = ("daml",)

    def __init__(self, config: PriorConfig) -> None:
        super().__init__(config)
        self.temporal_loss = self.create_loss()
        if config.human_frames < self.shortest_video:
            raise ValueError(
                f"human_frames: expected at least {self.shortest_video}, as the temporal loss needs "
                f"(temporal_loss.kernel_size), got {config.human_frames}"
            )
        self.step_sizes = SignedStepSizes(
            step_size_per_tensor(self.initial_parameters(), size=config.initial_step_size)
        )
        self.temporal_loss.requires_grad_(config.inner_gradient == "second-order")
        self.step_sizes.requires_grad_(config.learned_step_sizes)

    def create_loss(self) -> AdaptationLoss:
        """Create the loss that the inner step descends, untrained."""
        return TemporalLoss(self.config.temporal_loss, self.config.policy)

    @property
    def shortest_video(self) -> int:
        """Frames of the shortest video that the temporal loss can judge."""
        return self.temporal_loss.receptive_field

    def regularizer(self) -> Regularizer | None:
        """Return what holds adapted parameters near the initial ones in several inner steps; None for nothing."""
        if self.config.inner_variance is None:
            return None
        return GaussianPrior.of_step_sizes(self.step_sizes(), ratio=self.config.inner_variance)

    def condition(
        self,
        videos: Sequence[SeenImage],
        *,
        n_steps: int | None = None,
        gradient: Gradient | None = None,
        regularizer: Regularizer | None = None,
    ) -> dict[str, Tensor]:
        r"""Take the inner steps: gradient steps on the learned temporal loss of human videos.

        .. math:: \phi = \theta - \alpha \nabla_\theta \frac{1}{k} \sum_{i=1}^{k} L_\psi(\theta, d^h_i)

        The videos alone drive the step: no action is read, and the robot's state is zero throughout.

        Args:
            videos: Frames of each of k videos; at least the loss's receptive field of each.
            n_steps: Number of steps; that of the settings when None.
            gradient: `second_order` to let an outer loss be differentiated through the steps, else `first_order`; that
                of the settings when None.
            regularizer: What holds the parameters near the initial ones, such as `daml.maml.GaussianPrior`; the prior's
                own, if it has one, when None.

        Returns:
            Adapted parameters, keyed as `initial_parameters()`. The prior is unchanged.

        References:
            Yu et al. (2018), arXiv 1802.01557, Sec. IV.
        """

        def temporal_loss(parameters: Parameters) -> Tensor:
            return torch.stack([self.temporal_loss(output) for output in self._watch(videos, parameters)]).mean()

        initial = self.initial_parameters()
        regularizer = regularizer or self.regularizer()
        return take_inner_steps(
            initial,
            temporal_loss if regularizer is None else regularizer(temporal_loss, initial),
            step_sizes=self.step_sizes(),
            n_steps=self.config.inner_steps if n_steps is None else n_steps,
            clip=self.config.gradient_clip,
            gradient=gradient or GRADIENTS[self.config.inner_gradient],
        )

    def _watch(self, videos: Sequence[SeenImage], parameters: Parameters) -> list[HeadOutput]:
        """Run the head on videos in which no robot is seen; on videos of one length at once, which takes less time."""
        lengths = {len(video.features) for video in videos}
        if len(lengths) > 1:
            return [output for video in videos for output in self._watch([video], parameters)]
        (length,) = lengths
        output = call_head(
            self.policy.head,
            parameters,
            now=concatenate(videos),
            first=concatenate([index_tensors(video, slice(1)) for video in videos]),
            robot=self.policy.sense_nobody(length * len(videos)),
            acts=False,
            responds=self.config.temporal_loss.reads_responses,
        )
        return [index_tensors(output, slice(start, start + length)) for start in range(0, length * len(videos), length)]
