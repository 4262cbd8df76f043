"""The visuomotor policy: camera image and robot state to gripper velocity, by way of predicted goals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn

from policies.feature_map import N_CLASSES, FeatureMap, split_feature_map
from policies.feature_points import NEAR_RADII, FeaturePoints, nearness
from policies.hand_eye import SENSED_SIZE, HandEye
from policies.normalizer import Normalizer
from policies.trunk import Trunk

POSITION_SIZE = 3
"""The first components of the robot's state: the gripper's position x, y, z."""

SHIFT_SIZE = 2
"""The last components of what is sensed: the shift of the camera."""

GOALS_SIZE = 2 * POSITION_SIZE
"""Gripper position at the two key moments of a task: where it takes hold, and where it lets go."""

_STEERING = 8.0
"""Scale of the offsets between places, for the tangent: fine within 3 cm, and bounded beyond."""


@dataclass(frozen=True)
class PolicyConfig:
    """Sizes of the visuomotor policy."""

    state_size: int = 9
    """Numbers S in the robot's state; the first three are the gripper's position."""
    action_size: int = 4
    """Numbers A in an action; the last is the gripper command."""
    channels: tuple[int, ...] = (24, 32, 64, 64)
    """Channels of the trunk's four convolutions."""
    n_points: int = 24
    """Feature points P."""
    bias_size: int = 20
    """Length of the learned vector that the inner step can move freely (the bias transformation)."""
    hidden_size: int = 192
    """Width of the two hidden layers."""
    readout_size: int = 96
    """Width of the layer before the goals, and of that before the action."""
    first_frame: bool = True
    """Whether the policy remembers the first frame of its clip; if not, the current one stands in for it."""
    context_size: int = 80
    """Numbers that a head which reads the video makes of it; they take the place of the bias."""


class HeadOutput(NamedTuple):
    """All that the head computes for T frames, for the outer loss and for the temporal loss."""

    velocity: Tensor
    """Gripper velocity as a fraction of its limit, `(T, A - 1)`."""
    gripper_logit: Tensor
    """Log odds that the gripper closes, `(T,)`."""
    goals: Tensor
    """Gripper position at the two key moments of the task, normalised as the state, `(T, 6)`."""
    points_now: Tensor
    """Feature points of the frame, `(T, 2P)`."""
    points_first: Tensor
    """Feature points of the first frame of the frame's clip, `(T, 2P)`."""
    nearness: Tensor
    """How much of each point's attention in that first frame lies near where the effector is now, `(T, 2P)`."""
    hidden: Tensor
    """Last hidden layer, `(T, D)`."""
    effector: Tensor
    """Where the point between the fingers is seen, `(T, 2)`; the same whatever the head's parameters."""
    effector_features: Tensor
    """The trunk's features there, `(T, C)`; likewise."""


class VisuomotorHead(nn.Module):
    """The part of the policy that adapts: feature points of now and of the clip's first frame, and small dense layers.

    The first frame's points are the policy's memory: what a pattern pointed at before the hand or the arm came in; how
    much less of the pattern is seen now tells when to trust it, since a point always points at something. The
    goals are predicted from the first frame alone and fed back into the action, as the gripper's predicted pose is in
    DAML: from a later frame they could be read off the arm's own position, and a policy that has drifted would change
    its mind about where to go. Only how the camera stands may be known better later (see `hand_eye`).

    Args:
        n_channels: Channels C of the trunk's features.
        config: Sizes.

    References:
        Yu et al. (2018), arXiv 1802.01557, Sec. V. Finn et al. (2017), arXiv 1709.04905 (bias transformation).
    """

    def __init__(self, n_channels: int, config: PolicyConfig) -> None:
        super().__init__()
        self.remembers = config.first_frame
        self.feature_points = FeaturePoints(n_channels, config.n_points)
        self.bias = nn.Parameter(torch.zeros(config.bias_size))
        n_memory = 2 * config.n_points + 2 + N_CLASSES + config.bias_size
        n_relations = 4 * config.n_points + 4 * (config.n_points // N_CLASSES) + config.n_points
        n_visual = 2 * config.n_points + 2 + n_memory + config.state_size + SENSED_SIZE + n_relations
        self.hidden = _perceptron([n_visual, config.hidden_size, config.hidden_size])
        n_fixed = n_memory + POSITION_SIZE + SHIFT_SIZE
        self.goals = _perceptron([n_fixed, config.readout_size, config.readout_size, GOALS_SIZE])
        self.goals_line = nn.Linear(n_fixed, GOALS_SIZE)  # a goal is nearly linear in the points: the rest is learned
        n_known = config.hidden_size + 2 * GOALS_SIZE + n_relations
        self.action = _perceptron([n_known, config.readout_size, config.action_size])

    def forward(self, now: Tensor, first: Tensor, state: Tensor, *, acts: bool = True) -> HeadOutput:
        """Act on T frames of K clips of one task.

        Args:
            now: Feature maps of the frames, clip after clip, `(T, C + N_LOCATORS, h, w)`; T is a multiple of K.
            first: Feature map of each clip's first frame, `(K, C + N_LOCATORS, h, w)`.
            state: What `VisuomotorPolicy.sense` tells of the robot at each frame, `(T, S + SENSED_SIZE)`; zeros where
                no robot is seen.
            acts: Whether a robot acts on the frames. Where one only watches there is no gripper to steer, and the
                relations by which it would be steered are zero, as the state is.

        Returns:
            Actions, goals and activations of each frame.
        """
        first = first if self.remembers else now
        maps_now, maps_first = split_feature_map(now), split_feature_map(first)
        landmarks, landmarks_first = maps_now.landmarks(), maps_first.landmarks()
        things_now, things_first = maps_now.at_things(), maps_first.at_things()
        look_now, look_first = self.feature_points.look(things_now), self.feature_points.look(things_first)
        points_now = (look_now.attention @ things_now.middles).flatten(1)  # (T, 2P)
        points_first = (look_first.attention @ things_first.middles).flatten(1)  # (K, 2P)
        places_first = torch.cat([points_first, landmarks_first.effector], dim=1)
        memory = torch.cat([places_first, landmarks_first.presence], dim=1)  # (K, 2P + 2 + N_CLASSES)
        n_frames = len(now) // len(first)
        memory = memory.repeat_interleave(n_frames, dim=0)  # (T, 2P + 2 + N_CLASSES)
        recalled_first = self.recall(maps_first, maps_first).repeat_interleave(n_frames, dim=0)
        recalled = self.recall(maps_now, maps_first)  # (T, bias_size)
        points_before = points_first.repeat_interleave(n_frames, dim=0)  # (T, 2P)
        robot, gripper, shift = torch.split(state, [state.shape[1] - SENSED_SIZE, 2, SHIFT_SIZE], dim=1)
        hiding = look_now.strength - look_first.strength.repeat_interleave(n_frames, dim=0)  # (T, P)
        offsets = _STEERING * _offsets(points_now, points_before, gripper)
        relations = torch.tanh(torch.cat([offsets, hiding], dim=1))
        relations = relations if acts else torch.zeros_like(relations)
        seen = torch.cat([points_now, landmarks.effector, memory, recalled, state, relations], dim=1)
        hidden = torch.relu(self.hidden(seen))  # (T, D)
        known = torch.cat([memory, recalled_first, robot[:, -POSITION_SIZE:], shift], dim=1)
        goals = self.goals_line(known) + self.goals(known)  # (T, 6)
        position = robot[:, :POSITION_SIZE].repeat(1, GOALS_SIZE // POSITION_SIZE)  # (T, 6)
        action = self.action(torch.cat([hidden, goals, goals - position, relations], dim=1))  # (T, A)
        return HeadOutput(
            velocity=action[:, :-1],
            gripper_logit=action[:, -1],
            goals=goals,
            points_now=points_now,
            points_first=points_before,
            nearness=nearness(
                look_first.attention, things_first.middles, landmarks.effector.view(len(first), n_frames, 2)
            ).flatten(0, 1),
            hidden=hidden,
            effector=landmarks.effector,
            effector_features=landmarks.effector_features,
        )

    def recall(self, now: FeatureMap, first: FeatureMap) -> Tensor:
        """Return what the head knows of the video while it sees T frames of K clips, `(T, bias_size)`.

        This one knows what its parameters hold, whatever it sees: the bias.
        """
        del first
        return self.bias.expand(len(now.features), -1)

    def read(self, maps: Tensor) -> dict[str, Tensor]:
        """Return the parameters that a video sets as it is read, by name: none of this head.

        Args:
            maps: Feature maps of the video, `(T, C + N_LOCATORS, h, w)`.
        """
        del maps
        return {}


class VisuomotorPolicy(nn.Module):
    """Trunk, head and state statistics.

    Args:
        config: Sizes.
        head: Makes the head, given the number of the trunk's features and the sizes.
    """

    def __init__(
        self, config: PolicyConfig, head: Callable[[int, PolicyConfig], VisuomotorHead] = VisuomotorHead
    ) -> None:
        super().__init__()
        self.trunk = Trunk(config.channels)
        self.head = head(self.trunk.n_channels, config)
        self.normalizer = Normalizer(config.state_size)
        self.hand_eye = HandEye()

    def forward(self, images: Tensor, first_images: Tensor, states: Tensor) -> HeadOutput:
        """Act on T frames of K clips with the unadapted parameters.

        Args:
            images: RGB in [0, 1], clip after clip, `(T, 3, H, W)`; T is a multiple of K.
            first_images: First frame of each clip, `(K, 3, H, W)`.
            states: Robot state at each frame, SI units, `(T, S)`.

        Returns:
            Actions, goals and activations of each frame.
        """
        now, first = self.trunk(images), self.trunk(first_images)
        return self.head(now, first, self.sense(states, now, first))

    def sense(self, states: Tensor, now: Tensor, first: Tensor) -> Tensor:
        """Tell what the head needs to know of the robot, from its states and from where it is seen.

        Args:
            states: Robot state at each frame of K clips, clip after clip and in the order of time, SI units, `(T, S)`.
            now: Feature maps of the frames, `(T, C + N_LOCATORS, h, w)`.
            first: Feature map of each clip's first frame, `(K, C + N_LOCATORS, h, w)`.

        Returns:
            The normalised state, and what `HandEye.sense` tells of the first frame and those up to each frame,
            `(T, S + SENSED_SIZE)`.
        """
        clips = torch.unflatten(states, 0, (len(first), -1))  # (K, n, S)
        projected = self.hand_eye(clips[..., :POSITION_SIZE])
        projected_first = self.hand_eye(clips[:, :1, -POSITION_SIZE:])
        sights = self._sight(now, projected.flatten(0, 1)).view(*projected.shape[:2], -1)
        sights_first = self._sight(first, projected_first[:, 0])[:, None]
        sensed = self.hand_eye.sense(projected, sights_first + sights.cumsum(1)).flatten(0, 1)
        return torch.cat([self.normalizer.normalize(states), sensed], dim=1)

    def sense_next(self, state: Tensor, now: Tensor, sights: Tensor | None) -> tuple[Tensor, Tensor]:
        """Do what `sense` does for the next frame of one clip, its first frame included.

        Args:
            state: Robot state, SI units, `(1, S)`.
            now: Feature map, `(1, C + N_LOCATORS, h, w)`.
            sights: What was returned for the frame before; None for the first.

        Returns:
            What `sense` returns, `(1, S + SENSED_SIZE)`, and what the next call needs.
        """
        projected = self.hand_eye(state[:, :POSITION_SIZE])
        sight = self._sight(now, projected)
        sights = sight if sights is None else sights + sight
        return torch.cat([self.normalizer.normalize(state), self.hand_eye.sense(projected, sights)], dim=1), sights

    def _sight(self, maps: Tensor, projected: Tensor) -> Tensor:
        return self.hand_eye.sight(projected, split_feature_map(maps).landmarks())


def n_nearness(config: PolicyConfig) -> int:
    """Count the numbers of `HeadOutput.nearness` per frame."""
    return len(NEAR_RADII) * config.n_points


def _offsets(points_now: Tensor, points_before: Tensor, gripper: Tensor) -> Tensor:
    """Subtract where the gripper is from all points, and the points of items from those of containers and zones.

    Args:
        points_now: `(T, 2P)`.
        points_before: Points of the first frame, `(T, 2P)`.
        gripper: Place of the gripper, `(T, 2)`.

    Returns:
        Offsets in the image, `(T, 4P + 4 (P // N_CLASSES))`.
    """
    places = torch.cat([points_now, points_before], dim=1)
    steering = places - gripper.repeat(1, places.shape[1] // 2)  # x and y in turn
    n_each = points_now.shape[1] // (2 * N_CLASSES)
    points = torch.unflatten(points_now[:, : 2 * N_CLASSES * n_each], 1, (n_each, N_CLASSES, 2))
    to_destinations = points[:, :, 1:] - points[:, :, :1]
    return torch.cat([steering, to_destinations.flatten(1)], dim=1)


def _perceptron(sizes: Sequence[int]) -> nn.Sequential:
    """Chain dense layers with ReLU between them."""
    layers: list[nn.Module] = []
    for n_inputs, n_outputs in pairwise(sizes):
        layers += [nn.Linear(n_inputs, n_outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])
