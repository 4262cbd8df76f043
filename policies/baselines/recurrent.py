"""The recurrent head: an LSTM watches the video, frame by frame, and then what the policy sees."""

import dataclasses

import torch
from torch import Tensor, nn

from daml.policies.baselines.point_readings import frame_size, read_points, read_video_points
from daml.policies.head import PolicyConfig, VisuomotorHead
from daml.policies.vision.seen_image import SeenImage

_FORGET_BIAS = 1.0
"""Added to the forget gate's logit, so that at first most of the video is remembered to its end."""


class RecurrentHead(VisuomotorHead):
    """A head with an LSTM whose state after the video is what it knows of the task.

    At every frame in which it acts, the LSTM takes one step from there: not one after another through the episode,
    since the frames that it learns from are some of each clip, and at 10 Hz it would meet many more of them. What an
    episode leaves to remember is in the first frame and in the robot's state, as it is for all heads.

    Args:
        n_channels: Channels C of the trunk's features.
        config: Sizes.

    References:
        Yu et al. (2018), arXiv 1802.01557, Sec. VI (DA-LSTM). Duan et al. (2017), arXiv 1703.07326.
    """

    def __init__(self, n_channels: int, config: PolicyConfig) -> None:
        size = config.context_size
        super().__init__(n_channels, dataclasses.replace(config, bias_size=size))
        self.gates = nn.Linear(frame_size(n_channels, config.n_points) + size, 4 * size)
        self.state = nn.Parameter(torch.zeros(2, size))  # before the video, and after it once that is read

    def read(self, video: SeenImage) -> dict[str, Tensor]:
        """Watch a video.

        Args:
            video: Its T frames.

        Returns:
            The state at its end.
        """
        seen = read_video_points(self.feature_points, video).by_frame()
        state = self.state[:, None]
        for frame in torch.split(seen, 1):
            state = self._step(frame, state)
        return {"state": state[:, 0]}

    def recall(self, now: SeenImage, first: SeenImage) -> Tensor:
        """Take one step on each of T frames, all from the same state; return the outputs, `(T, context_size)`."""
        seen = read_points(self.feature_points, now, first).by_frame()
        return self.bias + self._step(seen, self.state[:, None].expand(-1, len(seen), -1))[0]

    def _step(self, seen: Tensor, state: Tensor) -> Tensor:
        """Take a step of the LSTM: inputs `(N, D)`, output and cell before it and after it `(2, N, context_size)`.

        Written out, since torch's own has no batching rule for `torch.func.vmap`.
        """
        output, cell = state
        lets_in, forgets, new, lets_out = self.gates(torch.cat([seen, output], dim=1)).chunk(4, dim=1)
        cell = torch.sigmoid(forgets + _FORGET_BIAS) * cell + torch.sigmoid(lets_in) * torch.tanh(new)
        return torch.stack([torch.sigmoid(lets_out) * torch.tanh(cell), cell])
