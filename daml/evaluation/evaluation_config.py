"""What is evaluated on: tasks of a split, or a scene."""

from dataclasses import dataclass, replace

import numpy as np

from daml import envs
from daml.collection.filming import PLAIN, Filming
from daml.storage.settings_check import check_least


@dataclass(frozen=True)
class EvaluationConfig:
    """What is evaluated on."""

    kind: str = "place"
    """Task kind."""
    split: str = "test"
    """Split of the tasks."""
    n_tasks: int = 100
    """Tasks."""
    first_task: int = 0
    """Index of the first task."""
    rollouts: int = 1
    """Rollouts of each task, each with another layout; all after the same video."""
    seed: int = 0
    """Seed of videos, layouts and looks."""
    shift: str = "none"
    """World of the rollouts: a key of `envs.SHIFTS`."""
    filming: Filming = PLAIN
    """What films and scenes look like, besides."""

    def __post_init__(self) -> None:
        """Check the numbers and names.

        Raises:
            ValueError: Kind, split or shift is unknown, a number is too small or too large.
        """
        check_least(self, {"n_tasks": 1, "rollouts": 1, "first_task": 0, "seed": 0})
        envs.find_shift(self.shift)
        envs.Task(self.kind, self.split, self.first_task)

    def world(self) -> envs.Shift:
        """Return the world that is filmed and judged in: that of the filming, shifted."""
        return shifted(self.filming, self.shift)

    def tasks(self) -> tuple[envs.Task, ...]:
        """Return the tasks."""
        return tuple(envs.Task(self.kind, self.split, self.first_task + i) for i in range(self.n_tasks))


@dataclass(frozen=True)
class SceneConfig:
    """A scene that is evaluated in, in place of the tasks of a split."""

    scene: envs.Scene
    """What is on the table and what is to be done."""
    rollouts: int = 1
    """Rollouts, each with another layout; all after the same video."""
    seed: int = 0
    """Seed of video, layouts and looks."""
    shift: str = "none"
    """World of the rollouts: a key of `envs.SHIFTS`."""

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            ValueError: A number is too small or too large, or the shift is unknown.
        """
        check_least(self, {"rollouts": 1, "seed": 0})
        envs.find_shift(self.shift)

    @property
    def kind(self) -> str:
        """Task kind."""
        return self.scene.kind

    def world(self) -> envs.Shift:
        """Return the world that is filmed and judged in."""
        return envs.find_shift(self.shift)

    def tasks(self) -> tuple[envs.Scene, ...]:
        """Return the scene, as the one task."""
        return (self.scene,)


def shifted(filming: Filming, shift: str) -> envs.Shift:
    """Return the world of a filming with what a shift of that name changes besides."""
    world, found = filming.shift(), envs.find_shift(shift)
    if world is envs.UNSHIFTED:
        return found
    return replace(found, as_people=world.as_people or found.as_people, assets=world.assets)


def episode_seeds(task: envs.Assignment, *, seed: int, n: int) -> list[int]:
    """Draw the seeds of a task's video and rollouts, apart from those of all other tasks.

    Args:
        task: The task, or a scene: all scenes of a kind have the same.
        seed: Seed of the evaluation.
        n: How many; asking for more does not change the first ones.

    Returns:
        The seed of the video, then one for each rollout.
    """
    place = (envs.SPLITS.index(task.split), task.index) if isinstance(task, envs.Task) else (len(envs.SPLITS), 0)
    entropy = (seed, envs.ALL_KINDS.index(task.kind), *place)
    return [int(value) for value in np.random.default_rng(entropy).integers(2**31, size=n)]
