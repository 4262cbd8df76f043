"""The learner: what is trained on demonstrations, by whatever method, so that a human video then makes it a policy."""

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar, Self, TypeVar

import torch
from torch import Tensor, nn

from daml.learners.config import MethodName, PriorConfig
from daml.maml import Parameters
from daml.policies.baselines.attentive import AttentiveHead
from daml.policies.baselines.contextual import ContextualHead
from daml.policies.baselines.recurrent import RecurrentHead
from daml.policies.head import HeadOutput, VisuomotorHead
from daml.policies.robot.robot_state import SensedRobot
from daml.policies.vision.seen_image import SeenImage
from daml.policies.visuomotor import VisuomotorPolicy
from daml.storage.saved_folder import SavedFolder, check_tensors
from daml.storage.shipped import find_prior

_Module = TypeVar("_Module", bound=nn.Module)

_LONGEST_REASON = 400
"""Characters of what is wrong with settings from a file, which may hold lists of any length."""


def create_policy(config: PriorConfig) -> VisuomotorPolicy:
    """Create the policy of a method: they differ in how a video reaches the head.

    Args:
        config: Settings.

    Returns:
        The policy, untrained.
    """
    heads = {
        "contextual": ContextualHead,
        "lstm": RecurrentHead,
        "transformer": partial(AttentiveHead, n_frames=config.human_frames),
    }
    return VisuomotorPolicy(config.policy, heads.get(config.method, VisuomotorHead))


class Learner(nn.Module, ABC):
    """A policy, and a way in which a human video changes the parameters of its head.

    Args:
        config: Settings.

    Raises:
        ValueError: The settings are those of a method of another class.
    """

    methods: ClassVar[tuple[MethodName, ...]]
    """Methods that the class stands for."""

    def __init__(self, config: PriorConfig) -> None:
        super().__init__()
        if config.method not in self.methods:
            raise ValueError(f"method: expected one of {', '.join(self.methods)}, got {config.method}")
        self.config = config
        self.policy = create_policy(config)

    @property
    def shortest_video(self) -> int:
        """Frames of the shortest video that it can be conditioned on."""
        return 1

    def initial_parameters(self) -> dict[str, Tensor]:
        """Return the parameters of the head before any video, keyed as `learner.policy.head.named_parameters()`."""
        return dict(self.policy.head.named_parameters())

    @abstractmethod
    def condition(self, videos: Sequence[SeenImage]) -> dict[str, Tensor]:
        """Let human videos change the parameters of the head.

        The videos alone decide: no action is read, and no robot is there. Composes with `torch.func.vmap`.

        Args:
            videos: Frames of each of k videos of one task; at least `shortest_video` of each.

        Returns:
            Parameters of the head, keyed as `initial_parameters()`. The learner is unchanged.
        """

    def save_pretrained(self, path: str | Path) -> None:
        """Write the prior as a folder of `config.json` and `model.safetensors`, whole or not at all.

        Args:
            path: The folder; an earlier prior there is replaced.

        Raises:
            ValueError: The path is a file, or a folder with other files in it.
        """
        SavedFolder(kind="prior", settings=dataclasses.asdict(self.config), tensors=self.state_dict()).write(path)

    @classmethod
    def from_pretrained(cls, path: str | Path) -> Self:
        """Read a prior written by `save_pretrained`; `read_learner` reads one of any method.

        Args:
            path: The folder, or the name of a shipped prior.

        Returns:
            The prior, in evaluation mode, on the CPU.

        Raises:
            ValueError: The folder is missing, incomplete, corrupt, of another format version, no prior at all, or one
                of another method.
        """
        folder = find_prior(path)
        return cls.restore(SavedFolder.read(folder, kind="prior"), path=folder)

    @classmethod
    def restore(cls, folder: SavedFolder, *, path: str | Path) -> Self:
        """Make the learner that a folder holds.

        Args:
            folder: What was read.
            path: Where, for errors.

        Returns:
            The learner, in evaluation mode, on the CPU.

        Raises:
            ValueError: Settings and tensors do not fit, or the method is another.
        """
        return restore_module(folder, path=path, create=cls)[0].eval()


def restore_module(
    folder: SavedFolder, *, path: str | Path, create: Callable[[PriorConfig], _Module]
) -> tuple[_Module, PriorConfig]:
    """Make the module that a folder holds.

    Args:
        folder: What was read: settings of a prior, and the module's tensors.
        path: Where, for errors.
        create: Makes the module, given the settings.

    Returns:
        The module on the CPU, and its settings.

    Raises:
        ValueError: Settings and tensors do not fit, or no module can be made of the settings.
    """
    try:
        config = PriorConfig.from_json(folder.settings)
        with torch.device("meta"):  # sizes that the tensors do not have take no memory
            expected = create(config).state_dict()
    except (ValueError, TypeError, RuntimeError) as error:
        raise ValueError(f"{path}: {' '.join(str(error).split())[:_LONGEST_REASON]}") from error
    check_tensors(path, folder.tensors, expected=expected)
    module = create(config)
    module.load_state_dict(dict(folder.tensors))
    return module, config


def call_head(
    head: VisuomotorHead,
    parameters: Parameters,
    *,
    now: SeenImage,
    first: SeenImage,
    robot: SensedRobot,
    acts: bool = True,
    responds: bool = True,
) -> HeadOutput:
    """Run the part of a policy that a video changes, with given parameters.

    Args:
        head: The module; its own parameters are not used.
        parameters: Parameters to run it with.
        now: The frames, T seen images.
        first: First frame of each of K clips.
        robot: What is sensed of the robot at each frame.
        acts: Whether a robot acts on the frames, rather than watches.
        responds: Whether responses are computed where nobody acts.

    Returns:
        Goals and activations of each frame.
    """
    output: HeadOutput = torch.func.functional_call(
        head, dict(parameters), (now, first, robot), {"acts": acts, "responds": responds}
    )
    return output
