"""Evaluation: one human video per task, adapt, roll out in new layouts, count with intervals."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np

from daml import envs
from daml.collection.films import Film, record_films
from daml.deployment.adaptation import adapt
from daml.evaluation.episode import Actor, Episode, rollout
from daml.evaluation.statistics import interval_over_tasks, wilson_interval
from daml.learners.learner import Learner
from daml.progress import Observer, Progress, report
from daml.storage.settings_check import check_least
from daml.storage.versions import versions


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

    def __post_init__(self) -> None:
        """Check the numbers and names.

        Raises:
            ValueError: Kind, split or shift is unknown, a number is too small or too large.
        """
        check_least(self, {"n_tasks": 1, "rollouts": 1, "first_task": 0, "seed": 0})
        envs.find_shift(self.shift)
        envs.Task(self.kind, self.split, self.first_task)

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

    def tasks(self) -> tuple[envs.Scene, ...]:
        """Return the scene, as the one task."""
        return (self.scene,)


class Candidate(NamedTuple):
    """A policy to judge on one task."""

    policy: Actor
    """What acts."""
    shown_slot: int | None
    """Slot of the target in the video; None without a video."""
    adapt_ms: float | None
    """Time of the adaptation, in milliseconds; None when there was none."""


Method = Callable[[envs.Assignment, int], Candidate]
"""Makes the policy to judge on a task; the second argument is the seed of the task's video."""


def one_shot(
    prior: Learner, *, shots: int = 1, shift: envs.Shift = envs.UNSHIFTED, film: Film = envs.film_human
) -> Method:
    """Adapt to a video of the task, or to several (k-shot): the method itself."""
    return lambda task, seed: adapt_to_films(
        prior, task, seed, slot=envs.target_slot(task), shots=shots, shift=shift, film=film
    )


def fixed(policy: Actor) -> Method:
    """Judge a policy as it is, for instance one that was adapted to somebody's video."""
    return lambda _task, _seed: Candidate(policy, None, None)


def adapt_to_films(
    prior: Learner,
    task: envs.Assignment,
    seed: int,
    *,
    slot: int,
    shots: int,
    shift: envs.Shift,
    film: Film = envs.film_human,
) -> Candidate:
    """Film a task done with some choice, once or more often, and adapt to the films.

    Args:
        prior: What is adapted.
        task: The task.
        seed: Seed of the first film; those of the others come from it.
        slot: Slot of the choice.
        shots: Number of films.
        shift: World that they are filmed in.
        film: What is filmed, and how.
    """
    seeds = [seed, *np.random.default_rng(seed).integers(2**31, size=shots - 1).tolist()]
    shot = envs.Shot(task, seed, prior.config.image_size[0], slot, shift=shift)
    demos = record_films(film, shot, seeds=seeds)
    began = time.perf_counter()
    policy = adapt(prior, demos)
    return Candidate(policy, slot, 1000 * (time.perf_counter() - began))


@dataclass(frozen=True)
class Evaluation:
    """What came out; rates are shares of the rollouts."""

    settings: dict[str, Any]
    """What was evaluated, on what."""
    n_tasks: int
    """Tasks."""
    n_rollouts: int
    """Rollouts of all tasks together."""
    success_rate: float
    """Task done at the end."""
    interval: tuple[float, float]
    """95 % Wilson interval of the success rate."""
    interval_over_tasks: tuple[float, float]
    """95 % interval of the success rate that takes tasks, not rollouts, for independent."""
    success_once_rate: float
    """Task done at some moment."""
    wrong_target_rate: float
    """Another object or container reached: the task was not identified. The sum of the next two."""
    wrong_object_rate: float
    """Another object handled than was asked for."""
    wrong_container_rate: float
    """The right object brought to another container."""
    not_completed_rate: float
    """The right ones, but not completed."""
    right_kind_rate: float
    """The policy did something of the right kind of task, successful or not."""
    chance_rate: float
    """Success rate of somebody who does the right kind of task with a choice at random."""
    shown_target_rate: float | None
    """Done what the video showed, whether that is the task's target or not; None without a video."""
    adapt_ms_median: float | None
    """Median time of an adaptation, from frames in memory to a policy, in milliseconds."""
    step_ms_median: float
    """Median time of the policy for one control step, in milliseconds."""
    elapsed_s: float
    """Time of the whole evaluation, filming and adapting included, in seconds."""
    episodes: tuple[Episode, ...]
    """Every rollout: task after task, in the order of their indices."""
    versions: dict[str, str]
    """What it was made with."""

    def to_json(self) -> dict[str, Any]:
        """Return what JSON holds of it."""
        return asdict(self)


def evaluate(
    method: Method,
    config: EvaluationConfig | SceneConfig,
    *,
    image_size: int,
    provenance: Mapping[str, Any] | None = None,
    observers: Sequence[Observer] = (),
) -> Evaluation:
    """Judge a method on tasks of a split, or in a scene. The same arguments give the same result, but for the times.

    Args:
        method: Makes a policy for each task; it films in a world of its own choice.
        config: Tasks or scene, rollouts, seed, and the world of the rollouts.
        image_size: Height and width of the policy's images, in pixels.
        provenance: What the method is, for the settings in the result; anything JSON can hold.
        observers: Told of each episode, with the success rate so far under "success_rate".

    Returns:
        Rates, intervals and episodes.
    """
    episodes: list[Episode] = []
    tasks: list[envs.Assignment] = []
    adapt_times: list[float] = []
    shown: list[bool] = []
    shift, began = envs.find_shift(config.shift), time.perf_counter()
    total = len(config.tasks()) * config.rollouts
    with closing(envs.TabletopEnv(config.kind, image_size=image_size)) as env:
        for task in config.tasks():
            video_seed, *layout_seeds = episode_seeds(task, seed=config.seed, n=1 + config.rollouts)
            candidate = method(task, video_seed)
            if candidate.adapt_ms is not None:
                adapt_times.append(candidate.adapt_ms)
            for layout_seed in layout_seeds:
                episode = rollout(candidate.policy, env, task=task, seed=layout_seed, shift=shift)
                episodes.append(episode)
                tasks.append(task)
                if candidate.shown_slot is not None:
                    shown.append(episode.completed_slot == candidate.shown_slot)
                success_rate = sum(episode.success for episode in episodes) / len(episodes)
                report(observers, Progress(config.kind, len(episodes), total, {"success_rate": success_rate}))
    settings = {**(provenance or {}), "kind": config.kind, **asdict(config)}
    elapsed_s = time.perf_counter() - began
    return _summarise(episodes, tasks, adapt_times=adapt_times, shown=shown, elapsed_s=elapsed_s, settings=settings)


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
    entropy = (seed, envs.KINDS.index(task.kind), *place)
    return [int(value) for value in np.random.default_rng(entropy).integers(2**31, size=n)]


def _summarise(
    episodes: Sequence[Episode],
    tasks: Sequence[envs.Assignment],
    *,
    adapt_times: Sequence[float],
    shown: Sequence[bool],
    elapsed_s: float,
    settings: dict[str, Any],
) -> Evaluation:
    """Count the episodes, each of which has its task."""
    n = len(episodes)
    by_task: dict[str, list[bool]] = {}
    for episode in episodes:
        by_task.setdefault(episode.task, []).append(episode.success)
    n_successes = sum(episode.success for episode in episodes)
    verdicts = Counter(episode.verdict for episode in episodes)
    return Evaluation(
        settings=settings,
        n_tasks=len(by_task),
        n_rollouts=n,
        success_rate=n_successes / n,
        interval=wilson_interval(n_successes, n),
        interval_over_tasks=interval_over_tasks(by_task),
        success_once_rate=sum(episode.success_once for episode in episodes) / n,
        wrong_target_rate=(verdicts["wrong_object"] + verdicts["wrong_container"]) / n,
        wrong_object_rate=verdicts["wrong_object"] / n,
        wrong_container_rate=verdicts["wrong_container"] / n,
        not_completed_rate=verdicts["not_completed"] / n,
        right_kind_rate=sum(e.behaviour == task.kind for e, task in zip(episodes, tasks, strict=True)) / n,
        chance_rate=float(np.mean([1 / envs.n_targets(task) for task in tasks])),
        shown_target_rate=sum(shown) / len(shown) if shown else None,
        adapt_ms_median=float(np.median(adapt_times)) if adapt_times else None,
        step_ms_median=float(np.median([episode.step_ms for episode in episodes])),
        elapsed_s=elapsed_s,
        episodes=tuple(episodes),
        versions=versions(),
    )
