"""Taken items: which item of a clip's first frame a hand has taken away, and by when."""

import torch
from torch import Tensor
from torch.nn import functional

from daml.policies.vision.seen_image import SeenImage

_SAME_PLACE = 0.1
"""Standard deviation of the bell within which an item is still where it was, as a share of half the image: half its
width or so."""

_IN_REACH = 0.12
"""Standard deviation of the bell within which a hand takes things, likewise: the error of where it is read to be."""


def weigh_taken(first: SeenImage, now: SeenImage, places: Tensor) -> Tensor:
    """Weigh the locations of a first frame by how surely they show an item that was taken from there by each time.

    It was taken if the hand has been there by then, and if from then on nothing like it is seen there any more.

    Args:
        first: First frames of K clips.
        now: The frames, clip after clip; n of each.
        places: Where the hand is in each, x and y in [-1, 1], `(K, n, 2)`.

    Returns:
        Weights of the L locations, in [0, 1], `(K, n, L)`.
    """
    n_clips, n_frames = places.shape[:2]
    items, middles = torch.sigmoid(first.class_logits[..., 0]), first.middles[:, :, 0]  # (K, L), (K, L, 2)
    items_now, middles_now, features_now = (
        torch.unflatten(values, 0, (n_clips, n_frames))
        for values in (torch.sigmoid(now.class_logits[..., 0]), now.middles[:, :, 0], now.features)
    )
    alike = functional.normalize(first.features, dim=-1)[:, None] @ functional.normalize(
        features_now, dim=-1
    ).transpose(2, 3)  # (K, n, L, L)
    here = _bell(middles[:, None], middles_now, width=_SAME_PLACE)  # (K, n, L, L)
    is_there = (here * alike.relu() * items_now[:, :, None]).amax(-1)  # (K, n, L)
    reached = _bell(places, middles, width=_IN_REACH)  # (K, n, L)
    earlier = torch.ones(n_frames, n_frames, device=places.device).tril()[..., None]
    has_been = (reached[:, None] * earlier).amax(2)
    is_there_later = (is_there[:, None] * earlier.transpose(0, 1)).amax(2)
    return items[:, None] * has_been * (1 - is_there_later)


def _bell(here: Tensor, there: Tensor, *, width: float) -> Tensor:
    """Fall from 1 with the distances of places, `(..., n, 2)`, from others, `(..., m, 2)`: `(..., n, m)`."""
    squares = (
        here.square().sum(-1)[..., None] - 2 * here @ there.transpose(-1, -2) + there.square().sum(-1)[..., None, :]
    )
    return torch.exp(squares.clamp(min=0) / (-2 * width**2))
