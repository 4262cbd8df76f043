"""Statistics that bring the robot's state to unit size, kept inside the weights."""

import torch
from torch import Tensor, nn

_SMALLEST_SCALE = 1e-3
"""A component that hardly varies (1 mm) is only centred: dividing by less would blow up its noise."""


class Normalizer(nn.Module):
    """Map vectors to zero mean and unit standard deviation, and back.

    Args:
        size: Length S of the vectors. Statistics start as those of an already normalised quantity.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, size: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("scale", torch.ones(size))

    @torch.no_grad()
    def fit(self, samples: Tensor) -> None:
        """Set the statistics from samples.

        Args:
            samples: `(N, S)`, in the units of the data.

        Raises:
            ValueError: The samples have another length, are fewer than two, or are not finite.
        """
        size = len(self.mean)
        if samples.ndim != 2 or samples.shape[1] != size or len(samples) < 2:
            raise ValueError(f"samples: expected at least 2 rows of {size} numbers, got shape {tuple(samples.shape)}")
        if not bool(torch.isfinite(samples).all()):
            raise ValueError("samples: expected finite numbers, got NaN or infinity")
        samples = samples.double()
        self.mean.copy_(samples.mean(0))
        self.scale.copy_(samples.std(0).clamp(min=_SMALLEST_SCALE))

    def normalize(self, values: Tensor) -> Tensor:
        """Bring the leading components to unit size.

        Args:
            values: `(..., n)` with n at most S; components are matched from the first on.

        Returns:
            Normalised values, `(..., n)`.
        """
        n = values.shape[-1]
        return (values - self.mean[:n]) / self.scale[:n]
