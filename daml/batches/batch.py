"""Meta-batches: for each of a few tasks, one human clip and a few robot frames, drawn from a seed and a step number."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from daml.batches.goals import clip_goals, key_steps
from daml.batches.hands import HandErrors, draw_read
from daml.demos import StoredTask, key_places
from daml.demos.motion import shift_frames, shift_places
from daml.policies.goal import Goal
from daml.policies.robot.proprioception import extend_clip
from daml.policies.tensor_trees import concatenate, map_tensors
from daml.policies.vision.seen_image import SeenImage
from daml.storage.settings_check import check_least

KEY_JITTER = 2
"""Steps by which a frame around a key moment may miss it."""


EARLY_PART = 6
"""A clip's first part, as one of so many, in which the arm has hardly told where it is going."""


@dataclass(frozen=True)
class BatchConfig:
    """What a meta-batch holds."""

    n_tasks: int = 16
    """Tasks B."""
    human_frames: int = 16
    """Frames of the human clip of each task: its first, then evenly spaced ones from the part in which it moves."""
    robot_clips: int = 2
    """Robot clips K of each task."""
    robot_frames: int = 8
    """Frames of each robot clip: two at its beginning, one around each key moment, the others spread over the clip."""
    time_jitter: float = 0.4
    """How far a human frame may lie from its even place in time, as a share of the spacing."""
    max_shift: int = 3
    """Largest shift of a human clip, in pixels: all its frames alike, the border repeated."""
    hand_errors: HandErrors = field(default_factory=HandErrors)
    """Errors of where the hand is read to be, in films that tell where it is."""

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            ValueError: A number is too small.
        """
        check_least(self, {"n_tasks": 1, "human_frames": 2, "robot_clips": 1, "robot_frames": 4})
        check_least(self, {"time_jitter": 0, "max_shift": 0})


class MetaBatch(NamedTuple):
    """Demonstrations of B tasks; K robot clips of n frames each follow one another along the robot's axis."""

    human: Tensor
    """Human frames, uint8, `(B, T, H, W, 3)`."""
    hand: Tensor
    """Where the acting hand is read to be in them, x and y in [-1, 1]; NaN where nothing was read, `(B, T, 2)`."""
    robot_first: Tensor
    """First frame of each robot clip, uint8, `(B, K, H, W, 3)`."""
    robot: Tensor
    """Robot frames, uint8, `(B, K n, H, W, 3)`."""
    states: Tensor
    """Extended robot state at each robot frame (see `proprioception`), SI units, `(B, K n, S)`."""
    actions: Tensor
    """Action taken at each robot frame, `(B, K n, A)`."""
    goals: Goal
    """Goal at each robot frame (see `goals`), SI units, fields `(B, K n, ...)`."""

    @property
    def n_tasks(self) -> int:
        """Number of tasks B."""
        return len(self.human)

    def stacked_hands(self) -> Tensor:
        """Return where the effector is known to be in all images, in the order of `stack_images`: NaN where it is not.

        Returns:
            x and y in [-1, 1], `(B T + B K + B K n, 2)`.
        """
        n_robot = self.robot_first.shape[1] + self.robot.shape[1]
        return torch.cat([self.hand.flatten(0, 1), self.hand.new_full((self.n_tasks * n_robot, 2), torch.nan)])

    def unstack(self, values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Sort what belongs to all images of the batch, in the order of `stack_images`.

        Args:
            values: The images, or what was computed of each, `(B T + B K + B K n, ...)`.

        Returns:
            Those of human, first robot and robot frames, each `(B, frames, ...)`.
        """
        counts = [self.n_tasks * clips.shape[1] for clips in (self.human, self.robot_first, self.robot)]
        human, first, robot = (torch.unflatten(part, 0, (self.n_tasks, -1)) for part in torch.split(values, counts))
        return human, first, robot

    def as_seen(self, images: SeenImage) -> "SeenBatch":
        """Put the seen images, in the order of `stack_images`, in place of the images."""
        human, first, robot = (map_tensors(partial(self._of_clips, number), images) for number in range(3))
        return SeenBatch(human, first, robot, self.states, self.actions, self.goals)

    def _of_clips(self, number: int, values: Tensor) -> Tensor:
        """Return what belongs to the human, first robot or robot frames: see `unstack`."""
        return self.unstack(values)[number]


class SeenBatch(NamedTuple):
    """A meta-batch as a trunk with fixed weights sees it: `MetaBatch`, but with seen images in place of images."""

    human: SeenImage
    """Fields `(B, T, ...)`."""
    robot_first: SeenImage
    """Fields `(B, K, ...)`."""
    robot: SeenImage
    """Fields `(B, K n, ...)`."""
    states: Tensor
    """As in `MetaBatch`, as all that follows."""
    actions: Tensor
    goals: Goal

    @property
    def n_tasks(self) -> int:
        """Number of tasks B."""
        return len(self.states)


def sample_batch(tasks: Sequence[StoredTask], config: BatchConfig, *, seed: int, step: int) -> MetaBatch:
    """Draw a meta-batch.

    Args:
        tasks: Tasks to draw from.
        config: Sizes.
        seed: Seed of the run.
        step: Step number; seed and step alone determine the batch, so that a resumed run sees the same data.

    Returns:
        Demonstrations of `config.n_tasks` distinct tasks (repeated only when there are fewer).

    Raises:
        ValueError: There are no tasks.
    """
    if not tasks:
        raise ValueError("tasks: expected at least one task to draw a meta-batch from, got none")
    rng = np.random.default_rng((seed, step))
    chosen = rng.choice(len(tasks), size=config.n_tasks, replace=len(tasks) < config.n_tasks)
    return concatenate([sample_task(tasks[int(i)], config, rng) for i in chosen])


def iterate_batches(
    tasks: Sequence[StoredTask], config: BatchConfig, *, seed: int, steps: range, n_ahead: int = 2
) -> Iterator[MetaBatch]:
    """Draw the meta-batches of a range of steps, a few ahead, in a thread of their own.

    Args:
        tasks: Tasks to draw from.
        config: Sizes.
        seed: Seed of the run.
        steps: Step numbers.
        n_ahead: Batches held ready.

    Yields:
        One meta-batch per step.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="batches") as executor:
        waiting: deque[Future[MetaBatch]] = deque()
        remaining = iter(steps)
        try:
            for step in remaining:
                waiting.append(executor.submit(sample_batch, tasks, config, seed=seed, step=step))
                if len(waiting) > n_ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def human_frame_indices(
    span: tuple[int, int], n_wanted: int, *, jitter: float, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Choose the first frame, then frames evenly spaced over the moving span, each of these moved a little.

    Args:
        span: First and last frame of the clip's moving span.
        n_wanted: Frames to choose.
        jitter: Largest move as a share of the spacing; at most 0.5, so that order is kept.
        rng: Source of randomness.

    Returns:
        Indices in rising order, the first of them 0, `(n_wanted,)`.
    """
    places = key_places(span, n_wanted)
    spacing = (span[1] - span[0]) / max(n_wanted - 2, 1)
    places[1:] += rng.uniform(-jitter, jitter, size=n_wanted - 1) * spacing
    return np.clip(np.rint(places), 0, span[1]).astype(np.int64)


def robot_frame_indices(
    n_frames: int, n_wanted: int, *, keys: tuple[int, int], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Choose frames at the beginning, one around each key moment, and others from as many spans of time.

    The step at which the gripper acts is one of some thirty; a policy that rarely saw it hovers and never lets go. And
    which item is meant can soon be read off where the arm is going: only at the beginning is the video alone to tell.

    Args:
        n_frames: Frames in the clip.
        n_wanted: Frames to choose; at least 4.
        keys: Frames at which the gripper takes hold and lets go.
        rng: Source of randomness.

    Returns:
        Indices in rising order, `(n_wanted,)`.
    """
    early = np.array([0, rng.integers(0, n_frames // EARLY_PART + 1)])
    around = np.array(keys) + rng.integers(-KEY_JITTER, KEY_JITTER + 1, size=2)
    n_others = n_wanted - 4
    spread = (np.arange(n_others) + rng.uniform(size=n_others)) * n_frames / max(n_others, 1)
    return np.sort(np.clip([*early, *spread.astype(np.int64), *around], 0, n_frames - 1))


def sample_task(task: StoredTask, config: BatchConfig, rng: np.random.Generator) -> MetaBatch:
    """Draw a meta-batch of one task.

    Args:
        task: The task.
        config: Sizes; how many tasks does not count.
        rng: Source of randomness.
    """
    human = int(rng.integers(task.n_humans))
    span = task.human_acting_span(human)
    indices = human_frame_indices(span, config.human_frames, jitter=config.time_jitter, rng=rng)
    down, right = rng.integers(-config.max_shift, config.max_shift + 1, size=2)
    human_frames = shift_frames(task.human_frames(human, indices), down=int(down), right=int(right))
    hand = shift_places(task.human_hand(human)[indices], human_frames.shape[1:3], down=int(down), right=int(right))
    hand = draw_read(hand, config.hand_errors, rng)
    n = config.robot_frames
    firsts: list[NDArray[np.uint8]] = []
    rows: list[tuple[NDArray[Any], ...]] = []
    for i in rng.choice(task.n_robots, size=config.robot_clips, replace=task.n_robots < config.robot_clips):
        states, actions = task.robot_states(int(i)), task.robot_actions(int(i))
        times = robot_frame_indices(len(states), n, keys=key_steps(states, actions), rng=rng)
        frames = task.robot_frames(int(i), np.concatenate([[0], times]))
        firsts.append(frames[0])
        extended = extend_clip(states, task.robot_executed(int(i)))
        goals = clip_goals(states, actions, task.robot_goals(int(i)))
        rows.append((frames[1:], extended[times], actions[times], goals[times]))
    columns = (human_frames, hand, np.stack(firsts), *(np.concatenate(arrays) for arrays in zip(*rows, strict=True)))
    human, hands, first, frames, states, actions, goals = (torch.as_tensor(column)[None] for column in columns)
    return MetaBatch(human, hands, first, frames, states, actions, Goal.unpack(goals))
