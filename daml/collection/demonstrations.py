"""Collection: simulated humans and scripted experts fill a dataset, on all cores, resumable task by task."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import tyro

from daml import envs
from daml.collection.filming import Filming, without_default
from daml.collection.films import film_human
from daml.collection.seeds import Role, collection_seeds
from daml.collection.task_pool import run_tasks
from daml.demos import DatasetInfo, HumanDemo, RobotDemo, TaskDemos, create_dataset, read_info, task_folder, write_task
from daml.demos.storage.dataset_info import DATASET_FILE
from daml.engines.engine import Engine, Workers, engine_of
from daml.progress import Observer
from daml.storage.folder_lock import only_writer
from daml.storage.settings_check import check_least
from daml.storage.versions import versions

ROBOT_FRAME_RATE_HZ = 10.0
"""Control rate of the environments."""

STILL_STEPS = 3
"""Steps recorded after the expert has come to rest, so that the clone learns to stay."""

STILL_SPEED = 0.05
"""Largest component of an expert's velocity action that counts as rest."""


@dataclass(frozen=True)
class CollectionConfig:
    """What is collected."""

    kinds: tuple[str, ...] = envs.KINDS
    """Task kinds."""
    train_tasks: int = 680
    """Training tasks of each kind."""
    validation_tasks: int = 0
    """Validation tasks of each kind, for uses of your own: `daml train` judges in simulation and reads none."""
    humans: int = 1
    """Human clips of each task."""
    robots: int = 2
    """Robot clips of each task, each with another layout."""
    image_size: int = 96
    """Height and width of the frames, in pixels."""
    noise: float = 0.15
    """Largest standard deviation of the noise on the expert's actions; each clip draws its own, from 0 up."""
    position_error: float = 0.03
    """Largest standard deviation of the error of where the expert believes things to be, in metres; likewise."""
    seed: int = 0
    """Seed of layouts, looks, hands and noise."""
    filming: Annotated[Filming, tyro.conf.arg(name="")] = field(default_factory=Filming)
    """What films and scenes look like."""

    def __post_init__(self) -> None:
        """Check the numbers and names.

        Raises:
            ValueError: A kind of task is unknown, or a number is too small.
        """
        for kind in self.kinds:
            envs.Task(kind, "train", 0)
        if not self.kinds:
            raise ValueError(f"kinds: expected at least one of {', '.join(envs.ALL_KINDS)}, got none")
        least = {"train_tasks": 0, "validation_tasks": 0, "humans": 1, "robots": 1, "image_size": 8}
        check_least(self, least | {"noise": 0, "position_error": 0, "seed": 0})


def collect(
    config: CollectionConfig, output: str | Path, *, workers: Workers = None, observers: Sequence[Observer] = ()
) -> None:
    """Fill a dataset; tasks that are there already are kept, so that a stopped collection goes on where it was.

    Args:
        config: What to collect. The same settings and seed give the same bytes, whatever the number of workers.
        output: Folder of the dataset.
        workers: Who does the jobs: so many processes, all cores when None, or an engine.
        observers: Told of each task that is there or has been written.

    Raises:
        ValueError: The folder holds a dataset of other settings, or there would be no worker, or the expert is so
            disturbed that it failed on a task whatever the seed.
        RuntimeError: The expert failed so without being disturbed.
        OSError: The folder cannot be written, or another process writes to it.
    """
    output, engine = Path(output), engine_of(workers)
    with only_writer(output):
        _collect(config, output, workers=engine, observers=observers)


def _collect(config: CollectionConfig, output: Path, *, workers: Engine, observers: Sequence[Observer]) -> None:
    """Fill a dataset that no other process writes to."""
    # The number of tasks may grow later: everything else decides what is in a task.
    settings = {name: value for name, value in without_default(asdict(config)).items() if not name.endswith("_tasks")}
    create_or_join(output, settings=settings, image_size=(config.image_size, config.image_size))
    tasks = list(_tasks(config))
    missing = [task for task in tasks if not _folder(output, task).exists()]
    job = partial(_collect_task, config, output)
    n_done = len(tasks) - len(missing)
    run_tasks(job, missing, stage="collecting", n_done=n_done, workers=workers, observers=observers)


def collect_human(
    task: envs.Task,
    *,
    seed: int,
    image_size: int,
    target: int | None = None,
    shift: envs.Shift = envs.UNSHIFTED,
) -> HumanDemo:
    """Film a simulated human.

    Args:
        task: What the human does.
        seed: Seed of layout, looks, camera, hand and movement.
        image_size: Height and width of the frames, in pixels.
        target: Slot of another target that the human chooses.
        shift: World that is filmed.

    Returns:
        The demonstration.

    Raises:
        ValueError: There is no such slot.
    """
    return film_human(envs.Shot(task, seed=seed, image_size=image_size, target=target, shift=shift))


def collect_robot(
    task: envs.Task,
    *,
    seeds: Iterator[int],
    image_size: int,
    noise: float,
    position_error: float = 0.0,
    shift: envs.Shift = envs.UNSHIFTED,
) -> RobotDemo:
    """Record the expert of a task, disturbed in what it does but not in what is recorded as its action.

    Args:
        task: What to do.
        seeds: Episode seeds: one that the disturbed expert fails on is passed over.
        image_size: Height and width of the frames, in pixels.
        noise: Largest standard deviation of the disturbance.
        position_error: Largest standard deviation of the error of where it believes things to be, in metres.
        shift: World that it acts in.

    Returns:
        A successful demonstration that ends shortly after the expert has come to rest.

    Raises:
        ValueError: The expert failed on every seed, and is disturbed.
        RuntimeError: It is not, and failed all the same.
    """
    env = environment(task.kind, image_size)
    for seed in seeds:
        rng = np.random.default_rng(seed)
        disturbance = envs.NoiseInjection(noise * rng.random(), rng)
        belief = envs.PositionError(position_error * rng.random(), rng)
        expert = envs.find_expert(task.kind)
        observation, info = env.reset(seed=seed, options={"task": task, "shift": shift})
        rows: list[tuple[Any, ...]] = []
        still, truncated = 0, False
        while still < STILL_STEPS and not truncated:
            action = expert(info)
            executed = action if info["is_success"] else disturbance.disturb(expert(belief.perturb(info)))
            rows.append((observation["image"], observation["state"], action, executed, envs.true_goal(info)))
            still = still + 1 if info["is_success"] and np.abs(action[:3]).max() < STILL_SPEED else 0
            observation, _, _, truncated, info = env.step(executed)
        if info["is_success"]:
            return robot_demo(rows)
    failure = f"task {task}: the expert failed on every seed it was given"
    if noise or position_error:
        raise ValueError(f"{failure}, disturbed by noise {noise} and position_error {position_error}; lower them")
    raise RuntimeError(failure)


def robot_demo(rows: Sequence[tuple[Any, ...]]) -> RobotDemo:
    """Make a demonstration of what was noted at each step: image, state, action to take and executed, goals."""
    frames, states, actions, executed, goals = (np.stack(column) for column in zip(*rows, strict=True))
    return RobotDemo(
        frames=frames,
        states=states,
        actions=actions,
        executed=executed,
        goals=goals,
        frame_rate_hz=ROBOT_FRAME_RATE_HZ,
    )


def _collect_task(config: CollectionConfig, output: Path, task: envs.Task) -> int:
    """Record and write one task; return the number of its frames."""
    shift = config.filming.shift()
    humans = tuple(
        collect_human(
            task,
            seed=next(collection_seeds(Role.HUMAN, task, seed=config.seed, clip=clip)),
            image_size=config.image_size,
            shift=shift,
        )
        for clip in range(config.humans)
    )
    robots = tuple(
        collect_robot(
            task,
            seeds=islice(collection_seeds(Role.ROBOT, task, seed=config.seed, clip=clip), 20),
            image_size=config.image_size,
            noise=config.noise,
            position_error=config.position_error,
            shift=shift,
        )
        for clip in range(config.robots)
    )
    write_once(output, TaskDemos(kind=task.kind, split=task.split, index=task.index, humans=humans, robots=robots))
    return sum(len(demo.frames) for demo in (*humans, *robots))


def write_once(output: Path, task: TaskDemos) -> None:
    """Write a task, unless a worker that was killed before it could say so had written the same."""
    with suppress(FileExistsError):
        write_task(output, task)


def _tasks(config: CollectionConfig) -> Iterator[envs.Task]:
    for split, count in (("validation", config.validation_tasks), ("train", config.train_tasks)):
        for index in range(count):
            # Kind after kind, so that a collection that is stopped has as many of each.
            yield from (envs.Task(kind, split, index) for kind in config.kinds)


def _folder(output: Path, task: envs.Task) -> Path:
    return task_folder(output, kind=task.kind, split=task.split, index=task.index)


@cache
def environment(kind: str, image_size: int) -> envs.TabletopEnv:
    """Return this process's environment."""
    return envs.TabletopEnv(kind, image_size=image_size)


def create_or_join(output: Path, *, settings: Mapping[str, Any], image_size: tuple[int, int]) -> None:
    """Create a dataset of simulated clips, or make sure that the one that is there has the same settings.

    Args:
        output: Folder of the dataset.
        settings: All that decides what is in a task.
        image_size: Height and width of the frames.

    Raises:
        ValueError: The folder holds a dataset of other settings.
        OSError: The folder cannot be written.
    """
    wanted: dict[str, Any] = json.loads(json.dumps(settings))  # tuples become lists, as in the file
    if (output / DATASET_FILE).exists():
        found = dict(read_info(output).provenance).get("settings")
        if found != wanted:
            raise ValueError(
                f"{output}: holds a dataset of other settings ({found}); expected {wanted}; choose another folder"
            )
        return
    create_dataset(
        output,
        DatasetInfo(
            image_size=image_size,
            human_frame_rate_hz=envs.HUMAN_FRAME_RATE_HZ,
            robot_frame_rate_hz=ROBOT_FRAME_RATE_HZ,
            provenance={"settings": wanted, "versions": versions()},
        ),
    )
