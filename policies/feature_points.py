"""Feature points: where in the image the thing is that shows each of a few learned patterns."""

import math

import torch
from torch import Tensor, nn

from policies.feature_map import FeatureMap


class FeaturePoints(nn.Module):
    """A 1 x 1 convolution followed by a spatial soft-argmax with a learned temperature.

    The soft-argmax averages not the locations themselves but the middles that they vote for: a pattern found on the
    edge of an object still points at its middle, far more finely than the map's own spacing.

    Args:
        n_channels: Channels C of the features.
        n_points: Number of points P.
    """

    def __init__(self, n_channels: int, n_points: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(n_points, n_channels))
        nn.init.normal_(self.weight, std=1 / math.sqrt(n_channels))
        self.log_temperature = nn.Parameter(torch.zeros(()))

    @torch.no_grad()
    def favour(self, directions: Tensor) -> None:
        """Add directions of the feature space to the patterns in turn, so that the points are drawn to what lies along.

        Args:
            directions: What to be drawn to, for instance what tells each class of object from the rest, `(n, C)`.
        """
        for number, weight in enumerate(self.weight):
            weight += directions[number % len(directions)]

    def forward(self, maps: FeatureMap) -> Tensor:
        """Locate the points.

        Args:
            maps: N feature maps.

        Returns:
            Coordinates in [-1, 1] from edge to edge, x and y of each point in turn, `(N, 2P)`.
        """
        # A matrix product rather than conv2d: with one weight matrix per task, vmap turns it into one batched product.
        logits = maps.features @ (self.weight * torch.exp(-self.log_temperature)).T  # (N, L, P)
        weights = logits.softmax(1).transpose(1, 2)  # (N, P, L)
        return (weights @ maps.middles).flatten(1)  # (N, 2P)
