"""The visuomotor policy: camera image and robot state to gripper velocity, by way of where things are."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn

from daml.policies.goal import Goal
from daml.policies.head import HeadOutput, PolicyConfig, VisuomotorHead
from daml.policies.robot.hand_eye import CameraEvidence, HandEye
from daml.policies.robot.motor import Motor
from daml.policies.robot.normalizer import Normalizer
from daml.policies.robot.robot_state import POSITION_SIZE, RobotState, SensedRobot
from daml.policies.tensor_trees import concatenate, map_tensors
from daml.policies.tracking import ItemTracker
from daml.policies.vision.deep_trunk import N_DEEP_CHANNELS, DeepTrunk
from daml.policies.vision.images import float_images
from daml.policies.vision.seen_image import SeenImage
from daml.policies.vision.trunk import Trunk

_SIZE_MEAN, _SIZE_SCALE = 0.03, 0.01
"""Centre and spread of an item's radius, in metres."""

_AT_ONCE = 32
"""Images that a CPU sees at once where no gradient is wanted: more take as long each, and more memory."""


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
        is_deep = len(config.channels) == N_DEEP_CHANNELS
        self.trunk = DeepTrunk(config.channels) if is_deep else Trunk(config.channels)
        self.head = head(self.trunk.n_channels, config)
        self.normalizer = Normalizer(config.state_size)
        self.hand_eye = HandEye(position_scale=config.camera_position_scale, aim_scale=config.camera_aim_scale)
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
        effector: Tensor | None = None,
        trunk_context: Callable[[], AbstractContextManager[object, bool | None]] = nullcontext,
    ) -> SeenImage:
        """Compute what the rest of the policy sees of images.

        Args:
            images: RGB in [0, 1], `(N, 3, H, W)`; or as they are stored, uint8 `(N, H, W, 3)`, which takes less memory.
            effector: Where the point between the fingers is known to be, x and y in [-1, 1], `(N, 2)`; NaN, or None for
                all images, where the trunk is to find it.
            trunk_context: Context that the trunk alone runs under, such as `torch.autocast`: read off a map in half
                precision, places would be rounded to a location.

        Returns:
            The seen images, float32.
        """
        with trunk_context():
            at_once = _AT_ONCE if images.device.type == "cpu" and not torch.is_grad_enabled() else max(len(images), 1)
        parts = torch.split(images, at_once)
        effectors = [None] * len(parts) if effector is None else torch.split(effector, at_once)
        seen: list[SeenImage] = []
        for part, effector_of_part in zip(parts, effectors, strict=True):
            numbers = float_images(part) if part.dtype == torch.uint8 else part
            with trunk_context():
                maps = self.trunk(numbers)
            seen.append(SeenImage.of_maps(maps, effector=effector_of_part))
        return seen[0] if len(seen) == 1 else concatenate(seen)

    def act(self, output: HeadOutput, states: Tensor) -> Tensor:
        """Choose what to do at T frames.

        Args:
            output: What the head, with whatever parameters, computed for them.
            states: Robot state at each frame, SI units, `(T, S)`.

        Returns:
            Gripper velocity as a fraction of its limit, then the log odds that the gripper closes, `(T, A)`.
        """
        return self.move(self.unnormalize_goal(output.goal), states)

    def move(self, goal: Goal, states: Tensor) -> Tensor:
        """Choose what to do at T frames, given their goals.

        Args:
            goal: Goals in SI units.
            states: Robot state at each frame, SI units, `(T, S)`.

        Returns:
            What `act` returns, `(T, A)`.
        """
        state = RobotState.unpack(states)
        return self.motor(states, goal._replace(item=torch.where(state.holds_item(), state.place, goal.item)))

    def normalize_goal(self, goal: Goal) -> Goal:
        """Bring goals in SI units to unit size: positions as those of the robot's state."""

        def normalize(value: Tensor, mean: Tensor, scale: Tensor) -> Tensor:
            return (value - mean) / scale

        return map_tensors(normalize, goal, *self._goal_statistics())

    def unnormalize_goal(self, goal: Goal) -> Goal:
        """Invert `normalize_goal`."""

        def unnormalize(value: Tensor, mean: Tensor, scale: Tensor) -> Tensor:
            return value * scale + mean

        return map_tensors(unnormalize, goal, *self._goal_statistics())

    def _goal_statistics(self) -> tuple[Goal, Goal]:
        mean, scale = self.normalizer.mean, self.normalizer.scale
        fixed = mean.new_tensor([[_SIZE_MEAN, 0.0], [_SIZE_SCALE, 1.0]])
        return (
            Goal.unpack(torch.cat([mean[:2], mean[:POSITION_SIZE], fixed[0]])),
            Goal.unpack(torch.cat([scale[:2], scale[:POSITION_SIZE], fixed[1]])),
        )

    def sense(self, states: Tensor, now: SeenImage, first: SeenImage) -> SensedRobot:
        """Tell what the head needs to know of the robot, from its states and from where it is seen.

        Args:
            states: Extended robot state at each frame of K clips, clip after clip and in the order of time, SI units,
                `(T, S)`.
            now: The frames.
            first: Each clip's first frame.

        Returns:
            What is sensed at each frame; the camera is estimated from the first frame and those up to each frame.
        """
        n_clips = len(first.features)
        state = RobotState.unpack(states)
        start = torch.unflatten(state.start, 0, (n_clips, -1))[:, 0]
        evidence_first = self.hand_eye.camera_evidence(start, first.landmarks)
        evidence = self.hand_eye.camera_evidence(state.position, now.landmarks)

        def accumulate(of_first: Tensor, of_now: Tensor) -> Tensor:
            clips = torch.unflatten(of_now, 0, (n_clips, -1))  # (K, n, ...)
            return (of_first[:, None] + clips.cumsum(1)).flatten(0, 1)

        return self._sensed(states, map_tensors(accumulate, evidence_first, evidence))

    def sense_next(
        self, state: Tensor, now: SeenImage, evidence: CameraEvidence | None
    ) -> tuple[SensedRobot, CameraEvidence]:
        """Do what `sense` does for the next frame of one clip, its first frame included.

        Args:
            state: Extended robot state, SI units, `(1, S)`.
            now: The frame.
            evidence: What was returned for the frame before; None for the first.

        Returns:
            What is sensed, and what the next call needs.
        """
        new = self.hand_eye.camera_evidence(RobotState.unpack(state).position, now.landmarks)
        evidence = new if evidence is None else map_tensors(torch.add, evidence, new)
        return self._sensed(state, evidence), evidence

    def sense_nobody(self, n_frames: int) -> SensedRobot:
        """Tell what is sensed in n frames where no robot is: only where the camera usually stands."""
        camera = self._for_normalized(self.hand_eye.matrix)

        def nothing(size: int) -> Tensor:
            return camera.new_zeros(n_frames, size)

        return SensedRobot(
            state=nothing(len(self.normalizer.mean)),
            gripper=nothing(2),
            camera_shift=nothing(2),
            camera=camera.expand(n_frames, -1, -1),
            may_hide_item=nothing(1),
        )

    def _sensed(self, states: Tensor, evidence: CameraEvidence) -> SensedRobot:
        """Put together what is sensed at frames whose evidence is summed up."""
        state = RobotState.unpack(states)
        estimate = self.hand_eye.estimate_camera(state.position, evidence)
        return SensedRobot(
            state=self.normalizer.normalize(states),
            gripper=estimate.gripper,
            camera_shift=estimate.shift,
            camera=self._for_normalized(estimate.matrix),
            may_hide_item=state.may_hide_item().to(states.dtype),
        )

    def _for_normalized(self, camera: Tensor) -> Tensor:
        """Let a camera matrix, `(..., 3, 4)`, take normalised x and y, and heights in metres."""
        mean, scale = self.normalizer.mean[:2], self.normalizer.scale[:2]
        plane, height, constant = camera.tensor_split([2, 3], dim=-1)
        return torch.cat([plane * scale, height, constant + (plane @ mean)[..., None]], dim=-1)
