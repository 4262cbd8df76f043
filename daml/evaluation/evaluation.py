"""Evaluation: one human video per task, adapt, roll out in new layouts, count with intervals."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from daml import envs
from daml.collection.filming import without_default
from daml.engines.engine import Workers
from daml.evaluation.candidates import Method
from daml.evaluation.episode import Episode
from daml.evaluation.episode_jobs import EpisodeJob, JudgedEpisode, run_episodes
from daml.evaluation.evaluation_config import EvaluationConfig, SceneConfig, episode_seeds
from daml.evaluation.kept_episodes import KeptEpisodes
from daml.evaluation.statistics import interval_over_tasks, wilson_interval
from daml.progress import Observer, Progress, report
from daml.storage.versions import versions


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
    wrong_kind_rate: float
    """The right object handled in another manner: pushed where it was to be carried, or carried."""
    wrong_container_rate: float
    """The right object brought to another container."""
    not_completed_rate: float
    """The right ones, but not completed."""
    right_kind_rate: float
    """The policy did something of the right kind of task, successful or not."""
    chance_rate: float
    """Success rate of somebody who does the right kind of task with a choice at random."""
    success_of_manners: dict[str, float]
    """On the one table, the success rate of the tasks of each manner; empty for other kinds."""
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
    workers: Workers = 1,
    kept: KeptEpisodes[JudgedEpisode] | None = None,
    observers: Sequence[Observer] = (),
) -> Evaluation:
    """Judge a method on tasks of a split, or in a scene. The same arguments give the same result, but for the times.

    Args:
        method: Makes a policy for each task; it films in a world of its own choice.
        config: Tasks or scene, rollouts, seed, and the world of the rollouts.
        image_size: Height and width of the policy's images, in pixels.
        provenance: What the method is, for the settings in the result; anything JSON can hold.
        workers: Who runs the episodes: so many processes, all cores when None, or an engine; 1 is this process.
            Neither episodes nor rates depend on it.
        kept: Episodes of this evaluation that ended before it was stopped; what ends now is kept there.
        observers: Told of each episode, with the success rate so far under "success_rate" and the bounds of its
            interval under "success_rate_low" and "success_rate_high".

    Returns:
        Rates, intervals and episodes.

    Raises:
        ValueError: There would be no worker, or the method cannot be sent to other processes.
        OSError: An episode could not be kept, or workers were killed again and again.
    """
    jobs = _jobs(config)
    found: dict[int, JudgedEpisode] = {}
    for number, job in enumerate(jobs):
        if kept is not None and (episode := kept.find(job.task, job.seed)) is not None:
            found[number] = episode
    if found:
        _report_episodes(observers, config.kind, found, len(jobs))
    missing = [number for number in range(len(jobs)) if number not in found]
    began = time.perf_counter() - max((judged.ended_s for judged in found.values()), default=0.0)
    ends = run_episodes(method, [jobs[number] for number in missing], image_size=image_size, workers=workers)
    with closing(ends):
        for position, judged in ends:
            timed = replace(judged, ended_s=time.perf_counter() - began)
            found[missing[position]] = timed
            if kept is not None:
                kept.keep(timed)
            _report_episodes(observers, config.kind, found, len(jobs))
    settings = {**(provenance or {}), "kind": config.kind, **without_default(asdict(config))}
    elapsed_s = time.perf_counter() - began
    judged_episodes = [found[number] for number in range(len(jobs))]
    return _summarise(judged_episodes, [job.task for job in jobs], elapsed_s=elapsed_s, settings=settings)


def _jobs(config: EvaluationConfig | SceneConfig) -> list[EpisodeJob]:
    """List all episodes, task after task."""
    shift = config.world()
    jobs: list[EpisodeJob] = []
    for task in config.tasks():
        video_seed, *layout_seeds = episode_seeds(task, seed=config.seed, n=1 + config.rollouts)
        jobs += [EpisodeJob(task, video_seed, seed, shift) for seed in layout_seeds]
    return jobs


def report_success(observers: Sequence[Observer], stage: str, *, n_successes: int, n_ended: int, total: int) -> None:
    """Tell observers how many of so many have ended, and how well: the success rate and the bounds of its interval."""
    low, high = wilson_interval(n_successes, n_ended)
    figures = {"success_rate": n_successes / n_ended, "success_rate_low": low, "success_rate_high": high}
    report(observers, Progress(stage, n_ended, total, figures))


def _report_episodes(observers: Sequence[Observer], kind: str, judged: Mapping[int, JudgedEpisode], total: int) -> None:
    """Tell observers of the episodes that have ended."""
    n_successes = sum(one.episode.success for one in judged.values())
    report_success(observers, kind, n_successes=n_successes, n_ended=len(judged), total=total)


def _summarise(
    judged: Sequence[JudgedEpisode],
    tasks: Sequence[envs.Assignment],
    *,
    elapsed_s: float,
    settings: dict[str, Any],
) -> Evaluation:
    """Count the episodes, each of which has its task."""
    episodes = [one.episode for one in judged]
    shown = [one.episode.completed_slot == one.shown_slot for one in judged if one.shown_slot is not None]
    # One for each task: whoever runs further rollouts of it may adapt once more, or not.
    of_tasks = {one.episode.task: one for one in reversed(judged)}
    adapt_times = [one.adapt_ms for one in of_tasks.values() if one.adapt_ms is not None]
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
        wrong_kind_rate=verdicts["wrong_kind"] / n,
        wrong_container_rate=verdicts["wrong_container"] / n,
        not_completed_rate=verdicts["not_completed"] / n,
        right_kind_rate=sum(e.behaviour == envs.manner_of(task) for e, task in zip(episodes, tasks, strict=True)) / n,
        chance_rate=float(np.mean([envs.chance_rate(task) for task in tasks])),
        success_of_manners=_success_of_manners(episodes, tasks),
        shown_target_rate=sum(shown) / len(shown) if shown else None,
        adapt_ms_median=float(np.median(adapt_times)) if adapt_times else None,
        step_ms_median=float(np.median([episode.step_ms for episode in episodes])),
        elapsed_s=elapsed_s,
        episodes=tuple(episodes),
        versions=versions(),
    )


def _success_of_manners(episodes: Sequence[Episode], tasks: Sequence[envs.Assignment]) -> dict[str, float]:
    """Return the success rate of each manner where there are several."""
    ends: dict[str, list[bool]] = {}
    for episode, task in zip(episodes, tasks, strict=True):
        if task.kind == envs.ONE_TABLE:
            ends.setdefault(envs.manner_of(task), []).append(episode.success)
    return {manner: sum(successes) / len(successes) for manner, successes in sorted(ends.items())}
