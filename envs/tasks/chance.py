"""Chance: how often somebody is right who sees a scene, but no video of what is to be done."""

from collections import Counter
from collections.abc import Hashable, Iterable
from typing import NamedTuple

from daml.envs.tasks.description import Assignment
from daml.envs.tasks.kinds import draw_objects, manner_of


class Chances(NamedTuple):
    """Probabilities of the best guesses, each made for itself."""

    manner: float
    """Of how it is to be done."""
    item: float
    """Of the item."""
    destination: float
    """Of where it goes."""
    choice: float
    """Of all three."""


def chances(task: Assignment) -> Chances:
    """Return how often the best guesses about a scene are right: the manners are equally likely, then the choices."""
    objects = draw_objects(task)
    choices = [objects.choice(slot) for slot in range(objects.n_targets)]
    of_manner = Counter(choice.manner for choice in choices)
    weights = [1 / len(of_manner) / of_manner[choice.manner] for choice in choices]
    return Chances(
        manner=_best((choice.manner for choice in choices), weights),
        item=_best((choice.item for choice in choices), weights),
        destination=_best((choice.container for choice in choices), weights),
        choice=max(weights),
    )


def chance_rate(task: Assignment) -> float:
    """Return how often somebody succeeds who does the right kind of task with a choice at random."""
    objects = draw_objects(task)
    manners = [objects.choice(slot).manner or task.kind for slot in range(objects.n_targets)]
    return 1 / manners.count(manner_of(task))


def _best(answers: Iterable[Hashable], weights: Iterable[float]) -> float:
    """Return the probability of the likeliest answer."""
    totals: Counter[Hashable] = Counter()
    for answer, weight in zip(answers, weights, strict=True):
        totals[answer] += weight  # pyright: ignore[reportArgumentType] - a counter of probabilities
    return max(totals.values())
