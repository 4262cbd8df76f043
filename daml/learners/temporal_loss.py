"""The temporal loss: a learned measure, over windows of time, of what a policy's activations on a video lack."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from daml.policies.goal import GOAL_SIZE
from daml.policies.head import HeadOutput, PolicyConfig, n_nearness, n_responses


class AdaptationLoss(nn.Module, ABC):
    """A learned loss of a policy's activations on a video, without any label."""

    @property
    @abstractmethod
    def receptive_field(self) -> int:
        """Frames of the shortest video there is a loss for."""

    @abstractmethod
    def forward(self, output: HeadOutput) -> Tensor:
        """Measure a video.

        Args:
            output: What the policy's head computed for T frames; T is at least `receptive_field`.

        Returns:
            The loss, a scalar.
        """


@dataclass(frozen=True)
class TemporalLossConfig:
    """Sizes of the temporal loss."""

    n_outputs: int = 48
    """Numbers whose squares are summed at each instant."""
    kernel_size: int = 5
    """Frames that each output sees."""
    gate_size: int = 64
    """Hidden units of the network that weighs the instants of the video."""
    reads_responses: bool = False
    """Whether it reads, too, how patterns respond to what lay where the hand is now, and to what the hand has taken
    away: they then turn to that at once, however little they looked at it before. After 600 meta-steps on the one
    table, of the clips that were kept apart, the responses at the hand raised those in which the destination is told
    within 4 cm from 52 to 72 % in placing, 58 to 79 % in pushing and 39 to 67 % in carrying; those to what was taken,
    with a later trunk, those in which the item is told within 3 cm from 46 to 62 % in carrying, and not in pushing.
    Not in the shipped prior, which was trained before."""


class TemporalLoss(AdaptationLoss):
    """A squared norm of learned combinations of activations over windows of time, weighed over the video.

    It reads, frame by frame, everything the adapted part computes: feature points of now and of the first frame, the
    hidden layer and the goal. No action label enters. A squared combination of two positions has
    their difference as its gradient: one step moves "what was pointed at" towards "where the hand went". That is why a
    single linear convolution learns to bind within a hundred steps, and one behind hidden layers has not after four.

    When it matters where the hand was is told by what the hand looks like and where it is, which no parameter of the
    policy changes: from that a small network weighs the instants, for each output its own way. What is picked up is
    where the hand closes; where it goes is where the hand opens.

    Args:
        config: Sizes.
        policy: Sizes of the policy whose activations are read.

    References:
        Yu et al. (2018), arXiv 1802.01557, Sec. IV-B: convolutions over time and a squared norm.
    """

    def __init__(self, config: TemporalLossConfig, policy: PolicyConfig) -> None:
        super().__init__()
        self.kernel_size = config.kernel_size
        self._reads_responses = config.reads_responses
        n_read = n_activations(policy, reads_responses=config.reads_responses)
        self.output = nn.Linear(config.kernel_size * n_read, config.n_outputs)
        self.scale = nn.Parameter(torch.ones(config.n_outputs))
        n_observed = config.kernel_size * (policy.channels[-1] + 2)
        self.gate_hidden = nn.Linear(n_observed + 1, config.gate_size)
        self.gate = nn.Linear(config.gate_size, config.n_outputs)
        nn.init.zeros_(self.gate.weight)
        nn.init.zeros_(self.gate.bias)  # at first every instant counts alike

    @property
    def receptive_field(self) -> int:
        """Frames that one output sees, and so the shortest video there is a loss for."""
        return self.kernel_size

    def forward(self, output: HeadOutput) -> Tensor:
        """Measure a video.

        Args:
            output: What the policy's head computed for T frames; T is at least `receptive_field`.

        Returns:
            The loss, a scalar.
        """
        activations = stack_activations(output, reads_responses=self._reads_responses)
        squares = self.output(self._windows(activations)).square()  # (n_windows, n_outputs)
        observed = self._windows(torch.cat([output.effector, output.effector_features], dim=1))
        time = torch.linspace(-1, 1, len(observed), device=observed.device)[:, None]
        gates = self.gate(torch.relu(self.gate_hidden(torch.cat([observed, time], dim=1)))).softmax(0)
        return (self.scale * (gates * squares).sum(0)).sum()

    def _windows(self, values: Tensor) -> Tensor:
        """Lay the frames of each window side by side: `(T, D)` to `(T - kernel_size + 1, kernel_size D)`.

        A window and a matrix product rather than conv1d, whose second derivative is many times slower on a CPU.
        """
        n_windows = len(values) - self.kernel_size + 1
        return torch.cat([values[i : i + n_windows] for i in range(self.kernel_size)], dim=1)


def n_activations(config: PolicyConfig, *, reads_responses: bool = False) -> int:
    """Count the activations per frame that `stack_activations` yields."""
    n_read = 4 * config.n_points + (n_responses(config) if reads_responses else 0)
    return n_read + n_nearness(config) + 2 + config.hidden_size + GOAL_SIZE


def stack_activations(output: HeadOutput, *, reads_responses: bool = False) -> Tensor:
    """Lay a policy's activations side by side.

    Args:
        output: What the policy's head computed for T frames.
        reads_responses: Whether the responses of patterns to what lay where the hand is are among them.

    Returns:
        Activations of each frame, `(T, D)`.
    """
    activations = [
        output.points_now,
        output.points_first,
        output.nearness,
        output.effector,
        output.hidden,
        output.goal.pack(),
    ]
    return torch.cat([*activations, output.responses] if reads_responses else activations, dim=1)
