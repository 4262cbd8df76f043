"""The temporal loss: a learned measure, by convolutions over time, of what a policy's activations on a video lack."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from policies.visuomotor import GOALS_SIZE, HeadOutput, PolicyConfig


@dataclass(frozen=True)
class TemporalLossConfig:
    """Sizes of the temporal loss."""

    n_filters: int = 64
    """Filters of each of the two convolutions."""
    kernel_size: int = 5
    """Frames that each convolution sees."""
    output: Literal["signed", "squared"] = "signed"
    """How the last layer becomes a loss: the mean of a signed number, or the mean squared norm as in the paper."""


def signed_mean(values: Tensor) -> Tensor:
    """Average numbers of either sign: a loss without a lower bound, whose gradient never vanishes at a minimum."""
    return values.mean()


def mean_squared_norm(values: Tensor) -> Tensor:
    """Average the squared norm of each row of `(T, D)`, as in the paper."""
    return values.square().sum(-1).mean()


_OUTPUTS: Mapping[str, tuple[Callable[[Tensor], Tensor], int]] = {
    "signed": (signed_mean, 1),
    "squared": (mean_squared_norm, 16),
}
"""Reduction over time and the number of outputs it is given at each instant."""


class TemporalLoss(nn.Module):
    """Two convolutions over time with layer normalisation and ReLU, one 1 x 1 convolution, and a mean over time.

    It reads, frame by frame, everything the adapted part computes: feature points of now and of the first frame, the
    hidden layer, the predicted action and the predicted goals. No action label enters.

    Args:
        n_inputs: Activations per frame; see `n_activations`.
        config: Sizes.

    References:
        Yu et al. (2018), arXiv 1802.01557, Sec. IV-B.
    """

    def __init__(self, n_inputs: int, config: TemporalLossConfig) -> None:
        super().__init__()
        self.reduction, n_outputs = _OUTPUTS[config.output]
        self.kernel_size = config.kernel_size
        self.convolutions = nn.ModuleList()
        self.norms = nn.ModuleList()
        n_channels = n_inputs
        for _ in range(2):
            self.convolutions.append(nn.Linear(config.kernel_size * n_channels, config.n_filters))
            self.norms.append(nn.LayerNorm(config.n_filters))
            n_channels = config.n_filters
        self.output = nn.Linear(n_channels, n_outputs, bias=False)  # a constant would not change the inner step

    @property
    def receptive_field(self) -> int:
        """Frames that one output sees, and so the shortest video there is a loss for."""
        return 1 + len(self.convolutions) * (self.kernel_size - 1)

    def forward(self, activations: Tensor) -> Tensor:
        """Measure a video.

        Args:
            activations: Activations of each frame, `(T, D)`; T is at least `receptive_field`.

        Returns:
            The loss, a scalar.
        """
        values = activations
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            # A window and a matrix product rather than conv1d, whose second derivative is many times slower on a CPU.
            n_windows = len(values) - self.kernel_size + 1
            windows = torch.cat([values[i : i + n_windows] for i in range(self.kernel_size)], dim=1)
            values = torch.relu(norm(convolution(windows)))  # (n_windows, n_filters)
        return self.reduction(self.output(values))


def n_activations(config: PolicyConfig) -> int:
    """Count the activations per frame that `stack_activations` yields."""
    return 4 * config.n_points + config.hidden_size + config.action_size + GOALS_SIZE


def stack_activations(output: HeadOutput) -> Tensor:
    """Lay a policy's activations side by side.

    Args:
        output: What the policy's head computed for T frames.

    Returns:
        Activations of each frame, `(T, D)`.
    """
    return torch.cat(
        [
            output.points_now,
            output.points_first,
            output.hidden,
            output.velocity,
            output.gripper_logit[:, None],
            output.goals,
        ],
        dim=1,
    )
