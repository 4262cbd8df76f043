"""What an inner step descends: a learned measure of what a policy's activations on a video lack."""

from abc import ABC, abstractmethod

from torch import Tensor, nn

from policies.head import HeadOutput


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
