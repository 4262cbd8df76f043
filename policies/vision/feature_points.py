"""Feature points: where in the image the thing is that shows each of a few learned patterns."""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from daml.policies.vision.feature_map import N_CLASSES
from daml.policies.vision.seen_image import SeenImage
from daml.policies.vision.taken_items import weigh_taken

NEAR_RADII = (0.12, 0.3)
"""Standard deviations of the bells that tell what is near, as a share of half the image: about 4 and 10 cm."""

_CLASS_WEIGHT = 3.0
"""Weight of the log probability of a point's class: at one, a few hundred background locations outweigh an item's."""

_PATTERN_SCALE = 0.3
"""Spread of a pattern's response before meta-training: so small that every thing of the class is looked at alike."""


_ALIKE_SCALE = 15.0
"""Scale of cosines between features before a softmax over locations: an item keeps 0.6 or more, others have less."""

_ALIKE_CLASS_WEIGHT = 2.0
"""Weight of the log probability of an item there."""

_AT_PLACE = 0.15
"""Standard deviation of the bell within which things are at a place, as a share of half the image: about 5 cm."""

_HARDLY = 0.05
"""Sum of probabilities, over locations, below which next to nothing is shown."""


class Attention(NamedTuple):
    """Where the points of N images look."""

    weights: Tensor
    """Weights of the locations that sum to one for each point, `(N, P, L)`."""
    strength: Tensor
    """Log of the unnormalised sum: the less, the less of the pattern is seen anywhere, `(N, P)`."""

    def sharpened(self) -> Tensor:
        """Return the weights at half the temperature, `(N, P, L)`: a mean that a second thing hardly moves."""
        squares = self.weights.square()
        return squares / squares.sum(-1, keepdim=True)


class FeaturePoints(nn.Module):
    """A 1 x 1 convolution followed by a spatial soft-argmax with a learned temperature.

    Each point looks for things of one class: what the trunk takes for anything else hardly counts, so that a change of
    the pattern turns the point from one thing of that class to another, and never to the background. And the
    soft-argmax averages not the locations themselves but the middles that they vote for: a pattern found on the edge of
    an object still points at its middle, far more finely than the map's own spacing.

    Args:
        n_channels: Channels C of the features.
        n_points: Number of points P; the classes take turns among them.
    """

    def __init__(self, n_channels: int, n_points: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(n_points, n_channels))
        # Arithmetic on the meta device, on which priors are read, would have torch import its compiler for a second.
        if not self.weight.is_meta:
            nn.init.normal_(self.weight, std=_PATTERN_SCALE / math.sqrt(n_channels))
        self.log_temperature = nn.Parameter(torch.zeros(()))
        turns = [
            [_CLASS_WEIGHT * (point % N_CLASSES == number) for number in range(N_CLASSES)] for point in range(n_points)
        ]
        self.class_weight = nn.Parameter(torch.tensor(turns))

    def attend(self, images: SeenImage) -> Attention:
        """Weigh the locations for each point, and tell how well its pattern is seen.

        Args:
            images: N seen images.
        """
        # A matrix product rather than conv2d: with one weight matrix per task, vmap turns it into one batched product.
        logits = images.features @ (self.weight * torch.exp(-self.log_temperature)).T  # (N, L, P)
        logits = logits + functional.logsigmoid(images.class_logits) @ self.class_weight.T
        return _attend(logits)

    def find_again(self, appearance: Tensor, images: SeenImage) -> Attention:
        """Weigh the locations by how much they show an item that looks like what was looked at in a clip's first frame.

        Within a clip a thing looks nearly the same at all times, so that it is found again more surely than by a
        pattern that a video of another scene has set.

        Args:
            appearance: Features that points looked at in the first frames of K clips, `(K, n, C)`.
            images: The frames, clip after clip; T of them, a multiple of K.
        """
        n_frames = len(images.features) // len(appearance)
        clips = torch.unflatten(images.features, 0, (len(appearance), n_frames))  # (K, T / K, L, C)
        alike = clips @ functional.normalize(appearance, dim=-1).transpose(1, 2)[:, None]  # (K, T / K, L, n)
        cosines = alike.flatten(0, 1) / math.sqrt(appearance.shape[-1])  # features have zero mean and unit variance
        logits = _ALIKE_SCALE * cosines + _ALIKE_CLASS_WEIGHT * functional.logsigmoid(images.class_logits[..., :1])
        return _attend(logits)

    def respond_to_taken(self, first: SeenImage, now: SeenImage, places: Tensor) -> Tensor:
        """Tell how each pattern of items responds to what a hand has taken away by each time.

        Args:
            first: First frames of K clips.
            now: The frames, clip after clip; n of each.
            places: Where the hand is in each, x and y in [-1, 1], `(K, n, 2)`.

        Returns:
            Responses, `(K, n, P // N_CLASSES)`; zero where nothing was taken.
        """
        # Squared, so that of two things that may have been taken the surer one counts.
        taken = _as_shares(weigh_taken(first, now, places).square()) @ first.features  # (K, n, C)
        return taken @ self.weight[::N_CLASSES].T

    def respond(self, images: SeenImage, places: Tensor) -> Tensor:
        """Tell how much more each pattern responds to what is at some places than to all things of its class.

        The gradient for a pattern is what is seen at the places, whatever the pattern has looked at before; that of
        where it points, or of how near that is, is small while it hardly looks there.

        Args:
            images: K seen images.
            places: n places for each of them, x and y in [-1, 1], `(K, n, 2)`.

        Returns:
            Differences between responses, `(K, n, P)`.
        """
        shown = torch.sigmoid(images.class_logits).transpose(1, 2)[:, None]  # (K, 1, N_CLASSES, L)
        here = shown * torch.exp(-_squared_distances(images.middles, places) / (2 * _AT_PLACE**2))
        seen = (_as_shares(here) - _as_shares(shown)).flatten(1, 2) @ images.features  # (K, n N_CLASSES, C)
        return _of_own_class(seen @ self.weight.T)

    def forward(self, images: SeenImage) -> Tensor:
        """Locate the points.

        Args:
            images: N seen images.

        Returns:
            Coordinates in [-1, 1] from edge to edge, x and y of each point in turn, `(N, 2P)`.
        """
        return locate(self.attend(images).weights, images.middles).flatten(1)


def _attend(logits: Tensor) -> Attention:
    """Weigh locations by their logits for each point, `(N, L, P)`."""
    strength = logits.logsumexp(1)  # (N, P)
    attention = torch.exp(logits - strength[:, None])  # the softmax, by the sum that is there already
    return Attention(attention.transpose(1, 2), strength)


def _as_shares(shown: Tensor) -> Tensor:
    """Divide probabilities of locations, `(..., L)`, by their sum; all stay small where hardly anything is shown."""
    return shown / (shown.sum(-1, keepdim=True) + _HARDLY)


def locate(attention: Tensor, middles: Tensor) -> Tensor:
    """Average the middles that locations vote for, those of each point's own class.

    Args:
        attention: Weights of the locations, `(N, P, L)`; the classes take turns among the points.
        middles: Middles that the locations vote for, `(N, L, N_CLASSES, 2)`.

    Returns:
        Places, x and y, `(N, P, 2)`.
    """
    of_all = torch.unflatten(attention @ middles.flatten(2), 2, (N_CLASSES, 2))  # (N, P, N_CLASSES, 2)
    points = torch.arange(attention.shape[1], device=attention.device)
    return of_all[:, points, points % N_CLASSES]


def nearness(attention: Tensor, middles: Tensor, places: Tensor) -> Tensor:
    """Tell how much of each point's attention lies near some places.

    A point's coordinates change little when its attention moves to a thing that lies between the others; this changes
    fully, wherever the thing is.

    Args:
        attention: Weights of the locations, `(K, P, L)`; the classes take turns among the points.
        middles: Middles that the locations vote for, `(K, L, N_CLASSES, 2)`.
        places: n places for each of the K images, x and y in [-1, 1], `(K, n, 2)`.

    Returns:
        For every radius of `NEAR_RADII` in turn, the weighted share within about that radius, `(K, n, P)` each, laid
        side by side: `(K, n, len(NEAR_RADII) P)`.
    """
    squares = _squared_distances(middles, places)
    shares: list[Tensor] = []
    for radius in NEAR_RADII:
        kernel = torch.exp(-squares / (2 * radius**2)).flatten(1, 2)
        shares.append(_of_own_class(kernel @ attention.transpose(1, 2)))
    return torch.cat(shares, dim=-1)


def _squared_distances(middles: Tensor, places: Tensor) -> Tensor:
    """Square the distances of n places, `(K, n, 2)`, from all middles that are voted for: `(K, n, N_CLASSES, L)`."""
    by_class = middles.transpose(1, 2)[:, None]  # (K, 1, N_CLASSES, L, 2)
    return (by_class - places[:, :, None, None]).square().sum(-1)


def _of_own_class(values: Tensor) -> Tensor:
    """Keep of what belongs to all classes, `(K, n N_CLASSES, P)`, what belongs to each point's own: `(K, n, P)`."""
    points = torch.arange(values.shape[-1], device=values.device)
    return torch.unflatten(values, 1, (-1, N_CLASSES))[:, :, points % N_CLASSES, points]
