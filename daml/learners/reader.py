"""Methods without an inner step: the video is read by a network that is part of the policy, or not at all."""

from collections.abc import Sequence

import torch
from torch import Tensor

from daml.learners.learner import Learner
from daml.policies.vision.seen_image import SeenImage


class Reader(Learner):
    """A policy whose head reads the video: the contextual policy, the LSTM and the transformer.

    Plain behaviour cloning is the policy whose head reads nothing. The heads are the method's in all else: inputs,
    outputs, memory of the first frame.

    Args:
        config: Settings; those of the inner step are not used.

    References:
        Yu et al. (2018), arXiv 1802.01557, Sec. VI, compare with the first two.
    """

    methods = ("contextual", "lstm", "transformer", "bc")

    def condition(self, videos: Sequence[SeenImage]) -> dict[str, Tensor]:
        """Set the parameters that the videos are read into: of several videos, their means.

        Args:
            videos: Frames of each video.

        Returns:
            Parameters of the head, keyed as `initial_parameters()`.
        """
        read = [self.policy.head.read(video) for video in videos]
        return self.initial_parameters() | {
            name: torch.stack([values[name] for values in read]).mean(0) for name in read[0]
        }
