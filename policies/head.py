"""The head: the part of a policy that adapts, from feature maps to where things are."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from daml.policies.aiming import Aiming, PointEvidence, mask_beyond_reach
from daml.policies.goal import Goal
from daml.policies.perceptron import perceptron
from daml.policies.robot.robot_state import POSITION_SIZE, RobotState, SensedRobot
from daml.policies.vision.feature_map import N_CLASSES
from daml.policies.vision.feature_points import NEAR_RADII, FeaturePoints, locate, nearness
from daml.policies.vision.seen_image import SeenImage

SHIFT_SIZE = 2
"""Numbers of the shift of the camera."""

_STEERING = 8.0
"""Scale of the offsets between places, for the tangent: fine within 3 cm, and bounded beyond."""


_LOSING_SCALE = 0.3
"""Scale of how much less alike things look than at first, likewise."""


@dataclass(frozen=True)
class PolicyConfig:
    """Sizes of the visuomotor policy."""

    state_size: int = 9
    """Numbers S in the robot's state; the first three are the gripper's position."""
    action_size: int = 4
    """Numbers A in an action; the last is the gripper command."""
    channels: tuple[int, ...] = (24, 32, 64, 64)
    """Channels of the trunk's four convolutions; of a deep one where there are five. The last are the features."""
    n_points: int = 24
    """Feature points P, of each class of things as many."""
    bias_size: int = 20
    """Length of the learned vector that the inner step can move freely (the bias transformation)."""
    hidden_size: int = 192
    """Width of the two hidden layers."""
    readout_size: int = 96
    """Width of the layer before the destination."""
    first_frame: bool = True
    """Whether the policy remembers the first frame of its clip; if not, the current one stands in for it."""
    item_from_first: bool = False
    """Whether the first frame alone tells which item is meant, as it does which destination: from a later one that can
    be read off where the arm is going, rightly or not."""
    motor_size: int = 256
    """Width of the motor's hidden layers."""
    tracker_size: int = 64
    """Numbers in the tracker's memory."""
    table_heights: tuple[float, float, float] = (0.018, 0.03, 0.0)
    """Heights of the middles of items, containers and zones above the table, in metres."""
    camera_position_scale: float = 0.012
    """Standard deviation of the position of a camera that is set up again, along each axis, in metres."""
    camera_aim_scale: float = 0.009
    """Standard deviation of the point that it is aimed at, likewise."""
    context_size: int = 80
    """Numbers that a head which reads the video makes of it; they take the place of the bias."""


class HeadOutput(NamedTuple):
    """All that the head computes for T frames, for the outer loss and for the temporal loss."""

    goal: Goal
    """Goals of the frames, normalised."""
    points_now: Tensor
    """Feature points of the frame, `(T, 2P)`."""
    points_first: Tensor
    """Feature points of the first frame of the frame's clip, `(T, 2P)`."""
    nearness: Tensor
    """How much of each point's attention in that first frame lies near where the effector is now, `(T, 2P)`."""
    responses: Tensor
    """How much more each pattern responds to what lay in that first frame where the effector is now than to all things
    of its class there, and how each pattern of items responds to what was taken away by now, `(T, n_responses)`; zero
    where a robot acts, or nothing asks for them."""
    hidden: Tensor
    """Last hidden layer, `(T, D)`."""
    effector: Tensor
    """Where the point between the fingers is seen, `(T, 2)`; the same whatever the head's parameters."""
    effector_features: Tensor
    """The trunk's features there, `(T, C)`; likewise."""


class VisuomotorHead(nn.Module):
    """The part of the policy that adapts: feature points of now and of the clip's first frame, and small dense layers.

    The first frame's points are the policy's memory: what a pattern pointed at before the hand or the arm came in; how
    much less of the pattern is seen now tells when to trust it, since a point always points at something.

    Its output is a goal for the motor (see `aiming`). The destination comes from the first frame alone; only how the
    camera stands may be known better later (see `hand_eye`).

    Args:
        n_channels: Channels C of the trunk's features.
        config: Sizes.

    Raises:
        ValueError: The classes of things cannot share the points equally.

    References:
        Yu et al. (2018), arXiv 1802.01557, Sec. V. Finn et al. (2017), arXiv 1709.04905 (bias transformation).
    """

    def __init__(self, n_channels: int, config: PolicyConfig) -> None:
        super().__init__()
        if config.n_points < 1 or config.n_points % N_CLASSES:
            raise ValueError(f"n_points: expected a positive multiple of {N_CLASSES}, got {config.n_points}")
        self._n_responses = n_responses(config)
        self.remembers, self._item_height = config.first_frame, config.table_heights[0]
        self.feature_points = FeaturePoints(n_channels, config.n_points)
        self.bias = nn.Parameter(torch.zeros(config.bias_size))
        n_memory = 2 * config.n_points + 2 + N_CLASSES + config.bias_size
        n_relations = 4 * config.n_points + 5 * (config.n_points // N_CLASSES) + config.n_points
        n_robot = config.state_size + 2 + SHIFT_SIZE
        n_visual = 2 * config.n_points + 2 + n_memory + n_robot + n_relations
        self.hidden = perceptron([n_visual, config.hidden_size, config.hidden_size])
        n_fixed = n_memory + POSITION_SIZE + SHIFT_SIZE
        self.aiming = Aiming(
            n_channels,
            n_points=config.n_points,
            hidden_size=config.hidden_size,
            known_size=n_fixed,
            readout_size=config.readout_size,
            heights=config.table_heights,
            item_from_first=config.item_from_first,
        )

    def forward(
        self, now: SeenImage, first: SeenImage, robot: SensedRobot, *, acts: bool = True, responds: bool = True
    ) -> HeadOutput:
        """Act on T frames of K clips of one task.

        Args:
            now: The frames, clip after clip; T is a multiple of K.
            first: Each clip's first frame, K images.
            robot: What `VisuomotorPolicy.sense` returns for the frames; where no robot is seen, what
                `VisuomotorPolicy.sense_nobody` returns.
            acts: Whether a robot acts on the frames. Where one only watches there is no gripper to steer, and the
                relations by which it would be steered are zero, as the state is.
            responds: Whether `HeadOutput.responses` are computed where nobody acts; most losses read none.

        Returns:
            Goals and activations of each frame.
        """
        first = first if self.remembers else now
        landmarks, landmarks_first = now.landmarks, first.landmarks
        n_clips = len(first.features)
        n_frames = len(now.features) // n_clips
        recalled_first = _repeated(self.recall(first, first), n_frames)
        recalled = self.recall(now, first)  # (T, bias_size)
        if acts:
            now = mask_beyond_reach(now, robot.camera, item_height=self._item_height)
            first = mask_beyond_reach(first, robot.camera[::n_frames], item_height=self._item_height)
        attention_now, attention_first = (self.feature_points.attend(images) for images in (now, first))
        points_now = locate(attention_now.weights, now.middles).flatten(1)  # (T, 2P)
        points_first = locate(attention_first.weights, first.middles).flatten(1)  # (K, 2P)
        places_first = torch.cat([points_first, landmarks_first.effector], dim=1)
        memory = torch.cat([places_first, landmarks_first.presence], dim=1)  # (K, 2P + 2 + N_CLASSES)
        memory = _repeated(memory, n_frames)  # (T, 2P + 2 + N_CLASSES)
        points_before = _repeated(points_first, n_frames)  # (T, 2P)
        hiding = attention_now.strength - _repeated(attention_first.strength, n_frames)  # (T, P)
        offsets = _STEERING * _offsets(points_now, points_before, robot.gripper)
        sharp_first = attention_first.sharpened()  # (K, P, L)
        appearance = sharp_first @ first.features  # (K, P, C)
        found, found_first = (
            self.feature_points.find_again(appearance[:, ::N_CLASSES], images) for images in (now, first)
        )
        losing = found.strength - _repeated(found_first.strength, n_frames)  # (T, P // N_CLASSES)
        relations = torch.tanh(torch.cat([offsets, hiding, _LOSING_SCALE * losing], dim=1))
        relations = relations if acts else torch.zeros_like(relations)
        sensed = [robot.state, robot.gripper, robot.camera_shift]
        seen = torch.cat([points_now, landmarks.effector, memory, recalled, *sensed, relations], dim=1)
        hidden = torch.relu(self.hidden(seen))  # (T, D)
        start = RobotState.unpack(robot.state).start
        known = torch.cat([memory, recalled_first, start, robot.camera_shift], dim=1)
        evidence = PointEvidence(
            now=locate(attention_now.sharpened(), now.middles),
            first=_repeated(locate(sharp_first, first.middles), n_frames),
            again=found.sharpened() @ now.middles[:, :, 0],
            appearance=_repeated(appearance, n_frames),
        )
        effectors = landmarks.effector.view(n_clips, n_frames, 2)
        responses = now.features.new_zeros(len(seen), self._n_responses)
        if responds and not acts:
            at_hand = self.feature_points.respond(first, effectors)
            taken = self.feature_points.respond_to_taken(first, now, effectors)
            responses = torch.cat([at_hand, taken], dim=-1).flatten(0, 1)
        return HeadOutput(
            goal=self.aiming(hidden, known, evidence, robot),
            points_now=points_now,
            points_first=points_before,
            nearness=nearness(attention_first.weights, first.middles, effectors).flatten(0, 1),
            responses=responses,
            hidden=hidden,
            effector=landmarks.effector,
            effector_features=landmarks.effector_features,
        )

    def recall(self, now: SeenImage, first: SeenImage) -> Tensor:
        """Return what the head knows of the video while it sees T frames of K clips, `(T, bias_size)`.

        This one knows what its parameters hold, whatever it sees: the bias.
        """
        del first
        return self.bias.expand(len(now.features), -1)

    def read(self, video: SeenImage) -> dict[str, Tensor]:
        """Return the parameters that a video sets as it is read, by name: none of this head.

        Args:
            video: Its T frames.
        """
        del video
        return {}


def n_nearness(config: PolicyConfig) -> int:
    """Count the numbers of `HeadOutput.nearness` per frame."""
    return len(NEAR_RADII) * config.n_points


def n_responses(config: PolicyConfig) -> int:
    """Count the numbers of `HeadOutput.responses` per frame."""
    return config.n_points + config.n_points // N_CLASSES


def _repeated(values: Tensor, n_frames: int) -> Tensor:
    """Repeat what belongs to K clips for each of their frames: `(K, ...)` to `(K n_frames, ...)`."""
    return values if n_frames == 1 else values.repeat_interleave(n_frames, dim=0)


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
