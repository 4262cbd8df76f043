"""Films that a policy can be shown: the human's, with its frames in another order, or the robot's own."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from daml import envs
from daml.demos import Frames, HumanDemo

Film = Callable[[envs.Shot], tuple[Frames, float] | tuple[Frames, float, NDArray[np.float32]]]
"""Films a task that is being done: returns frames, `(T, image_size, image_size, 3)`, and their rate in Hz; and, if that
is known, where the hand is in each: see `HumanDemo`."""

Order = Callable[[int, np.random.Generator], NDArray[np.intp]]
"""Returns the order of so many frames, `(T,)`."""


def film_human(shot: envs.Shot) -> tuple[Frames, float] | tuple[Frames, float, NDArray[np.float32]]:
    """Film the human as a prior is to learn from it: what people film, as it is handed on once it was read."""
    return envs.film_guided(shot) if shot.shift.as_people else envs.film_human(shot)


def reordered(order: Order) -> Film:
    """Return a film of the human whose frames come in another order, the same for every size and quality.

    Args:
        order: Chooses it, from random numbers of the film's seed.
    """
    return partial(_film_in_order, order)


def _film_in_order(order: Order, shot: envs.Shot) -> tuple[Frames, float]:
    frames, frame_rate_hz = envs.film_human(shot)
    return frames[order(len(frames), np.random.default_rng(shot.seed))], frame_rate_hz


def _shuffled(n_frames: int, rng: np.random.Generator) -> NDArray[np.intp]:
    return rng.permutation(n_frames)


def _backwards(n_frames: int, _rng: np.random.Generator) -> NDArray[np.intp]:
    return np.arange(n_frames)[::-1]


film_shuffled = reordered(_shuffled)
"""The human's film, its frames in random order: what was seen, without when."""

film_reversed = reordered(_backwards)
"""The human's film backwards: from done to not yet begun."""


def record_films(film: Film, shot: envs.Shot, *, seeds: Sequence[int]) -> list[HumanDemo]:
    """Film a task once for each seed.

    Args:
        film: Who is filmed.
        shot: What is filmed, and how; its own seed does not count.
        seeds: Seed of each film.

    Returns:
        One demonstration for each seed; the robot's film, too, is taken for a human's.
    """
    return [HumanDemo(*film(replace(shot, seed=seed))) for seed in seeds]
