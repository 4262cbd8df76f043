"""Evaluation of chains: one human video for each of several steps, adapt to each, act in one scene, count."""

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from daml import envs
from daml.chains.chain import ChainRun, run_chain
from daml.collection.demonstrations import environment
from daml.collection.films import film_human, record_films
from daml.deployment.adaptation import adapt
from daml.engines.engine import Workers, engine_of
from daml.envs.tasks.kinds import draw_objects
from daml.evaluation.episode_jobs import one_thread
from daml.evaluation.evaluation import report_success
from daml.evaluation.evaluation_config import EvaluationConfig, episode_seeds
from daml.evaluation.kept_episodes import KeptEpisodes
from daml.evaluation.statistics import wilson_interval
from daml.learners.learner import Learner
from daml.progress import Observer
from daml.storage.versions import versions


@dataclass(frozen=True)
class Chain:
    """Several steps in the scene of one task."""

    task: envs.Task
    """Whose things lie on the table."""
    slots: tuple[int, ...]
    """What is asked for in each step: another item and another destination each time."""
    video_seed: int
    """Seed of the film of the first step; each further one has the next."""
    seed: int
    """Episode seed."""


@dataclass(frozen=True)
class ChainEvaluation:
    """What came out; rates are shares of the chains."""

    settings: dict[str, Any]
    """What was evaluated, on what."""
    n_chains: int
    """Chains, one rollout each."""
    success_rate: float
    """All steps done."""
    interval: tuple[float, float]
    """95 % Wilson interval of that."""
    step_success_rates: tuple[float, ...]
    """For each step, the share of the chains in which it was done."""
    step_verdicts: tuple[dict[str, int], ...]
    """For each step, how often it ended how; `not_begun` where a step before it never came to an end."""
    rest_precision: float
    """Of the steps whose policy took them for done, the share that were."""
    chains: tuple[ChainRun, ...]
    """Every chain."""
    versions: dict[str, str]
    """What it was made with."""

    def to_json(self) -> dict[str, Any]:
        """Return what JSON holds of it."""
        return asdict(self)


def draw_chains(config: EvaluationConfig, *, n_steps: int) -> list[Chain]:
    """Draw what is asked for in each step: first what the task asks for, then other items to other destinations.

    Args:
        config: Tasks and seed. On the one table, tasks that begin with an item in the gripper are left out.
        n_steps: Steps of each chain.

    Raises:
        ValueError: The tasks' scenes have no room for so many steps.
    """
    chains = [_draw_chain(task, n_steps, config.seed) for task in config.tasks() if _begins_empty(task)]
    found = [chain for chain in chains if chain is not None]
    if not found:
        raise ValueError(
            f"steps: no task of {config.kind} has {n_steps} items for as many destinations; ask for fewer, or take "
            "--task pick-place or --task tabletop"
        )
    return found


def evaluate_chains(
    prior: Learner,
    config: EvaluationConfig,
    *,
    n_steps: int,
    workers: Workers = 1,
    kept: KeptEpisodes[ChainRun] | None = None,
    observers: Sequence[Observer] = (),
) -> ChainEvaluation:
    """Judge a prior on chains of steps. The same arguments give the same result.

    Args:
        prior: What is adapted to each step's film.
        config: Tasks, seed and world; one rollout of each task.
        n_steps: Steps of each chain.
        workers: Who runs the chains: so many processes, all cores when None, or an engine; 1 is this process.
        kept: Chains of this evaluation that ended before it was stopped; what ends now is kept there.
        observers: Told of each chain, with the success rate so far under "success_rate".

    Returns:
        Rates, and every chain.

    Raises:
        ValueError: The tasks' scenes have no room for so many steps.
        OSError: Workers were killed again and again.
    """
    chains = draw_chains(config, n_steps=n_steps)
    found: dict[int, ChainRun] = {}
    for number, chain in enumerate(chains):
        if kept is not None and (run := kept.find(chain.task, chain.seed)) is not None:
            found[number] = run
    missing = [number for number in range(len(chains)) if number not in found]
    runner = _ChainRunner(prior, config)
    with closing(
        engine_of(workers, n_jobs=len(missing)).run(runner, [chains[number] for number in missing])
    ) as results:
        for position, run in results:
            found[missing[position]] = run
            if kept is not None:
                kept.keep(run)
            report_chains(observers, f"{n_steps} steps", list(found.values()), n_steps=n_steps, total=len(chains))
    settings = {"kind": config.kind, "steps": n_steps, **asdict(config)}
    return counted([found[number] for number in range(len(chains))], settings=settings, n_steps=n_steps)


def report_chains(
    observers: Sequence[Observer], stage: str, runs: Sequence[ChainRun], *, n_steps: int, total: int
) -> None:
    """Tell observers how many chains have ended, and how often all steps were done."""
    n_done = sum(run.is_done(n_steps) for run in runs)
    report_success(observers, stage, n_successes=n_done, n_ended=len(runs), total=total)


def counted(runs: Sequence[ChainRun], *, settings: dict[str, Any], n_steps: int) -> ChainEvaluation:
    """Count what came of chains.

    Args:
        runs: Every chain as it went.
        settings: What was evaluated, on what.
        n_steps: Steps of each chain; fewer were begun where one did not come to its end.
    """
    rows = [run.steps for run in runs]
    n_done = sum(run.is_done(n_steps) for run in runs)
    resting = [step.success for steps in rows for step in steps if step.came_to_rest]
    return ChainEvaluation(
        settings=settings,
        n_chains=len(rows),
        success_rate=n_done / len(rows),
        interval=wilson_interval(n_done, len(rows)),
        step_success_rates=tuple(
            sum(len(steps) > number and steps[number].success for steps in rows) / len(rows)
            for number in range(n_steps)
        ),
        step_verdicts=tuple(
            dict(Counter(steps[number].verdict if len(steps) > number else "not_begun" for steps in rows))
            for number in range(n_steps)
        ),
        rest_precision=float(np.mean(resting)) if resting else 0.0,
        chains=tuple(runs),
        versions=versions(),
    )


def _begins_empty(task: envs.Task) -> bool:
    return envs.manner_of(task) != "place"


def _draw_chain(task: envs.Task, n_steps: int, seed: int) -> Chain | None:
    """Draw further steps; None where there are not enough items or destinations."""
    objects = draw_objects(task)
    slots = [envs.target_slot(task)]
    rng = np.random.default_rng(episode_seeds(task, seed=seed, n=1))
    while len(slots) < n_steps:
        done = [objects.choice(slot) for slot in slots]
        items, containers = {choice.item for choice in done}, {choice.container for choice in done}
        left = [
            slot
            for slot in range(objects.n_targets)
            if objects.choice(slot).item not in items and objects.choice(slot).container not in containers
        ]
        if not left:
            return None
        slots.append(left[int(rng.integers(len(left)))])
    return Chain(task, tuple(slots), *episode_seeds(task, seed=seed, n=2))


class _ChainRunner:
    """Films, adapts and runs one chain after another; sent to another process it begins without an environment."""

    def __init__(self, prior: Learner, config: EvaluationConfig) -> None:
        self._prior, self._config = prior, config

    def __call__(self, chain: Chain) -> ChainRun:
        size, shift = self._prior.config.image_size[0], self._config.world()
        shot = envs.Shot(chain.task, chain.video_seed, size, shift=shift)
        with one_thread():
            policies = [
                adapt(self._prior, record_films(film_human, replace(shot, target=slot), seeds=[video_seed]))
                for video_seed, slot in enumerate(chain.slots, start=chain.video_seed)
            ]
            env = environment(chain.task.kind, size)
            return run_chain(policies, env, task=chain.task, slots=chain.slots, seed=chain.seed, shift=shift)
