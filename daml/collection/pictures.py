"""Pictures of scenes in which everything's place is known: what pretraining learns from."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from daml import envs
from daml.collection.task_pool import compute_missing
from daml.engines.engine import Workers
from daml.progress import Observer
from daml.storage.digest import digest
from daml.storage.tensor_file import write_tensors


class Pictures(NamedTuple):
    """Two pictures of the scene of each of N tasks, with up to M things; see `envs.Picture`.

    The first shows a human, as films do, and the second the robot: what one shows is to be found in the other.
    """

    images: Tensor
    """RGB uint8, `(N, 2, H, W, 3)`."""
    centres: Tensor
    """Middles of the things, x and y in [-1, 1], `(N, 2, M, 2)`."""
    classes: Tensor
    """Class of each thing, -1 where there are fewer, `(N, 2, M)`."""
    visible: Tensor
    """Whether each thing is seen, `(N, 2, M)`."""
    effector: Tensor
    """Where the effector is; may be outside, `(N, 2, 2)`."""

    def flat(self, device: torch.device) -> "Pictures":
        """Return all pictures in one row, on a device: `(2 N, ...)`."""
        return Pictures(*(value.flatten(0, 1).to(device) for value in self))


def take_pictures(
    folder: Path,
    tasks: Sequence[envs.Task],
    *,
    image_size: int,
    seed: int,
    shift: envs.Shift = envs.UNSHIFTED,
    workers: Workers = None,
    observers: Sequence[Observer] = (),
) -> Pictures:
    """Picture the scene of each task with a human and with the robot, in layouts, looks and times of their own.

    Args:
        folder: Where the pictures are kept, a file for each task; what is there already is not taken again.
        tasks: Tasks.
        image_size: Height and width, in pixels.
        seed: Seed of layouts, looks, cameras and times.
        shift: World that is pictured.
        workers: Who does the jobs: so many processes, all cores when None, or an engine. The
            pictures do not depend on it.
        observers: Told of each task whose pictures are there or have been taken.

    Raises:
        OSError: The folder cannot be written, or a picture is not in it any more.
    """
    plain = shift is envs.UNSHIFTED
    world = "" if plain else f"-{digest(shift.name, repr(shift.assets))}"
    kept = folder / f"{image_size}-px-pairs-seed-{seed}{world}"
    paths = {task: _path(kept, task) for task in tasks}
    job = partial(_keep_pair, kept, image_size=image_size, seed=seed, shift=shift)
    pairs = compute_missing(paths, job, names=Pictures._fields, stage="pictures", workers=workers, observers=observers)
    values = zip(*pairs, strict=True)
    return Pictures(*(_stack(each, fill=fill) for each, fill in zip(values, (0, 0, -1, 0, 0), strict=True)))


def _keep_pair(folder: Path, task: envs.Task, *, image_size: int, seed: int, shift: envs.Shift) -> int:
    """Take the two pictures of one task and keep them."""
    rng = np.random.default_rng((seed, envs.ALL_KINDS.index(task.kind), envs.SPLITS.index(task.split), task.index))
    pictures = [
        envs.picture_scene(task, seed=int(number), shows_human=shows_human, image_size=image_size, shift=shift)
        for number, shows_human in zip(rng.integers(2**31, size=2), (True, False), strict=True)
    ]
    names = {"images": "image"}
    values = {
        name: torch.as_tensor(np.stack([getattr(picture, names.get(name, name)) for picture in pictures]))
        for name in Pictures._fields
    }
    write_tensors(_path(folder, task), values)
    return len(pictures)


def _path(folder: Path, task: envs.Task) -> Path:
    return folder / f"{task.kind}-{task.split}-{task.index}.safetensors"


def _stack(values: Sequence[Tensor], *, fill: int) -> Tensor:
    """Stack tensors, `(2, M, ...)`, lengthened to the largest M of them with a value."""
    longest = max(value.size(1) for value in values)
    stacked = values[0].new_full((len(values), 2, longest, *values[0].shape[2:]), fill)
    for row, value in zip(stacked, values, strict=True):
        row[:, : value.size(1)] = value
    return stacked
