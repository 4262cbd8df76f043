"""Pictures of scenes in which everything's place is known: what pretraining learns from."""

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

import envs


class Pictures(NamedTuple):
    """Two pictures of the scene of each of N tasks, with up to M things; see `envs.Picture`."""

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

    def take(self, chosen: Tensor) -> "Pictures":
        """Return the pictures of chosen tasks, `(n,)`."""
        return Pictures(*(value[chosen] for value in self))

    def flat(self, device: torch.device) -> "Pictures":
        """Return all pictures in one row, on a device: `(2 N, ...)`."""
        return Pictures(*(value.flatten(0, 1).to(device) for value in self))


def take_pictures(tasks: Sequence[envs.Task], *, image_size: int, seed: int, workers: int = 1) -> Pictures:
    """Picture the scene of each task twice, in layouts, looks and moments of their own.

    Args:
        tasks: Tasks.
        image_size: Height and width, in pixels.
        seed: Seed of layouts, looks, cameras and moments.
        workers: Processes; the pictures do not depend on it.
    """
    take = partial(_take_pair, image_size=image_size, seed=seed)
    if workers > 1:
        # Spawned, not forked: a GL context does not survive a fork.
        with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as executor:
            pairs = list(executor.map(take, tasks, chunksize=16))
    else:
        pairs = [take(task) for task in tasks]
    n_things = max(len(picture.classes) for pair in pairs for picture in pair)

    def stack(name: str, *, fill: float) -> Tensor:
        rows = [[_padded(getattr(picture, name), n_things, fill) for picture in pair] for pair in pairs]
        return torch.as_tensor(np.array(rows))

    return Pictures(
        images=torch.as_tensor(np.array([[picture.image for picture in pair] for pair in pairs])),
        centres=stack("centres", fill=0.0),
        classes=stack("classes", fill=-1),
        visible=stack("visible", fill=0),
        effector=torch.as_tensor(np.array([[picture.effector for picture in pair] for pair in pairs])),
    )


def _take_pair(task: envs.Task, *, image_size: int, seed: int) -> tuple[envs.Picture, envs.Picture]:
    """Take the two pictures of one task."""
    rng = np.random.default_rng((seed, envs.KINDS.index(task.kind), envs.SPLITS.index(task.split), task.index))
    first, second = (int(number) for number in rng.integers(2**31, size=2))
    return (
        envs.picture_scene(task, seed=first, image_size=image_size),
        envs.picture_scene(task, seed=second, image_size=image_size),
    )


def _padded(values: NDArray[Any], length: int, fill: float) -> NDArray[Any]:
    """Lengthen an array with a value."""
    padding = [(0, length - len(values)), *[(0, 0)] * (values.ndim - 1)]
    return np.pad(values, padding, constant_values=fill)
