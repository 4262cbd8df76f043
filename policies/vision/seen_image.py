"""Seen images: what the rest of a policy needs of a feature map."""

from typing import NamedTuple

import torch
from torch import Tensor

from daml.policies.vision.feature_map import N_CLASSES, FeatureMap, Landmarks

N_SHOWN = 128
"""Locations that are kept, at least: at 96 px the things of a scene cover 36 of 576 at most."""

SHOWN_SHARE = 0.2
"""Share of the locations of larger maps that is kept: things cover the more locations, the finer these are."""


class SeenImage(NamedTuple):
    """N images as the trunk sees them: the n locations of each that may show things, and the landmarks of the whole.

    Feature points look nowhere else. So the landmarks are computed once for all readers, and a quarter of the memory
    suffices.
    """

    features: Tensor
    """Features at each location, `(N, n, C)`."""
    class_logits: Tensor
    """Log odds that the location shows a thing of each class, `(N, n, N_CLASSES)`."""
    middles: Tensor
    """Where the middle of that thing is, x and y in [-1, 1], `(N, n, N_CLASSES, 2)`."""
    landmarks: Landmarks
    """What is read off the whole image."""

    @classmethod
    def of_maps(cls, maps: Tensor, *, effector: Tensor | None = None) -> "SeenImage":
        """Keep what is needed of feature maps.

        The locations that are kept are those most likely to show a thing of some class.

        Args:
            maps: Feature maps, `(N, C + N_LOCATORS, h, w)`.
            effector: Where the effector is known to be; see `FeatureMap.landmarks`.
        """
        whole = FeatureMap.split(maps)
        landmarks = whole.landmarks(effector=effector)
        n_locations = whole.class_logits.shape[-2]
        if n_locations <= N_SHOWN:
            return cls(whole.features, whole.class_logits, whole.middles, landmarks)
        n_shown = max(N_SHOWN, int(SHOWN_SHARE * n_locations))
        shown = whole.class_logits.detach().amax(-1).topk(n_shown, sorted=False).indices[..., None]  # (N, n, 1)

        def keep(values: Tensor) -> Tensor:
            return values.gather(-2, shown.expand(*shown.shape[:-1], values.shape[-1]))

        middles = torch.unflatten(keep(whole.middles.flatten(-2)), -1, (N_CLASSES, 2))
        return cls(keep(whole.features), keep(whole.class_logits), middles, landmarks)
