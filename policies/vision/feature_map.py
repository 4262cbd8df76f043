"""The layout of a feature map: what its channels mean, and what is read off it the same way for every task."""

from typing import NamedTuple

import torch
from torch import Tensor

N_CLASSES = 3
"""Classes of things on the table: items, containers, zones."""

N_EFFECTOR = 3
"""Channels that tell of the effector, the last ones."""

_N_VOTES = 2 * N_CLASSES
"""Channels of votes: x and y for each class."""

N_LOCATORS = N_CLASSES + _N_VOTES + N_EFFECTOR
"""Channels after the features: log odds of each class; for each class, where the middle of the thing of it is that is
shown here, relative to here (x, y); log score of the effector, the point between the fingers of whatever hand or
gripper; where that is (x, y)."""

_PRESENCE_SCALE = 20
"""Factor that makes the presence of a class 1 where it fills about a twentieth of the image."""

_AROUND = 0.08
"""Standard deviation of the bell around a known effector whose features are taken, as a share of half the image: a
hand's width of pictures of 96 px."""


class Landmarks(NamedTuple):
    """What is read off N feature maps whatever the task is."""

    effector: Tensor
    """Where the point between the fingers is, x and y in [-1, 1], `(N, 2)`."""
    spread: Tensor
    """How far apart the places are that speak of it, their standard deviation: large where it is hidden, `(N,)`."""
    effector_features: Tensor
    """Features around it, `(N, C)`."""
    presence: Tensor
    """How much of the image shows each class of thing, 1 for about a twentieth, `(N, N_CLASSES)`."""


class FeatureMap(NamedTuple):
    """A whole feature map, location by location and row by row, split by meaning; L = h w locations."""

    features: Tensor
    """`(N, L, C)`."""
    class_logits: Tensor
    """`(N, L, N_CLASSES)`."""
    middles: Tensor
    """Where the middle of the thing of each class is that is shown at each location, x and y in [-1, 1], `(N, L,
    N_CLASSES, 2)`: where an item lies on a zone one location shows both, and their middles differ."""
    effector_logits: Tensor
    """`(N, L)`."""
    effector_places: Tensor
    """Where the effector is, as seen from each location, `(N, L, 2)`."""
    locations: Tensor
    """The middles of the locations themselves, `(L, 2)`."""

    @classmethod
    def split(cls, maps: Tensor) -> "FeatureMap":
        """Split the trunk's output, `(N, C + N_LOCATORS, h, w)`, by meaning."""
        height, width = maps.shape[-2:]
        by_location = maps.permute(0, 2, 3, 1).flatten(1, 2)  # (N, L, C + N_LOCATORS); no copy if channels_last
        sizes = [by_location.shape[-1] - N_LOCATORS, N_CLASSES, _N_VOTES, 1, 2]
        features, classes, votes, effector, effector_votes = torch.split(by_location, sizes, dim=-1)
        here = grid(height, width, like=maps)
        middles = here[:, None] + torch.unflatten(votes, -1, (N_CLASSES, 2))
        return cls(features, classes, middles, effector[..., 0], here + effector_votes, here)

    def landmarks(self, *, effector: Tensor | None = None) -> Landmarks:
        """Read off where the effector is and how much of each class is seen.

        Args:
            effector: Where it is known to be, `(N, 2)`: its features are those around that place, whatever the map
                makes of them. It is read off the map where this is NaN, or None.
        """
        weights = self.effector_logits.softmax(-1)[:, None]  # (N, 1, L)
        places = weights @ self.effector_places  # (N, 1, 2)
        if effector is not None:
            is_known = effector.isfinite().all(-1)[:, None, None]  # (N, 1, 1)
            places = torch.where(is_known, effector[:, None], places)
            away = (self.locations - places).square().sum(-1)[:, None]  # (N, 1, L)
            weights = torch.where(is_known, (-away / (2 * _AROUND**2)).softmax(-1), weights)
        squares = (self.effector_places - places).square().sum(-1, keepdim=True)  # (N, L, 1)
        return Landmarks(
            effector=places[:, 0],
            spread=(weights @ squares)[:, 0, 0].sqrt(),
            effector_features=(weights @ self.features)[:, 0],
            presence=_PRESENCE_SCALE * torch.sigmoid(self.class_logits).mean(1),
        )


def grid(height: int, width: int, *, like: Tensor) -> Tensor:
    """List the middles of all locations, row by row: x and y in [-1, 1] from edge to edge, `(h w, 2)`."""
    x = (torch.arange(width, dtype=like.dtype, device=like.device) + 0.5) * 2 / width - 1
    y = (torch.arange(height, dtype=like.dtype, device=like.device) + 0.5) * 2 / height - 1
    return torch.stack([x.repeat(height), y.repeat_interleave(width)], dim=-1)
