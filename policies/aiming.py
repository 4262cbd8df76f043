"""Aiming: the goal, from where a head's feature points are.

A constant of a hand-made rule says what the shipped prior does without the rule: successes on 30 validation tasks
each of placing, pushing, and picking and placing, by `scripts/ablate_heuristics.py --n-tasks 30`. With all: 29, 28, 23.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from daml.policies.goal import Goal
from daml.policies.perceptron import perceptron
from daml.policies.robot.hand_eye import project_back
from daml.policies.robot.robot_state import POSITION_SIZE, RobotState, SensedRobot
from daml.policies.vision.feature_map import N_CLASSES
from daml.policies.vision.seen_image import SeenImage

_CORRECTION = 0.1
"""Most that is added to a place that points show, normalised: it is the points that adapt. Without: 29, 29, 23."""

_BESIDE = 0.1
"""Scale of how far from a closed gripper the item is that it pushes, normalised. Never beside: 29, 26, 23."""

_FARTHEST = 6.0
"""Largest normalised coordinate of a place on the table: what seems farther is no place there."""

_REACH = 2.4
"""How far towards the robot grippers go, normalised: in standard deviations of where they have been.

Without the mask that it bounds: 29, 29, 19."""

_NEAR = 0.3
"""Standard deviation of the bell within which places agree, normalised: 2 to 3 cm. Without agreement: 29, 24, 22."""

_NEVER = -30.0
"""Weight, as a logit, of a place where the item cannot be."""

_PLACE_SIZE = 2
"""Numbers of a place on the table: x and y."""


class PointEvidence(NamedTuple):
    """Where the points of T frames are, and those of the first frame of each frame's clip."""

    now: Tensor
    """Where each point is in the image, `(T, P, 2)`."""
    first: Tensor
    """Where each point was in that first frame, `(T, P, 2)`."""
    again: Tensor
    """Where in the image is what looks most like what each point of items looked at there, `(T, P // N_CLASSES, 2)`."""
    appearance: Tensor
    """Features that each point looked at there, `(T, P, C)`."""


class Aiming(nn.Module):
    """Weighted means of the places that points show.

    The item may be where a point is now, where it was at first, or where the item of the first frame is found again;
    and where a low, closed gripper hides it, it is beside that. Otherwise the gripper's place does not count: it would
    make a policy sure of whatever it has gone to. Places that agree with others count more: the mean of two things is
    neither. The destination comes from the first frame alone: from a later one it could be read off the arm's own
    position, and a policy that has drifted would change its mind.

    Args:
        n_channels: Channels C of the trunk's features.
        n_points: Feature points P; the classes take turns among them.
        hidden_size: Numbers D of the frame's hidden layer.
        known_size: Numbers known from the first frame and the video.
        readout_size: Width of the layer that reads these.
        heights: Heights of the middles of items, containers and zones above the table, in metres.
        item_from_first: Whether the first frame alone tells which points of items count, as it does for destinations;
            the frame of now then only tells where to look for what they showed.
    """

    def __init__(
        self,
        n_channels: int,
        *,
        n_points: int,
        hidden_size: int,
        known_size: int,
        readout_size: int,
        heights: Sequence[float],
        item_from_first: bool = False,
    ) -> None:
        super().__init__()
        self._n_each, self.heights = n_points // N_CLASSES, tuple(heights)
        self._n_chosen = self._n_each if item_from_first else 0
        self.item_weights = nn.Linear(hidden_size, 3 * (1 if item_from_first else self._n_each) + 1)
        self.item_correction = nn.Linear(hidden_size, 2 * _PLACE_SIZE)
        self.item_looks = nn.Linear(n_channels, 1 + _PLACE_SIZE)
        n_outputs = self._n_chosen + (N_CLASSES - 1) * self._n_each + POSITION_SIZE + 1
        self.destination = perceptron([known_size, readout_size, n_outputs])
        self.destination_looks = nn.Linear(n_channels, 1 + _PLACE_SIZE)

    def forward(self, hidden: Tensor, known: Tensor, evidence: PointEvidence, robot: SensedRobot) -> Goal:
        """Estimate the goal.

        Args:
            hidden: The frame's hidden layer, `(T, D)`.
            known: What is known from the first frame and the video, `(T, known_size)`.
            evidence: Where the points are.
            robot: The robot and its camera.

        Returns:
            Goals of T frames, normalised.
        """
        seen = torch.cat([self._by_class(places) for places in (evidence.now, evidence.first)], dim=2)
        now, first = self._on_table(seen, robot.camera).chunk(2, dim=2)  # (T, N_CLASSES, n, 2) each
        again = self._on_table(evidence.again[:, None], robot.camera)[:, 0]  # (T, n, 2)
        appearance = self._by_class(evidence.appearance)  # (T, N_CLASSES, n, C)
        correction, beside = self.item_correction(hidden).chunk(2, dim=1)
        beside = (RobotState.unpack(robot.state).place + _BESIDE * beside)[:, None]
        places = torch.cat([now[:, 0], first[:, 0], again, beside], dim=1)  # (T, 3n + 1, 2)
        chosen, logits, rest = torch.tensor_split(self.destination(known), [self._n_chosen, -POSITION_SIZE - 1], dim=1)
        weights = self._weigh(hidden, robot.may_hide_item)  # (T, 3n + 1), or (T, 4)
        if self._n_chosen:
            sources = weights[:, :-1, None] * chosen.softmax(1)[:, None]  # (T, 3, n)
            weights = torch.cat([sources.flatten(1), weights[:, -1:]], dim=1)
        each = torch.unflatten(weights[:, :-1], 1, (3, self._n_each)).sum(1)
        radius, nearer = self.item_looks(_mean(each, appearance[:, 0])).tensor_split([1], dim=1)
        item = _mean(_agreed(weights, places), places) + _CORRECTION * torch.tanh(correction + nearer)
        rims = first[:, 1:].flatten(1, 2)
        shares = _agreed(logits.softmax(1), rims)  # (T, 2n)
        height, rim_nearer = self.destination_looks(_mean(shares, appearance[:, 1:].flatten(1, 2))).tensor_split(
            [1], dim=1
        )
        correction, lift, odds = rest.tensor_split([_PLACE_SIZE, POSITION_SIZE], dim=1)
        place = _mean(shares, rims) + _CORRECTION * torch.tanh(correction + rim_nearer)
        return Goal(item, place, height + lift, radius, odds)

    def _weigh(self, hidden: Tensor, may_hide: Tensor) -> Tensor:
        """Weigh the places where the item may be: that of the gripper, the last, only where it may hide it."""
        logits = self.item_weights(hidden)
        of_gripper = torch.where(may_hide > 0, logits[:, -1:], torch.full_like(logits[:, -1:], _NEVER))
        return torch.cat([logits[:, :-1], of_gripper], dim=1).softmax(1)

    def _on_table(self, points: Tensor, camera: Tensor) -> Tensor:
        """Project points onto the table, class by class, or those of items alone, `(T, N_CLASSES or 1, n, 2)`."""
        heights = points.new_tensor(self.heights[: points.shape[1]])
        return project_back(points, camera[:, None], heights).clamp(-_FARTHEST, _FARTHEST)

    def _by_class(self, values: Tensor) -> Tensor:
        """Sort what belongs to points, `(T, P, ...)`, by their class, `(T, N_CLASSES, n, ...)`."""
        return torch.unflatten(values, 1, (self._n_each, N_CLASSES)).transpose(1, 2)


def mask_beyond_reach(images: SeenImage, camera: Tensor, *, item_height: float) -> SeenImage:
    """Mask item detections outside the workspace: what seems to lie behind all places of grippers is a raised gripper.

    Args:
        images: N seen images.
        camera: Camera matrix for normalised x and y, of each image, `(N, 3, 4)`.
        item_height: Height of the middle of an item above the table, in metres.
    """
    height = camera.new_tensor(item_height)
    behind = project_back(images.middles[:, :, 0], camera, height)[..., :1] < -_REACH  # (N, n, 1)
    items, others = images.class_logits.tensor_split([1], dim=-1)
    return images._replace(class_logits=torch.cat([torch.where(behind, _NEVER, items), others], dim=-1))


def _agreed(weights: Tensor, places: Tensor) -> Tensor:
    """Weigh n places, `(T, n, 2)`, once more, by the weights, `(T, n)`, of all that lie near."""
    squares = torch.square(places[:, :, None] - places[:, None]).sum(-1)  # (T, n, n)
    near = torch.exp(-squares / (2 * _NEAR**2))
    agreed = weights * (near @ weights[..., None])[..., 0]
    return agreed / agreed.sum(1, keepdim=True)


def _mean(weights: Tensor, values: Tensor) -> Tensor:
    """Average n values, `(T, n, D)`, with weights, `(T, n)`: `(T, D)`."""
    return (weights[:, None] @ values)[:, 0]
