"""The layout of a feature map: what its channels mean, and what is read off it the same way for every task."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

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

N_SHOWN = 128
"""Locations that feature points look at, at least: at 96 px the things of a scene cover 36 of 576 at most."""

_CONDENSED_DIMENSIONS = 3
"""Dimensions of condensed maps; of whole ones there are four."""

SHOWN_SHARE = 0.2
"""Share of the locations of larger maps that they look at: things cover the more locations, the finer these are."""


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
    """A feature map, location by location, split by meaning; L = h w locations, or those of things alone."""

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

    known: Landmarks | None = None
    """What was read off the whole map, where only the locations of things are left."""

    def landmarks(self) -> Landmarks:
        """Read off where the effector is and how much of each class is seen."""
        if self.known is not None:
            return self.known
        weights = self.effector_logits.softmax(-1)[:, None]  # (N, 1, L)
        effector = weights @ self.effector_places  # (N, 1, 2)
        squares = (self.effector_places - effector).square().sum(-1, keepdim=True)  # (N, L, 1)
        return Landmarks(
            effector=effector[:, 0],
            spread=(weights @ squares)[:, 0, 0].sqrt(),
            effector_features=(weights @ self.features)[:, 0],
            presence=20 * torch.sigmoid(self.class_logits).mean(1),
        )

    def at_things(self) -> "FeatureMap":
        """Keep the locations that are most likely to show a thing of some class: `N_SHOWN`, or all if there are fewer.

        No point looks anywhere else, and the fewer there are, the less there is to compute for each of them. Landmarks
        are not read off what is left: for them the whole image counts.
        """
        n_locations = self.class_logits.shape[-2]
        if n_locations <= N_SHOWN or self.known is not None:
            return self
        n_shown = max(N_SHOWN, int(SHOWN_SHARE * n_locations))
        shown = self.class_logits.detach().amax(-1).topk(n_shown, sorted=False).indices[..., None]  # (N, n_shown, 1)

        def keep(values: Tensor) -> Tensor:
            return values.gather(-2, shown.expand(*shown.shape[:-1], values.shape[-1]))

        return FeatureMap(
            keep(self.features),
            keep(self.class_logits),
            torch.unflatten(keep(self.middles.flatten(-2)), -1, (N_CLASSES, 2)),
            keep(self.effector_logits[..., None])[..., 0],
            keep(self.effector_places),
        )


def condense(maps: Tensor) -> Tensor:
    """Keep of feature maps what anybody looks at: the locations of things, and what is read off the whole map.

    Once condensed, a map is read at once by all who read it after, and takes a quarter of the room.

    Args:
        maps: `(N, C + N_LOCATORS, h, w)`.

    Returns:
        The locations of things, and last what `FeatureMap.landmarks` tells, `(N, n + 1, C + N_LOCATORS)`.
    """
    whole = split_feature_map(maps)
    things, marks = whole.at_things(), whole.landmarks()
    effector = torch.cat([things.effector_logits[..., None], things.effector_places], dim=-1)
    rows = torch.cat([things.features, things.class_logits, things.middles.flatten(-2), effector], dim=-1)
    parts = [marks.effector_features, marks.presence, marks.effector, marks.spread[:, None]]
    last = torch.cat(parts, dim=-1)
    last = functional.pad(last, (0, rows.shape[-1] - last.shape[-1]))
    return torch.cat([rows, last[:, None]], dim=1)


def split_feature_map(maps: Tensor) -> FeatureMap:
    """Split the trunk's output by meaning.

    Args:
        maps: `(N, C + N_LOCATORS, h, w)`, or condensed, `(N, n + 1, C + N_LOCATORS)`.

    Returns:
        Its parts, location by location, row by row.
    """
    if maps.ndim == _CONDENSED_DIMENSIONS:
        return _split_condensed(maps)
    height, width = maps.shape[-2:]
    by_location = maps.permute(0, 2, 3, 1).flatten(1, 2)  # (N, L, C + N_LOCATORS); no copy in channels_last layout
    features, classes, votes, effector, effector_votes = _split_channels(by_location)
    here = grid(height, width, like=maps)
    return FeatureMap(features, classes, here[:, None] + votes, effector[..., 0], here + effector_votes)


def _split_condensed(maps: Tensor) -> FeatureMap:
    """Split condensed maps, `(N, n + 1, C + N_LOCATORS)`."""
    features, classes, middles, effector, places = _split_channels(maps[:, :-1])
    looks, presence, marks, _, _ = _split_channels(maps[:, -1])
    marks = marks.flatten(1)
    known = Landmarks(effector=marks[:, :2], spread=marks[:, 2], effector_features=looks, presence=presence)
    return FeatureMap(features, classes, middles, effector[..., 0], places, known)


def _split_channels(values: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Split what locations hold, `(..., C + N_LOCATORS)`: features, classes, their votes, a number, a place."""
    sizes = [values.shape[-1] - N_LOCATORS, N_CLASSES, _N_VOTES, 1, 2]
    features, classes, votes, effector, place = torch.split(values, sizes, dim=-1)
    return features, classes, torch.unflatten(votes, -1, (N_CLASSES, 2)), effector, place


def grid(height: int, width: int, *, like: Tensor) -> Tensor:
    """List the middles of all locations, row by row: x and y in [-1, 1] from edge to edge, `(h w, 2)`."""
    x = (torch.arange(width, dtype=like.dtype, device=like.device) + 0.5) * 2 / width - 1
    y = (torch.arange(height, dtype=like.dtype, device=like.device) + 0.5) * 2 / height - 1
    return torch.stack([x.repeat(height), y.repeat_interleave(width)], dim=-1)
