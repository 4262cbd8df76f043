"""The attentive head: a transformer that looks back at the video from what the policy sees."""

import dataclasses

import torch
from torch import Tensor, nn

from daml.policies.baselines.point_readings import point_size, read_points, read_video_points
from daml.policies.head import PolicyConfig, VisuomotorHead
from daml.policies.perceptron import perceptron
from daml.policies.vision.seen_image import SeenImage

_N_HEADS = 4
"""Places that each layer can look at at once."""

_EXPANSION = 2
"""Width of a layer's hidden units, as a multiple of its own."""

_TOKEN_SCALE = 0.02
"""Spread of the tokens before training, as is usual for learned positions."""


class AttentionLayer(nn.Module):
    """A transformer's layer, normalised before each part.

    Args:
        size: Length D of the tokens; a multiple of the number of attention heads.

    Raises:
        ValueError: The size is no multiple of the number of attention heads.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        if size % _N_HEADS:
            raise ValueError(f"context_size: expected a multiple of {_N_HEADS}, the attention heads, got {size}")
        self.norm_asking, self.norm_asked, self.norm_hidden = (nn.LayerNorm(size) for _ in range(3))
        self.query, self.value, self.joined = (nn.Linear(size, size) for _ in range(3))
        self.key = nn.Linear(size, size, bias=False)  # a bias would add the same to all weights
        self.hidden = perceptron([size, _EXPANSION * size, size])

    def forward(self, asking: Tensor, asked: Tensor) -> Tensor:
        """Let N tokens look at M tokens, which may be the same: `(N, D)` and `(M, D)` to `(N, D)`."""
        looked_at = self.norm_asked(asked)
        queries = self.query(self.norm_asking(asking)).unflatten(1, (_N_HEADS, -1)).transpose(0, 1)  # (heads, N, d)
        keys = self.key(looked_at).unflatten(1, (_N_HEADS, -1)).transpose(0, 1)  # (heads, M, d)
        values = self.value(looked_at).unflatten(1, (_N_HEADS, -1)).transpose(0, 1)
        weights = (queries @ keys.transpose(1, 2) / queries.shape[-1] ** 0.5).softmax(-1)  # (heads, N, M)
        tokens = asking + self.joined((weights @ values).transpose(0, 1).flatten(1))
        return tokens + self.hidden(self.norm_hidden(tokens))


class AttentiveHead(VisuomotorHead):
    """A head that attends over the video: a token for each feature point of each frame.

    The video's tokens look at each other once. Then, at every frame in which the policy acts, each of its own points
    asks them what became of a thing that looks like what it looks at; the answers are weighed and summed.

    Args:
        n_channels: Channels C of the trunk's features.
        config: Sizes.
        n_frames: Frames of a video.

    References:
        Dasari and Gupta (2020), arXiv 2011.05970 (T-OSIL). Mandi et al. (2022), arXiv 2110.13423. Theirs attend over
        all locations of the feature maps; feature points are the locations that all heads here go by.
    """

    def __init__(self, n_channels: int, config: PolicyConfig, *, n_frames: int) -> None:
        size = config.context_size
        super().__init__(n_channels, dataclasses.replace(config, bias_size=size))
        self.embedding = nn.Linear(point_size(n_channels), size)
        # Which frame and point each token is of; with what they show, once a video is read.
        self.tokens = nn.Parameter(_TOKEN_SCALE * torch.randn(n_frames * config.n_points, size))
        self.watching = AttentionLayer(size)
        self.asking = AttentionLayer(size)
        self.score = nn.Linear(size, 1, bias=False)

    def read(self, video: SeenImage) -> dict[str, Tensor]:
        """Make the tokens of a video.

        Args:
            video: Its `n_frames` frames.

        Returns:
            The tokens.
        """
        seen = read_video_points(self.feature_points, video).by_point()
        tokens = self.tokens + self.embedding(seen.flatten(0, 1))
        return {"tokens": self.watching(tokens, tokens)}

    def recall(self, now: SeenImage, first: SeenImage) -> Tensor:
        """Look back at the video from each of T frames, `(T, context_size)`."""
        seen = self.embedding(read_points(self.feature_points, now, first).by_point())  # (T, P, context_size)
        answers = self.asking(seen.flatten(0, 1), self.tokens).view(seen.shape)
        return self.bias + (self.score(answers).softmax(1) * answers).sum(1)
