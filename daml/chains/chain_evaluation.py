"""Evaluation of chains: one human video for each of several steps, adapt to each, act in one scene, count."""

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from daml import envs
from daml.chains.chain import ChainedStep, run_chain
from daml.collection.demonstrations import environment
from daml.collection.films import film_human, record_films
from daml.deployment.adaptation import adapt
from daml.engines.engine import Workers, engine_of
from daml.envs.tasks.kinds import draw_objects
from daml.evaluation.episode_jobs import one_thread
from daml.evaluation.evaluation_config import EvaluationConfig, episode_seeds
from daml.evaluation.statistics import wilson_interval
from daml.learners.learner import Learner
from daml.progress import Observer, Progress, report
from daml.storage.versions import versions


@dataclass(frozen=True)
class Chain:
    """Several steps in the scene of one task."""

    task: envs.Task
    """Whose things lie on the table."""
    slots: tuple[int, ...]
    """What is asked for in each step: another item and another destination each time."""


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
    chains: tuple[tuple[str, tuple[ChainedStep, ...]], ...]
    """Every chain: the task, and its steps."""
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
    observers: Sequence[Observer] = (),
) -> ChainEvaluation:
    """Judge a prior on chains of steps. The same arguments give the same result.

    Args:
        prior: What is adapted to each step's film.
        config: Tasks, seed and world; one rollout of each task.
        n_steps: Steps of each chain.
        workers: Who runs the chains: so many processes, all cores when None, or an engine; 1 is this process.
        observers: Told of each chain, with the success rate so far under "success_rate".

    Returns:
        Rates, and every chain.

    Raises:
        ValueError: The tasks' scenes have no room for so many steps.
        OSError: Workers were killed again and again.
    """
    chains = draw_chains(config, n_steps=n_steps)
    ended: dict[int, tuple[ChainedStep, ...]] = {}
    with closing(engine_of(workers, n_jobs=len(chains)).run(_ChainRunner(prior, config), chains)) as runs:
        for number, steps in runs:
            ended[number] = steps
            n_done = sum(is_done(each, n_steps) for each in ended.values())
            figures = {"success_rate": n_done / len(ended)}
            report(observers, Progress(f"{n_steps} steps", len(ended), len(chains), figures))
    rows = [(str(chain.task), ended[number]) for number, chain in enumerate(chains)]
    return counted(rows, settings={"kind": config.kind, "steps": n_steps, **asdict(config)}, n_steps=n_steps)


def counted(
    chains: Sequence[tuple[str, tuple[ChainedStep, ...]]], *, settings: dict[str, Any], n_steps: int
) -> ChainEvaluation:
    """Count what came of chains.

    Args:
        chains: The task, and its steps as they went, of every chain.
        settings: What was evaluated, on what.
        n_steps: Steps of each chain; fewer were begun where one did not come to its end.
    """
    rows = [steps for _, steps in chains]
    n_done = sum(is_done(steps, n_steps) for steps in rows)
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
        chains=tuple(chains),
        versions=versions(),
    )


def is_done(steps: Sequence[ChainedStep], n_steps: int) -> bool:
    """Tell whether all steps of a chain were done."""
    return len(steps) == n_steps and all(step.success for step in steps)


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
    return Chain(task, tuple(slots))


class _ChainRunner:
    """Films, adapts and runs one chain after another; sent to another process it begins without an environment."""

    def __init__(self, prior: Learner, config: EvaluationConfig) -> None:
        self._prior, self._config = prior, config

    def __call__(self, chain: Chain) -> tuple[ChainedStep, ...]:
        size, shift = self._prior.config.image_size[0], self._config.world()
        video_seed, layout_seed = episode_seeds(chain.task, seed=self._config.seed, n=2)
        shot = envs.Shot(chain.task, video_seed, size, shift=shift)
        with one_thread():
            policies = [
                adapt(self._prior, record_films(film_human, replace(shot, target=slot), seeds=[video_seed + number]))
                for number, slot in enumerate(chain.slots)
            ]
            env = environment(chain.task.kind, size)
            return run_chain(policies, env, task=chain.task, slots=chain.slots, seed=layout_seed, shift=shift)
