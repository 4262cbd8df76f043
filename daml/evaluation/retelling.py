"""Retelling: simulated people do in a scene what is to be imitated, and a prior adapts to films of that."""

import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from daml import envs
from daml.demos import HumanDemo
from daml.deployment.adaptation import adapt
from daml.deployment.adapted_policy import AdaptedPolicy
from daml.evaluation.first_looks import FirstLooks, look_first
from daml.learners.learner import Learner
from daml.progress import Observer, Progress, report

RETELLINGS = 4
"""Films of different people and layouts, one policy adapted to each. The one stays that most often takes the scene's
own target for its own at first looks."""

_SEED_STREAM = 20_261_130
"""Keeps the seeds of retold films apart from those of videos and layouts that are judged."""


class Retold(NamedTuple):
    """What came of retelling."""

    policy: AdaptedPolicy
    """The policy that stays."""
    adapt_ms: float
    """Time of an adaptation, in milliseconds."""
    looks: FirstLooks
    """What it takes for item and destination at first looks."""
    seed: int
    """Seed of the film that it adapted to."""


def adapt_to_retellings(
    prior: Learner, scene: envs.Scene, *, seed: int = 0, observers: Sequence[Observer] = ()
) -> Retold:
    """Let simulated people do what a scene asks for, adapt to each, and keep the policy that knows it best.

    Args:
        prior: What is adapted.
        scene: What lies on the table and what is to be done.
        seed: Seed of the films and of the layouts that are looked at.
        observers: Told of each film.

    Returns:
        The policy that stays, and what it takes for item and destination.
    """
    image_size, slot = prior.config.image_size[0], envs.target_slot(scene)
    entropy = (seed, _SEED_STREAM, envs.KINDS.index(scene.kind))
    seeds = [int(value) for value in np.random.default_rng(entropy).integers(2**31, size=RETELLINGS)]
    policies: list[AdaptedPolicy] = []
    adapt_s = 0.0
    for number, film_seed in enumerate(seeds):
        demo = HumanDemo(*envs.film_human(envs.Shot(scene, film_seed, image_size, slot)))
        began = time.perf_counter()
        policies.append(adapt(prior, demo))
        adapt_s += time.perf_counter() - began
        report(observers, Progress("adapting", number + 1, RETELLINGS))
    looks = look_first(policies, scene, seed=seed)
    target = scene.objects.choice(slot)
    best = int(np.argmax([seen.share(target.item, target.container) for seen in looks]))
    return Retold(policies[best], 1000 * adapt_s / RETELLINGS, looks[best], seeds[best])
