"""Feature points: where in the image each of a few learned patterns is found."""

import math

import torch
from torch import Tensor, nn


def expected_coordinates(logits: Tensor) -> Tensor:
    """Take the spatial soft-argmax: the mean position under a softmax over locations.

    Args:
        logits: One map per pattern, `(..., h, w)`.

    Returns:
        Coordinates (x to the right, y down), each in [-1, 1] from the first to the last pixel centre, `(..., 2)`.
    """
    height, width = logits.shape[-2:]
    weights = logits.flatten(-2).softmax(-1)  # (..., h*w)
    return weights @ _grid(height, width, like=logits)  # (..., 2)


class FeaturePoints(nn.Module):
    """A 1 x 1 convolution followed by the spatial soft-argmax with a learned temperature.

    Args:
        n_channels: Channels of the feature map.
        n_points: Number of points P.
    """

    def __init__(self, n_channels: int, n_points: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(n_points, n_channels))
        nn.init.normal_(self.weight, std=1 / math.sqrt(n_channels))
        self.log_temperature = nn.Parameter(torch.zeros(()))

    @torch.no_grad()
    def favour(self, direction: Tensor) -> None:
        """Add a direction of the feature space to every pattern, so that all points are drawn to what lies along it.

        Args:
            direction: What to be drawn to, for instance what tells objects from background, `(C,)`.
        """
        self.weight += direction

    def forward(self, features: Tensor) -> Tensor:
        """Locate the points.

        Args:
            features: Feature maps, `(N, C, h, w)`.

        Returns:
            Coordinates in [-1, 1], x and y of each point in turn, `(N, 2P)`.
        """
        height, width = features.shape[-2:]
        by_location = features.permute(0, 2, 3, 1).flatten(1, 2)  # (N, h*w, C); no copy in channels_last layout
        # A matrix product rather than conv2d: with one weight matrix per task, vmap turns it into one batched product.
        logits = by_location @ (self.weight * torch.exp(-self.log_temperature)).T  # (N, h*w, P)
        weights = logits.softmax(1).transpose(1, 2)  # (N, P, h*w)
        return (weights @ _grid(height, width, like=features)).flatten(1)  # (N, 2P)


def _grid(height: int, width: int, *, like: Tensor) -> Tensor:
    """List the coordinates of all locations, row by row, `(h*w, 2)`."""
    x = torch.linspace(-1, 1, width, dtype=like.dtype, device=like.device)
    y = torch.linspace(-1, 1, height, dtype=like.dtype, device=like.device)
    return torch.stack([x.repeat(height), y.repeat_interleave(width)], dim=-1)
