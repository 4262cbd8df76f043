"""Correction: adapted policies act, and the expert tells at every step what it would have done (DAgger).

A clone errs where its demonstrations never were. Here it goes there itself: it acts for some steps, the expert for
some, in turn, until the expert ends what is left. What the expert would have done is learned from throughout.

References:
    Ross et al. (2011), arXiv 1011.0686 (DAgger). Kelly et al. (2019), arXiv 1810.02890 (HG-DAgger: turns).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from daml import envs
from daml.collection.demonstrations import (
    STILL_SPEED,
    STILL_STEPS,
    create_or_join,
    environment,
    robot_demo,
    write_once,
)
from daml.collection.seeds import Purpose, purpose_seeds
from daml.collection.task_pool import run_tasks
from daml.demos import RobotDemo, StoredTask, TaskDemos, task_folder
from daml.deployment.adaptation import adapt
from daml.deployment.adapted_policy import AdaptedPolicy
from daml.engines.engine import Workers
from daml.learners.methods import read_learner, read_worker_learner
from daml.progress import Observer
from daml.storage.digest import digest
from daml.storage.folder_lock import only_writer
from daml.storage.settings_check import check_least

POLICY_STEPS, EXPERT_STEPS = (10, 40), (3, 12)
"""Range of the number of control steps that the policy acts, and the expert, in turn."""

_TURNS = 1
"""Number behind an episode's seed that turns are drawn with: with the seed alone the layout is drawn."""

LEARNING_STEPS, ENDING_STEPS = 80, 60
"""Steps in which both act in turn, and steps that the expert then has to end what is left."""


@dataclass(frozen=True)
class CorrectionConfig:
    """How often and on what a policy is corrected, and how it then learns on."""

    rounds: int = 2
    """Rounds of correction, each followed by meta-training on all there is then; 0 for none."""
    tasks: int = 500
    """Training tasks of each kind that are corrected in a round: those after the ones of the round before, and from the
    first on again when there are no more."""
    robots: int = 1
    """Robot clips of each of these tasks, each with another layout."""
    copies: int = 3
    """How many times as often a corrected task is drawn as one that the expert did alone."""
    steps: int = 3500
    """Meta-steps after each round."""
    meta_learning_rate: float = 2e-3
    """Peak of their schedule."""
    trunk_rate_share: float | None = None
    """Learning rate of the trunk in them, as a share of the others'; with more than 0 every step draws new clips.
    When not given, that of the steps before."""
    seed: int = 0
    """Seed of layouts, looks and turns."""

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            ValueError: A number is too small.
        """
        check_least(self, {"rounds": 0, "tasks": 1, "robots": 1, "copies": 1, "steps": 1, "seed": 0})
        check_least(self, {"trunk_rate_share": 0})


def correct(
    prior: Path,
    tasks: Sequence[StoredTask],
    output: str | Path,
    *,
    config: CorrectionConfig,
    number: int = 1,
    shift: envs.Shift = envs.UNSHIFTED,
    workers: Workers = None,
    observers: Sequence[Observer] = (),
) -> None:
    """Fill a dataset with corrected clips of tasks; those that are there already are kept.

    What is there of another prior, or of tasks with other demonstrations, is refused.

    Args:
        prior: Folder of the prior that is adapted to each task's human video.
        tasks: Tasks with their human videos, which are copied.
        output: Folder of the dataset.
        config: How many clips of how many tasks, from what seed.
        number: Number of the round, from 1.
        shift: World that policies act in: that of the demonstrations.
        workers: Who does the jobs: so many processes, all cores when None, or an engine.
        observers: Told of each task that is there or has been written.

    Raises:
        ValueError: There is no prior, or the folder holds clips of other settings, or of another prior or dataset; or
            the expert could not end a task whatever the seed.
        OSError: The folder cannot be written, or another process writes to it.
    """
    output = Path(output)
    learner = read_learner(prior)
    with only_writer(output):
        settings = {
            "round": number,
            "tasks": config.tasks,
            "robots": config.robots,
            "seed": config.seed,
            "prior": digest(replace(learner.config, provenance={}), tensors=list(learner.state_dict().values())),
            "demonstrations": digest([task.content_digest for task in tasks]),
        }
        create_or_join(output, settings=settings, image_size=learner.config.image_size)
        chosen = _chosen(tasks, config, number)
        missing = [
            task
            for task in chosen
            if not task_folder(output, kind=task.kind, split=task.split, index=task.index).exists()
        ]
        job = partial(_correct_task, config, number, prior, output, shift)
        stage, n_done = f"correcting {number}", len(chosen) - len(missing)
        run_tasks(job, missing, stage=stage, n_done=n_done, workers=workers, observers=observers)


def record_corrected(
    policy: AdaptedPolicy,
    task: envs.Task,
    *,
    seeds: Iterator[int],
    image_size: int,
    shift: envs.Shift = envs.UNSHIFTED,
) -> RobotDemo:
    """Let a policy and the expert act in turn.

    Args:
        policy: Adapted to a video of the task.
        task: What to do.
        seeds: Episode seeds: one in which the expert could not end what the policy began is passed over.
        image_size: Height and width of the frames, in pixels.
        shift: World that it acts in.

    Returns:
        A demonstration that ends in success; its actions are the expert's, whoever acted.

    Raises:
        ValueError: The expert could not end the task on any seed.
    """
    env = environment(task.kind, image_size)
    for seed in seeds:
        leads = _turns(np.random.default_rng((seed, _TURNS)))
        expert = envs.find_expert(task.kind)
        observation, info = env.reset(seed=seed, options={"task": task, "shift": shift})
        policy.reset()
        rows: list[tuple[Any, ...]] = []
        still = 0
        for policy_leads in leads:
            action, chosen = expert(info), policy.select_action(observation)
            if envs.manner_of(task) == "place":
                chosen[-1] = action[-1]  # nobody fetches what is let go beside the container
            executed = chosen if policy_leads else action
            policy.note(executed)
            rows.append((observation["image"], observation["state"], action, executed, envs.true_goal(info)))
            still = still + 1 if info["is_success"] and np.abs(action[:3]).max() < STILL_SPEED else 0
            if still == STILL_STEPS:
                return robot_demo(rows)
            observation, _, _, _, info = env.step(executed)
    raise ValueError(
        f"task {task}: the expert could not end what the policy began, on any seed it was given; train the prior for "
        "longer before it is corrected, or choose another seed of the correction"
    )


def _chosen(tasks: Sequence[StoredTask], config: CorrectionConfig, number: int) -> list[StoredTask]:
    """Choose the tasks of a round, of each kind as many: those after the ones of the round before, in a circle."""
    by_kind: dict[str, list[StoredTask]] = {}
    for task in tasks:
        by_kind.setdefault(task.kind, []).append(task)
    n = {kind: min(config.tasks, len(row)) for kind, row in by_kind.items()}
    return [
        row[((number - 1) * config.tasks + i) % len(row)]
        for i in range(config.tasks)
        for kind, row in by_kind.items()
        if i < n[kind]
    ]


def _turns(rng: np.random.Generator) -> list[bool]:
    """Draw, step by step, whether the policy acts."""
    leads: list[bool] = []
    while len(leads) < LEARNING_STEPS:
        leads += [True] * int(rng.integers(*POLICY_STEPS)) + [False] * int(rng.integers(*EXPERT_STEPS))
    return leads[:LEARNING_STEPS] + [False] * ENDING_STEPS


def _correct_task(
    config: CorrectionConfig, number: int, prior: Path, output: Path, shift: envs.Shift, stored: StoredTask
) -> int:
    """Record and write one task; return the number of its frames."""
    task, human = envs.Task(stored.kind, stored.split, stored.index), stored.human(0)
    policy = adapt(read_worker_learner(prior), human)
    robots = tuple(
        record_corrected(
            policy,
            task,
            seeds=islice(purpose_seeds(Purpose.CORRECTION, task, seed=config.seed, round_number=number, clip=clip), 20),
            image_size=human.frames.shape[1],
            shift=shift,
        )
        for clip in range(config.robots)
    )
    write_once(output, TaskDemos(kind=task.kind, split=task.split, index=task.index, humans=(human,), robots=robots))
    return sum(len(demo) for demo in robots)
