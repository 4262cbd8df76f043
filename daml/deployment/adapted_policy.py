"""The adapted policy: what a robot runs after one human video."""

import copy
import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from daml.deployment.brightness import brighten, brightness_correction
from daml.deployment.compiled_step import CompiledStep
from daml.deployment.origin import read_origin
from daml.learners.config import PriorConfig
from daml.learners.learner import Learner, create_policy, restore_module
from daml.maml import Parameters
from daml.policies.control_network import ControlStep, Memory
from daml.policies.goal import Goal
from daml.policies.robot.proprioception import Proprioception
from daml.policies.robot.robot_state import MEMORY_SIZE
from daml.policies.vision.images import float_images
from daml.policies.visuomotor import VisuomotorPolicy
from daml.storage.saved_folder import SavedFolder

_KIND = "adapted policy"


class AdaptedPolicy:
    """A policy for one task: observation in, action out. It remembers its first frame, and where the item was.

    Args:
        policy: Network with adapted parameters; not copied.
        config: Settings of the prior that the policy comes from.
    """

    def __init__(self, policy: VisuomotorPolicy, config: PriorConfig) -> None:
        self._policy = policy.eval()
        for parameter in policy.parameters():
            parameter.requires_grad = False
        self._device = next(policy.parameters()).device
        self.config = config
        self._step: ControlStep | CompiledStep | None = None
        self._is_compiled = False
        self.reset()

    @classmethod
    def from_prior(cls, prior: Learner, parameters: Parameters) -> "AdaptedPolicy":
        """Make a policy of a prior's trunk and given parameters of the part that adapts.

        Args:
            prior: Where trunk and statistics come from; copied, so that neither changes with the other.
            parameters: Parameters of the head, keyed as `prior.initial_parameters()`.

        Returns:
            The policy, reset.
        """
        policy = copy.deepcopy(prior.policy)
        policy.head.load_state_dict({name: value.detach() for name, value in parameters.items()})
        return cls(policy, prior.config)

    def parameters(self) -> dict[str, Tensor]:
        """Return the parameters of the part that adapted, keyed as `prior.initial_parameters()`."""
        return dict(self._policy.head.named_parameters())

    def tensors(self) -> list[Tensor]:
        """Return all that was learned, adapted or not."""
        return list(self._policy.state_dict().values())

    @torch.inference_mode()
    def compile(self) -> Self:
        """Have ONNX Runtime (extra `fast`) do all control steps from now on: the same actions to 1e-4, in less time.

        It takes more than a second, for the first policy of a process that comes from some prior.

        Returns:
            This policy, reset.

        Raises:
            ImportError: The extra is not installed.
            ValueError: The policy is on another device than the CPU, or no part of it adapted.
        """
        frame = torch.zeros(1, *self.config.image_size, 3, dtype=torch.uint8, device=self._device)
        states = torch.zeros(1, self.config.policy.state_size, device=self._device)
        self._step = self._create_step(CompiledStep, frame, states)
        self._is_compiled = True
        self.reset()
        return self

    def reset(self) -> None:
        """Forget the first frame: the next observation is the first of an episode."""
        self._memory: Memory | None = None
        self._gains: NDArray[np.float64] | None = None
        self._proprioception = Proprioception()
        self._observed: tuple[Goal, Tensor] | None = None

    @torch.inference_mode()
    def select_action(self, observation: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
        """Choose what to do now.

        Args:
            observation: "image", RGB uint8 `(H, W, 3)`, and "state", `(S,)`, in SI units.

        Returns:
            Gripper velocity and gripper command (-1 opens, +1 closes), each in [-1, 1], `(A,)`.

        Raises:
            ValueError: Image or state is missing or of another shape than the policy was trained on.
        """
        image, state = self._check(observation)
        if self._gains is None:
            self._gains = brightness_correction(image)
        images = brighten(image[None], self._gains)
        frame = torch.tensor(images, device=self._device)
        states = torch.tensor(self._proprioception.extend(state)[None], device=self._device)
        decision = self._control_step(frame, states).decide(frame, states=states, memory=self._memory)
        self._memory, self._observed = decision.memory, (decision.goal, states)
        chosen = decision.actions[0].cpu().numpy()
        self._proprioception.note(chosen)
        return chosen

    def note(self, executed: NDArray[np.floating]) -> None:
        """Remember what was executed, `(A,)`, in place of what was chosen last: somebody else may take over."""
        self._proprioception.note(executed)

    def observed_goal(self) -> tuple[Goal, Tensor]:
        """Return the goal as the last frame alone showed it, before tracking, and the robot's state; SI units.

        Returns:
            The goal, of one frame, and the robot's extended state, `(1, S + MEMORY_SIZE)`.

        Raises:
            RuntimeError: No action has been chosen since the last reset.
        """
        if self._observed is None:
            raise RuntimeError("observed_goal: no frame was seen yet; call select_action first")
        return self._observed

    @torch.inference_mode()
    def locate_goal(self, picture: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Tell where the policy takes item and destination to be in a picture in which nobody is at work.

        Its memory of an episode is left alone.

        Args:
            picture: RGB, of the size of the policy's images, `(H, W, 3)`.

        Returns:
            Places of item and destination, x and y in [-1, 1] from edge to edge, `(2,)` each.
        """
        images = brighten(picture[None], brightness_correction(picture))
        seen = self._policy.see(float_images(torch.tensor(images, device=self._device)))
        # As if a robot acted: without one, no relations are computed, by which items are told from one another.
        goal = self._policy.unnormalize_goal(self._policy.head(seen, seen, self._policy.sense_nobody(1)).goal)
        item_height, rim_height = self._policy.head.aiming.heights[:2]
        item, destination = (
            self._policy.hand_eye(torch.cat([place, torch.full_like(place[:, :1], height)], dim=1))[0].cpu().numpy()
            for place, height in ((goal.item, item_height), (goal.destination, rim_height))
        )
        return item, destination

    def save_pretrained(self, path: str | Path) -> None:
        """Write the policy as a folder of `config.json` and `model.safetensors`, whole or not at all.

        Args:
            path: The folder; an earlier adapted policy there is replaced.

        Raises:
            ValueError: The path is a file, or a folder with other files in it.
        """
        settings = dataclasses.asdict(self.config)
        SavedFolder(kind=_KIND, settings=settings, tensors=self._policy.state_dict()).write(path)

    @classmethod
    def from_pretrained(cls, path: str | Path) -> "AdaptedPolicy":
        """Read a policy written by `save_pretrained`.

        Args:
            path: The folder.

        Returns:
            The policy, reset, on the CPU.

        Raises:
            ValueError: The folder is missing, incomplete, corrupt, of another format version or no adapted policy.
        """
        policy = cls(*restore_module(SavedFolder.read(path, kind=_KIND), path=path, create=create_policy))
        read_origin(policy.config.provenance, where=f"{path}/config.json")
        return policy

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_step": None}  # what was traced stays in its process

    def _control_step(self, image: Tensor, states: Tensor) -> ControlStep | CompiledStep:
        """Return the network as it is run in an episode."""
        if self._step is None:
            self._step = self._create_step(CompiledStep if self._is_compiled else ControlStep, image, states)
        return self._step

    def _create_step(
        self, kind: type[ControlStep | CompiledStep], image: Tensor, states: Tensor
    ) -> ControlStep | CompiledStep:
        """Trace or compile the network for images and states of this form."""
        sizes = repr(dataclasses.replace(self.config, provenance={}))
        return kind(self._policy, sizes=sizes, image=image, states=states)

    def _check(self, observation: Mapping[str, NDArray[Any]]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Check the observation's keys and shapes."""
        missing = sorted({"image", "state"} - set(observation))
        if missing:
            raise ValueError(f"observation: {missing} missing; it holds {sorted(observation)}")
        image, state = observation["image"], observation["state"]
        if image.dtype != np.uint8 or image.shape != (*self.config.image_size, 3):
            expected = (*self.config.image_size, 3)
            raise ValueError(f"observation: expected a uint8 image {expected}, got {image.dtype} {image.shape}")
        expected = (self.config.policy.state_size - MEMORY_SIZE,)
        if state.shape != expected:
            raise ValueError(f"observation: expected a state {expected}, got {state.shape}")
        return image, state
