"""Candidates: policies to judge, and methods that make one for each task; both can be sent to other processes."""

import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from daml import envs
from daml.collection.films import Film, film_human, record_films
from daml.deployment.adaptation import adapt
from daml.evaluation.episode import Actor
from daml.learners.learner import Learner


class Candidate(NamedTuple):
    """A policy to judge on one task."""

    policy: Actor
    """What acts."""
    shown_slot: int | None
    """Slot of the target in the video; None without a video."""
    adapt_ms: float | None
    """Time of the adaptation, in milliseconds; None when there was none."""


Method = Callable[[envs.Assignment, int], Candidate]
"""Makes the policy to judge on a task; the second argument is the seed of the task's video.

The same task and seed must give the same policy. Where several processes judge, the method is sent to each: it is no
lambda and no inner function then, but a function of a module, or `functools.partial` of one.
"""


def one_shot(prior: Learner, *, shots: int = 1, shift: envs.Shift = envs.UNSHIFTED, film: Film = film_human) -> Method:
    """Adapt to a video of the task, or to several (k-shot): the method itself."""
    return partial(_adapt_to_target, prior, shots=shots, shift=shift, film=film)


def fixed(policy: Actor, *, shown_slot: int | None = None, adapt_ms: float | None = None) -> Method:
    """Judge a policy as it is, for instance one that was adapted to somebody's video.

    Args:
        policy: What acts.
        shown_slot: Slot of the target in its video, where that is known.
        adapt_ms: Time of its adaptation, in milliseconds, where that was measured.
    """
    return partial(_as_it_is, Candidate(policy, shown_slot, adapt_ms))


def adapt_to_films(
    prior: Learner,
    task: envs.Assignment,
    seed: int,
    *,
    slot: int,
    shots: int,
    shift: envs.Shift,
    film: Film = film_human,
) -> Candidate:
    """Film a task done with some choice, once or more often, and adapt to the films.

    Args:
        prior: What is adapted.
        task: The task.
        seed: Seed of the first film; those of the others come from it.
        slot: Slot of the choice.
        shots: Number of films.
        shift: World that they are filmed in.
        film: What is filmed, and how.
    """
    seeds = [seed, *np.random.default_rng(seed).integers(2**31, size=shots - 1).tolist()]
    shot = envs.Shot(task, seed, prior.config.image_size[0], slot, shift=shift)
    demos = record_films(film, shot, seeds=seeds)
    began = time.perf_counter()
    policy = adapt(prior, demos)
    return Candidate(policy, slot, 1000 * (time.perf_counter() - began))


def _adapt_to_target(
    prior: Learner, task: envs.Assignment, seed: int, *, shots: int, shift: envs.Shift, film: Film
) -> Candidate:
    slot = envs.target_slot(task)
    return adapt_to_films(prior, task, seed, slot=slot, shots=shots, shift=shift, film=film)


def _as_it_is(candidate: Candidate, _task: envs.Assignment, _seed: int) -> Candidate:
    return candidate
