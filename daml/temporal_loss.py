"""The temporal loss: a learned measure, over windows of time, of what a policy's activations on a video lack."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from policies.visuomotor import GOALS_SIZE, HeadOutput, PolicyConfig


@dataclass(frozen=True)
class TemporalLossConfig:
    """Sizes of the temporal loss."""

    n_outputs: int = 32
    """Numbers whose squares are summed at each instant."""
    kernel_size: int = 5
    """Frames that each output sees."""
    hidden_filters: tuple[int, ...] = ()
    """Filters of convolutions before the last, each with layer normalisation and ReLU; none is what learned fastest."""


class TemporalLoss(nn.Module):
    """A squared norm of learned combinations of activations over windows of time, averaged over the video.

    It reads, frame by frame, everything the adapted part computes: feature points of now and of the first frame, the
    hidden layer, the predicted action and goals. No action label enters. A squared combination of two positions has
    their difference as its gradient: one step moves "what was pointed at" towards "where the hand went". That is why a
    single linear convolution learns to bind within a hundred steps, and one behind hidden layers has not after four.

    Args:
        n_inputs: Activations per frame; see `n_activations`.
        config: Sizes.

    References:
        Yu et al. (2018), arXiv 1802.01557, Sec. IV-B: convolutions over time and a squared norm.
    """

    def __init__(self, n_inputs: int, config: TemporalLossConfig) -> None:
        super().__init__()
        self.kernel_size = config.kernel_size
        self.hidden = nn.ModuleList()
        self.norms = nn.ModuleList()
        n_channels = n_inputs
        for n_filters in config.hidden_filters:
            self.hidden.append(nn.Linear(config.kernel_size * n_channels, n_filters))
            self.norms.append(nn.LayerNorm(n_filters))
            n_channels = n_filters
        self.output = nn.Linear(config.kernel_size * n_channels, config.n_outputs)

    @property
    def receptive_field(self) -> int:
        """Frames that one output sees, and so the shortest video there is a loss for."""
        return 1 + (len(self.hidden) + 1) * (self.kernel_size - 1)

    def forward(self, activations: Tensor) -> Tensor:
        """Measure a video.

        Args:
            activations: Activations of each frame, `(T, D)`; T is at least `receptive_field`.

        Returns:
            The loss, a scalar.
        """
        values = activations
        for layer, norm in zip(self.hidden, self.norms, strict=True):
            values = torch.relu(norm(layer(self._windows(values))))  # (n_windows, n_filters)
        return self.output(self._windows(values)).square().sum(-1).mean()

    def _windows(self, values: Tensor) -> Tensor:
        """Lay the frames of each window side by side: `(T, D)` to `(T - kernel_size + 1, kernel_size D)`.

        A window and a matrix product rather than conv1d, whose second derivative is many times slower on a CPU.
        """
        n_windows = len(values) - self.kernel_size + 1
        return torch.cat([values[i : i + n_windows] for i in range(self.kernel_size)], dim=1)


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
