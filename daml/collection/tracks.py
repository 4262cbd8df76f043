"""Tracks: where rollouts showed an item, frame by frame, and where it truly was; a tracker learns from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import torch
import tyro
from numpy.typing import NDArray
from torch import Tensor

from daml import envs
from daml.collection.demonstrations import environment
from daml.collection.filming import PLAIN, Filming
from daml.collection.films import film_human, record_films
from daml.collection.seeds import Purpose, purpose_seeds
from daml.collection.task_pool import compute_missing
from daml.deployment.adaptation import adapt
from daml.engines.engine import Workers
from daml.learners.methods import read_worker_learner
from daml.policies.goal import Goal
from daml.policies.tensor_trees import concatenate, from_named, named_tensors, tensor_names
from daml.progress import Observer
from daml.storage.settings_check import check_least
from daml.storage.tensor_file import write_tensors

_PERSISTENCE = 0.85
"""Share of a disturbance that is left a step later: it carries an item's pusher aside for half a second."""


@dataclass(frozen=True)
class TrackConfig:
    """On what tasks policies are watched."""

    rounds: int = 2
    """Rounds in which the tracker learns; 0 for none: it then stays untrained and believes what every frame tells."""
    tasks: int = 300
    """Training tasks of each kind in a round, one rollout each."""
    first_task: int = 10_000
    """Index of the first: meta-training has seen none of them."""
    disturbance: float = 0.2
    """Largest standard deviation of what is added to the commanded velocity along x and y, as a fraction of its limit;
    each rollout draws its own, from 0 up. The more goes wrong, the more there is to learn from."""
    filming: Annotated[Filming, tyro.conf.Suppress] = PLAIN
    """What films and scenes look like: as the demonstrations'."""

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            ValueError: A number is too small.
        """
        check_least(self, {"rounds": 0, "tasks": 1, "first_task": 0, "disturbance": 0})


class Tracks(NamedTuple):
    """N rollouts of T frames."""

    observed: Goal
    """Goals as each frame alone shows them, SI units, fields `(N, T, ...)`."""
    states: Tensor
    """The robot's extended states, SI units, `(N, T, S)`."""
    places: Tensor
    """Where the item was, x and y in metres, `(N, T, 2)`."""


def take_tracks(
    folder: Path,
    prior: Path,
    kinds: Sequence[str],
    *,
    config: TrackConfig,
    number: int,
    seed: int,
    workers: Workers = None,
    observers: Sequence[Observer] = (),
) -> list[Tracks]:
    """Adapt a prior to a video of each of some training tasks, and watch what the policies do.

    Args:
        folder: Where the tracks are kept, a file for each task; what is there already is not watched again.
        prior: Folder of the prior.
        kinds: Kinds of task.
        config: Which tasks.
        number: Number of the round, from 0: each has tasks of its own.
        seed: Seed of videos, layouts and disturbances.
        workers: Who does the jobs: so many processes, all cores when None, or an engine. The
            tracks do not depend on it.
        observers: Told of each task whose track is there or has been recorded.

    Returns:
        The tracks of each kind, whose rollouts are as long as its episodes.

    Raises:
        OSError: The folder cannot be written, or a file is not in it any more.
    """
    first = config.first_task + number * config.tasks
    tasks = {kind: [envs.Task(kind, "train", first + i) for i in range(config.tasks)] for kind in kinds}
    paths = {task: _path(folder, task) for row in zip(*tasks.values(), strict=True) for task in row}
    job = partial(_keep_track, folder, prior, config.disturbance, seed, config.filming.shift())
    names = list(tensor_names(Tracks))
    rollouts = compute_missing(
        paths, job, names=names, stage=f"tracking {number + 1}", workers=workers, observers=observers
    )
    of_kinds = (rollouts[number :: len(tasks)] for number in range(len(tasks)))  # the kinds take turns
    columns = ([torch.stack(column) for column in zip(*rows, strict=True)] for rows in of_kinds)
    return [from_named(Tracks, dict(zip(names, tensors, strict=True))) for tensors in columns]


def _keep_track(folder: Path, prior: Path, disturbance: float, seed: int, shift: envs.Shift, task: envs.Task) -> int:
    """Run a policy on one task, and keep its track."""
    learner = read_worker_learner(prior)
    image_size = learner.config.image_size[0]
    film, layout, pushes = islice(purpose_seeds(Purpose.TRACK, task, seed=seed), 3)
    target = envs.target_slot(task)
    videos = record_films(film_human, envs.Shot(task, film, image_size, target, shift=shift), seeds=[film])
    policy = adapt(learner, videos)
    env = environment(task.kind, image_size)
    rng = np.random.default_rng(pushes)
    strength, drift = rng.uniform(0, disturbance), np.zeros(2)
    observation, info = env.reset(seed=layout, options={"task": task, "shift": shift})
    policy.reset()
    rows: list[tuple[Goal, Tensor, NDArray[np.float32]]] = []
    truncated = False
    while not truncated:
        action = policy.select_action(observation)
        rows.append((*policy.observed_goal(), envs.true_goal(info)[:2]))
        drift = _PERSISTENCE * drift + strength * np.sqrt(1 - _PERSISTENCE**2) * rng.normal(size=2)
        action[:2] = np.clip(action[:2] + drift, -1, 1)
        policy.note(action)
        observation, _, _, truncated, info = env.step(action)
    observed, states, places = zip(*rows, strict=True)
    tracks = Tracks(concatenate(observed), torch.cat(states), torch.as_tensor(np.stack(places)))
    write_tensors(_path(folder, task), named_tensors(tracks))
    return len(rows)


def _path(folder: Path, task: envs.Task) -> Path:
    return folder / f"{task.kind}-{task.index}.safetensors"
