"""The contextual head: the video is read into one vector, which stands beside what the policy sees."""

import dataclasses

import torch
from torch import Tensor, nn

from daml.policies.baselines.point_readings import frame_size, read_video_points
from daml.policies.head import PolicyConfig, VisuomotorHead
from daml.policies.vision.seen_image import SeenImage

_KERNEL_SIZE = 5
"""Frames that each instant is read with: as many as the temporal loss sees at a time."""


class ContextualHead(VisuomotorHead):
    """A head whose bias is written by a convolution over the video, weighed and summed over time.

    What the inner step may do to every parameter, the video may do here to one vector: the rest is as in the head that
    adapts.

    Args:
        n_channels: Channels C of the trunk's features.
        config: Sizes.

    References:
        Yu et al. (2018), arXiv 1802.01557, Sec. VI (contextual policy). Duan et al. (2017), arXiv 1703.07326.
    """

    def __init__(self, n_channels: int, config: PolicyConfig) -> None:
        size = config.context_size
        super().__init__(n_channels, dataclasses.replace(config, bias_size=size))
        n_seen = frame_size(n_channels, config.n_points) + 1
        self.instants = nn.Conv1d(n_seen, size, kernel_size=_KERNEL_SIZE, padding=_KERNEL_SIZE // 2)
        self.values = nn.Linear(size, size)
        self.weights = nn.Linear(size, size, bias=False)  # a bias would add the same to all instants

    def read(self, video: SeenImage) -> dict[str, Tensor]:
        """Read a video into the bias.

        Args:
            video: Its T frames.

        Returns:
            The bias.
        """
        seen = read_video_points(self.feature_points, video).by_frame()
        time = torch.linspace(-1, 1, len(seen), device=seen.device)[:, None]
        instants = torch.relu(self.instants(torch.cat([seen, time], dim=1).T[None])[0].T)  # (T, context_size)
        weights = self.weights(instants).softmax(0)
        return {"bias": self.bias + (weights * self.values(instants)).sum(0)}
