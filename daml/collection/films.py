"""Films that a policy can be shown: the human's, with its frames in another order, or the robot's own."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from daml import envs
from daml.demos import HumanDemo

Film = Callable[[envs.Shot], HumanDemo]
"""Films a task that is being done."""

Order = Callable[[int, np.random.Generator], NDArray[np.intp]]
"""Returns the order of so many frames, `(T,)`."""


def film_human(shot: envs.Shot) -> HumanDemo:
    """Film the human as a policy is shown it: what people film as it is handed on once it was read."""
    return HumanDemo(*envs.film_guided(shot)) if shot.shift.as_people else HumanDemo(*envs.film_human(shot))


def film_robot(shot: envs.Shot) -> HumanDemo:
    """Film the robot doing the task itself; its film is taken for a human's."""
    return HumanDemo(*envs.film_robot(shot))


def reordered(order: Order) -> Film:
    """Return a film of the human whose frames come in another order, the same for every size and quality.

    Args:
        order: Chooses it, from random numbers of the film's seed.
    """
    return partial(_film_in_order, order)


def _film_in_order(order: Order, shot: envs.Shot) -> HumanDemo:
    demo = film_human(shot)
    places = order(len(demo), np.random.default_rng(shot.seed))
    return HumanDemo(demo.frames[places], demo.frame_rate_hz, demo.hand[places])


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
        One demonstration for each seed.
    """
    return [film(replace(shot, seed=seed)) for seed in seeds]
