"""Point readings: what feature points see in each frame of a clip, the input of heads that read a video."""

from typing import NamedTuple

import torch
from torch import Tensor

from daml.policies.tensor_trees import index_tensors
from daml.policies.vision.feature_points import NEAR_RADII, FeaturePoints, locate, nearness
from daml.policies.vision.seen_image import SeenImage

_N_PLACES = 4 + len(NEAR_RADII)
"""Numbers that tell where a point is: x and y now and in the first frame, and how much of it the effector is near."""


class PointReadings(NamedTuple):
    """What P feature points see at T frames."""

    features: Tensor
    """The trunk's features that each point looked at in the first frame of the frame's clip, `(T, P, C)`."""
    places: Tensor
    """Where each point is now, where it was in that first frame, and how much of that the effector is near now,
    `(T, P, _N_PLACES)`."""
    effector: Tensor
    """Where the effector is, and the trunk's features there, `(T, 2 + C)`."""

    def by_frame(self) -> Tensor:
        """Lay what each frame shows side by side, but for the looks of things, `(T, frame_size)`.

        As for the temporal loss, a thing is known by which points look at it.
        """
        return torch.cat([self.places.flatten(1), self.effector], dim=1)

    def by_point(self) -> Tensor:
        """Lay what each point of each frame tells side by side, the looks of things included, `(T, P, point_size)`."""
        effector = self.effector[:, None].expand(-1, self.places.shape[1], -1)
        return torch.cat([self.features, self.places, effector], dim=2)


def read_points(points: FeaturePoints, now: SeenImage, first: SeenImage) -> PointReadings:
    """Attention at T frames of K clips.

    Args:
        points: Where to look.
        now: The frames, clip after clip; T is a multiple of K.
        first: Each clip's first frame.

    Returns:
        What is seen.
    """
    n_clips = len(first.features)
    n_frames = len(now.features) // n_clips
    landmarks = now.landmarks
    attention = points.attend(first).weights  # (K, P, L)
    before = torch.cat([attention @ first.features, locate(attention, first.middles)], dim=2)  # (K, P, C + 2)
    before = before.repeat_interleave(n_frames, dim=0)  # (T, P, C + 2)
    near = nearness(attention, first.middles, landmarks.effector.view(n_clips, n_frames, 2))  # (K, n, radii P)
    near_by_radius = torch.unflatten(near.flatten(0, 1), 1, (len(NEAR_RADII), -1))
    places_now = torch.unflatten(points(now), 1, (-1, 2))  # (T, P, 2)
    return PointReadings(
        features=before[..., :-2],
        places=torch.cat([places_now, before[..., -2:], near_by_radius.transpose(1, 2)], dim=2),
        effector=torch.cat([landmarks.effector, landmarks.effector_features], dim=1),
    )


def read_video_points(points: FeaturePoints, video: SeenImage) -> PointReadings:
    """Look at the T frames of one video, the first of which is its clip's first frame."""
    return read_points(points, video, index_tensors(video, slice(1)))


def frame_size(n_channels: int, n_points: int) -> int:
    """Count the numbers of `PointReadings.by_frame` per frame."""
    return n_points * _N_PLACES + 2 + n_channels


def point_size(n_channels: int) -> int:
    """Count the numbers of `PointReadings.by_point` per point and frame."""
    return 2 * n_channels + _N_PLACES + 2
