"""Films that a policy can be shown: the human's, with its frames in another order, or the robot's own."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from daml import envs
from daml.demos import Frames, HumanDemo


class Film(Protocol):
    """Films a task that is being done."""

    def __call__(
        self,
        task: envs.Assignment,
        *,
        seed: int,
        image_size: int,
        target: int | None = None,
        quality: envs.RenderQuality = envs.POLICY_QUALITY,
        shift: envs.Shift = envs.UNSHIFTED,
    ) -> tuple[Frames, float]:
        """Return frames, `(T, image_size, image_size, 3)`, and their rate in Hz; see `envs.film_human`."""
        ...


Order = Callable[[int, np.random.Generator], NDArray[np.intp]]
"""Returns the order of so many frames, `(T,)`."""


def film_human(
    task: envs.Assignment,
    *,
    seed: int,
    image_size: int,
    target: int | None = None,
    quality: envs.RenderQuality = envs.POLICY_QUALITY,
    shift: envs.Shift = envs.UNSHIFTED,
) -> tuple[Frames, float]:
    """Film the simulated human: `envs.film_human`."""
    return envs.film_human(task, seed=seed, image_size=image_size, target=target, quality=quality, shift=shift)


def reordered(order: Order) -> Film:
    """Return a film of the human whose frames come in another order, the same for every size and look.

    Args:
        order: Chooses it, from random numbers of the film's seed.
    """

    def film(
        task: envs.Assignment,
        *,
        seed: int,
        image_size: int,
        target: int | None = None,
        quality: envs.RenderQuality = envs.POLICY_QUALITY,
        shift: envs.Shift = envs.UNSHIFTED,
    ) -> tuple[Frames, float]:
        frames, frame_rate_hz = film_human(
            task, seed=seed, image_size=image_size, target=target, quality=quality, shift=shift
        )
        return frames[order(len(frames), np.random.default_rng(seed))], frame_rate_hz

    return film


film_shuffled = reordered(lambda n_frames, rng: rng.permutation(n_frames))
"""The human's film, its frames in random order: what was seen, without when."""

film_reversed = reordered(lambda n_frames, _rng: np.arange(n_frames)[::-1])
"""The human's film backwards: from done to not yet begun."""


def record_films(
    film: Film, task: envs.Assignment, *, seeds: Sequence[int], image_size: int, target: int, shift: envs.Shift
) -> list[HumanDemo]:
    """Film a task once for each seed.

    Args:
        film: What is filmed, and how.
        task: The task.
        seeds: Seed of each film.
        image_size: Height and width of the films, in pixels.
        target: Slot of the choice that is carried out.
        shift: How the world, the human and the film differ from those of training.

    Returns:
        One demonstration for each seed; the robot's film, too, is taken for a human's.
    """
    films = [film(task, seed=seed, image_size=image_size, target=target, shift=shift) for seed in seeds]
    return [HumanDemo(frames=frames, frame_rate_hz=frame_rate_hz) for frames, frame_rate_hz in films]
