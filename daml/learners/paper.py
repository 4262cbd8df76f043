"""DAML as in the paper: its temporal loss and its inner step, on the policy that all methods here share."""

import dataclasses

import torch
from torch import Tensor, nn
from torch.nn import functional

from daml.learners.config import PriorConfig
from daml.learners.prior import Prior
from daml.learners.temporal_loss import AdaptationLoss
from daml.policies.head import HeadOutput, PolicyConfig

STEP_SIZE = 0.01
"""The inner step size, one for all parameters and not learned (the authors' were 0.005 to 0.01)."""

_KERNEL_SIZE = 10
"""Frames that a convolution sees."""

_N_FILTERS = 32
"""Filters of each convolution."""


class TemporalConvolution(nn.Module):
    """A convolution over time, as long as its input, which is padded with zeros.

    Windows and a matrix product rather than conv1d, whose second derivative is many times slower on a CPU.

    Args:
        n_inputs: Numbers per frame.
    """

    def __init__(self, n_inputs: int) -> None:
        super().__init__()
        self.linear = nn.Linear(_KERNEL_SIZE * n_inputs, _N_FILTERS)

    def forward(self, values: Tensor) -> Tensor:
        """Map `(T, n_inputs)` to `(T, _N_FILTERS)`."""
        before = (_KERNEL_SIZE - 1) // 2
        padded = functional.pad(values, (0, 0, before, _KERNEL_SIZE - 1 - before))
        return self.linear(torch.cat([padded[i : i + len(values)] for i in range(_KERNEL_SIZE)], dim=1))


class ConvolutionalLoss(AdaptationLoss):
    """The paper's temporal loss: two stacks of convolutions over time, and the squared norms of what they put out.

    One stack reads the feature points of each frame, the other the last hidden layer.

    Args:
        policy: Sizes of the policy whose activations are read.

    References:
        Yu et al. (2018), arXiv 1802.01557, Sec. IV-B and V.
    """

    def __init__(self, policy: PolicyConfig) -> None:
        super().__init__()
        self.of_points = _stack(2 * policy.n_points)
        self.of_hidden = _stack(policy.hidden_size)

    @property
    def receptive_field(self) -> int:
        """Frames of the shortest video there is a loss for: one, since the convolutions are padded."""
        return 1

    def forward(self, output: HeadOutput) -> Tensor:
        """Measure a video.

        Args:
            output: What the policy's head computed for T frames.

        Returns:
            The loss, a scalar.
        """
        outputs = torch.cat([self.of_points(output.points_now), self.of_hidden(output.hidden)], dim=1)
        return outputs.square().sum(-1).mean()


class PaperPrior(Prior):
    """A prior with the paper's settings: no memory of the first frame, its temporal loss, one fixed step size.

    What differs from the paper: the trunk is the pretrained one that all methods here share, and as it is not changed
    by meta-training it is not changed by the inner step either, which adapts the feature points' convolution and all
    dense layers. The feature points know what kind of thing to look for and the policy where the gripper is in the
    image, for the same reason. A convolution's input is padded, since a human video is given as fewer frames than two
    convolutions would take. Outer loss, optimiser and schedule are those of all methods.

    Args:
        config: Settings; those that the paper fixes are replaced by its own.

    References:
        Yu et al. (2018), arXiv 1802.01557.
    """

    methods = ("daml-paper",)

    def __init__(self, config: PriorConfig) -> None:
        super().__init__(
            dataclasses.replace(
                config,
                policy=dataclasses.replace(config.policy, first_frame=False),
                initial_step_size=STEP_SIZE,
                learned_step_sizes=False,
            )
        )

    def create_loss(self) -> AdaptationLoss:
        """Create the loss that the inner step descends, untrained."""
        return ConvolutionalLoss(self.config.policy)


def _stack(n_inputs: int) -> nn.Sequential:
    """Make two convolutions over time, each normalised, and a 1 x 1 convolution."""
    return nn.Sequential(
        TemporalConvolution(n_inputs),
        nn.LayerNorm(_N_FILTERS),
        nn.ReLU(),
        TemporalConvolution(_N_FILTERS),
        nn.LayerNorm(_N_FILTERS),
        nn.ReLU(),
        nn.Linear(_N_FILTERS, _N_FILTERS),
    )
