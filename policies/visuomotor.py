"""The visuomotor policy: camera image and robot state to gripper velocity, by way of where things are."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn

from daml.policies.feature_map import condense, split_feature_map
from daml.policies.hand_eye import CAMERA_SIZE, HandEye
from daml.policies.head import HeadOutput, PolicyConfig, VisuomotorHead
from daml.policies.motor import Motor
from daml.policies.normalizer import Normalizer
from daml.policies.robot_state import POSITION_SIZE, SENSED_SIZE, is_felt, may_hide
from daml.policies.tracking import ItemTracker
from daml.policies.trunk import Trunk

_SIZE_MEAN, _SIZE_SCALE = 0.03, 0.01
"""Centre and spread of an item's radius, in metres."""


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
        self.motor = Motor(config.state_size, config.action_size, config.motor_size)
        self.tracker = ItemTracker(config.tracker_size)

    def forward(self, images: Tensor, first_images: Tensor, states: Tensor) -> Tensor:
        """Act on T frames of K clips with the unadapted parameters.

        Args:
            images: RGB in [0, 1], clip after clip, `(T, 3, H, W)`; T is a multiple of K.
            first_images: First frame of each clip, `(K, 3, H, W)`.
            states: Robot state at each frame, SI units, `(T, S)`.

        Returns:
            Actions, `(T, A)`; see `act`.
        """
        now, first = self.see(images), self.see(first_images)
        return self.act(self.head(now, first, self.sense(states, now, first)), states)

    def see(
        self,
        images: Tensor,
        *,
        trunk_context: Callable[[], AbstractContextManager[object, bool | None]] = nullcontext,
    ) -> Tensor:
        """Compute what the rest of the policy sees of images.

        Args:
            images: RGB in [0, 1], `(N, 3, H, W)`.
            trunk_context: Context that the trunk alone runs under, such as `torch.autocast`: read off a map in half
                precision, places would be rounded to a location.

        Returns:
            Condensed feature maps (see `condense`), `(N, n + 1, C + N_LOCATORS)`, float32.
        """
        with trunk_context():
            maps = self.trunk(images)
        return condense(maps)

    def act(self, output: HeadOutput, states: Tensor) -> Tensor:
        """Choose what to do at T frames.

        Args:
            output: What the head, with whatever parameters, computed for them.
            states: Robot state at each frame, SI units, `(T, S)`.

        Returns:
            Gripper velocity as a fraction of its limit, then the log odds that the gripper closes, `(T, A)`.
        """
        return self.move(self.unnormalize_aims(output.aims), states)

    def move(self, aims: Tensor, states: Tensor) -> Tensor:
        """Choose what to do at T frames, told where the item is and where it goes.

        Args:
            aims: Aims in SI units, `(T, AIMS_SIZE)`.
            states: Robot state at each frame, SI units, `(T, S)`.

        Returns:
            What `act` returns, `(T, A)`.
        """
        item = torch.where(is_felt(states)[:, None], states[:, :2], aims[:, :2])
        return self.motor(states, torch.cat([item, aims[:, 2:]], dim=1))

    def normalize_aims(self, aims: Tensor) -> Tensor:
        """Bring aims in SI units, `(..., AIMS_SIZE)`, to unit size: places as the robot's state."""
        mean, scale = self._aim_statistics()
        return (aims - mean) / scale

    def unnormalize_aims(self, aims: Tensor) -> Tensor:
        """Invert `normalize_aims`."""
        mean, scale = self._aim_statistics()
        return aims * scale + mean

    def _aim_statistics(self) -> tuple[Tensor, Tensor]:
        mean, scale = self.normalizer.mean, self.normalizer.scale
        fixed = mean.new_tensor([[_SIZE_MEAN, 0.0], [_SIZE_SCALE, 1.0]])
        return (
            torch.cat([mean[:2], mean[:POSITION_SIZE], fixed[0]]),
            torch.cat([scale[:2], scale[:POSITION_SIZE], fixed[1]]),
        )

    def sense(self, states: Tensor, now: Tensor, first: Tensor) -> Tensor:
        """Tell what the head needs to know of the robot, from its states and from where it is seen.

        Args:
            states: Robot state at each frame of K clips, clip after clip and in the order of time, SI units, `(T, S)`.
            now: Condensed feature maps of the frames, `(T, n + 1, C + N_LOCATORS)`.
            first: Condensed feature map of each clip's first frame, `(K, n + 1, C + N_LOCATORS)`.

        Returns:
            The normalised state; what `HandEye.sense` tells of the first frame and those up to each frame, for a camera
            that maps normalised x and y; and whether the gripper may hide an item; `(T, S + SENSED_SIZE)`.
        """
        clips = torch.unflatten(states, 0, (len(first), -1))  # (K, n, S)
        evidence = self._camera_evidence(now, states[:, :POSITION_SIZE])
        sights_first = self._camera_evidence(first, clips[:, 0, -POSITION_SIZE:])
        known = sights_first[:, None] + torch.unflatten(evidence, 0, clips.shape[:2]).cumsum(1)
        return self._sensed(states, known.flatten(0, 1))

    def sense_next(self, state: Tensor, now: Tensor, evidence: Tensor | None) -> tuple[Tensor, Tensor]:
        """Do what `sense` does for the next frame of one clip, its first frame included.

        Args:
            state: Robot state, SI units, `(1, S)`.
            now: Condensed feature map, `(1, n + 1, C + N_LOCATORS)`.
            evidence: What was returned for the frame before; None for the first.

        Returns:
            What `sense` returns, `(1, S + SENSED_SIZE)`, and what the next call needs.
        """
        evidence = self._camera_evidence(now, state[:, :POSITION_SIZE])
        evidence = evidence if evidence is None else evidence + evidence
        return self._sensed(state, evidence), evidence

    def sense_nobody(self, n_frames: int) -> Tensor:
        """Tell what is sensed where no robot is: only where the camera usually stands, `(n, S + SENSED_SIZE)`."""
        camera = self._for_normalized(self.hand_eye.matrix).flatten()
        nothing = camera.new_zeros(len(self.normalizer.mean) + SENSED_SIZE - CAMERA_SIZE)
        return torch.cat([nothing[:-1], camera, nothing[-1:]]).expand(n_frames, -1)

    def _camera_evidence(self, maps: Tensor, positions: Tensor) -> Tensor:
        return self.hand_eye.camera_evidence(positions, split_feature_map(maps).landmarks())

    def _sensed(self, states: Tensor, evidence: Tensor) -> Tensor:
        """Put together what is sensed at frames whose `evidence` are summed up, `(T, 42)`."""
        sensed = self.hand_eye.sense(states[:, :POSITION_SIZE], evidence)
        place, camera = sensed.tensor_split([-CAMERA_SIZE], dim=1)
        camera = self._for_normalized(torch.unflatten(camera, 1, (3, 4))).flatten(1)
        return torch.cat([self.normalizer.normalize(states), place, camera, may_hide(states)[:, None]], dim=1)

    def _for_normalized(self, camera: Tensor) -> Tensor:
        """Let a camera matrix, `(..., 3, 4)`, take normalised x and y, and heights in metres."""
        mean, scale = self.normalizer.mean[:2], self.normalizer.scale[:2]
        plane, height, constant = camera.tensor_split([2, 3], dim=-1)
        return torch.cat([plane * scale, height, constant + (plane @ mean)[..., None]], dim=-1)
