"""The one table: carry, push or put down; which item, where to and how, the video alone says.

Whatever the task, the same sorts of things lie on the table, and every item can be carried to every destination and
pushed to every flat one. Carrying and pushing start alike. Placing starts with an item in the gripper.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from daml.envs.objects.containers import (
    FLAT_FAMILIES_OF_SPLIT,
    MINIMUM_COLOUR_DIFFERENCE,
    TALL_FAMILIES_OF_SPLIT,
    Container,
    colour_difference,
    draw_container,
)
from daml.envs.objects.items import draw_distinct, draw_table_item
from daml.envs.objects.task_objects import Objects, Target
from daml.envs.tasks.judging import (
    AT_REST_SPEED,
    DISPLACED,
    NO_BEHAVIOUR,
    RELEASED_GAP,
    Judgement,
    Reading,
    container_holding,
)
from daml.envs.tasks.layout import Layout
from daml.envs.tasks.table_layout import draw_table_layout
from daml.envs.tasks.task import Task

MANNERS = ("place", "push", "pick-place")
"""Ways of bringing an item to its destination, by the names of the kinds; tasks take turns by their index."""

N_ITEMS, N_FLAT, N_TALL = (2, 4), (1, 2), (1, 2)
"""Least and most items, flat destinations, and others: containers, and what an item is put upon."""

MOST_THINGS = 7
"""Most of all of them together: more leave no clear way for every push."""

WIDEST = 0.32
"""Largest sum of the radii of all destinations, in metres: four of the largest fill a table."""

MOST_TRIES = 1000
"""Destinations that are drawn before all of them are drawn anew, since those before leave no room."""

MOST_DISTRACTORS = 2
"""Most things on the table that no task is about: fewer where there is no room."""

HORIZON = 80
"""Control steps of an episode: twice what the expert needs on average."""

FREE_OF_GRIPPER = 0.06
"""Distance between gripper and item beyond which the item is not held whatever the opening, in metres."""

CARRIED = 0.05
"""Distance from its first place beyond which an item is on its way to the destination nearest to it, in metres."""


@lru_cache(maxsize=256)
def draw_objects(task: Task) -> Objects:
    """Return the objects of a task: the same on every machine.

    What lies on the table is drawn before what is to be done with it, and does not depend on that.
    """
    rng = task.generator()
    while True:
        n_items, n_flat, n_tall = (int(rng.integers(low, high + 1)) for low, high in (N_ITEMS, N_FLAT, N_TALL))
        if n_items + n_flat + n_tall <= MOST_THINGS:
            break
    containers = _draw_destinations(task.split, n_flat, n_tall, rng)
    items = draw_distinct(draw_table_item, task.split, n_items, rng)
    manner = MANNERS[task.index % len(MANNERS)]
    choices = _choices(n_items, containers, holds=manner == "place")
    possible = [slot for slot, choice in enumerate(choices) if choice.manner == manner]
    return Objects(items, containers, None, possible[int(rng.integers(len(possible)))], choices)


def starts_holding(objects: Objects) -> bool:
    """Tell whether the first item is in the gripper, or the hand, from the start."""
    return objects.choice(objects.target).manner == "place"


def draw_layout(objects: Objects, rng: np.random.Generator) -> Layout:
    """Draw places for destinations, items and gripper.

    Raises:
        ValueError: There is no room for all of that.
    """
    return draw_table_layout(objects, rng, n_held=int(starts_holding(objects)))


def judge(objects: Objects, layout: Layout, reading: Reading, *, target: int) -> Judgement:
    """Tell which item has been brought where, and how: it lies there at rest, and all others where they were.

    What was carried or put down has been released. An item counts as moved beyond `judging.DISPLACED` from where it was
    first. The destination reached is that which holds the item, else the nearest one that can be reached in this
    manner once the item is on its way, else the right one: none was chosen wrongly.
    """
    wanted = objects.choice(target)
    holds = wanted.manner == "place"
    number = 0 if holds else reading.handled_item()
    item, position = objects.items[number], reading.item_positions[number]
    manner = wanted.manner if holds or reading.behaviour == NO_BEHAVIOUR else reading.behaviour
    held_by = container_holding(position, item, objects.containers, layout)
    released = reading.opening - 2 * item.half_extents[1] > RELEASED_GAP or reading.distances[number] > FREE_OF_GRIPPER
    others_stay = np.delete(reading.displacements, number).max(initial=0.0) <= DISPLACED
    rests = reading.item_speeds[number] < AT_REST_SPEED and (released or manner == "push")
    slots = {choice.container: slot for slot, choice in enumerate(objects.choices) if _is(choice, number, manner)}
    completed = slots.get(held_by) if held_by is not None and rests and others_stay else None
    if reading.behaviour == NO_BEHAVIOUR and not holds:
        completed = None
    on_its_way = reading.displacements[number] > CARRIED
    if held_by in slots:
        reached = held_by
    elif on_its_way or wanted.container not in slots:
        reached = min(slots, key=lambda slot: float(np.linalg.norm(layout.container_positions[slot] - position[:2])))
    else:
        reached = wanted.container
    return Judgement(completed, slots[reached])


def _is(choice: Target, item: int, manner: str | None) -> bool:
    return choice.item == item and choice.manner == manner


def _draw_destinations(split: str, n_flat: int, n_tall: int, rng: np.random.Generator) -> tuple[Container, ...]:
    """Draw destinations that can be told apart by their colours, in any order."""
    families = [FLAT_FAMILIES_OF_SPLIT] * n_flat + [TALL_FAMILIES_OF_SPLIT] * n_tall
    while True:
        chosen: list[Container] = []
        for of_sort in (families[int(i)] for i in rng.permutation(len(families))):
            if (another := _draw_another(split, of_sort, chosen, rng)) is None:
                break
            chosen.append(another)
        else:
            return tuple(chosen)


def _draw_another(
    split: str, families: Mapping[str, tuple[str, ...]], chosen: Sequence[Container], rng: np.random.Generator
) -> Container | None:
    """Draw a destination that is told from others and fits beside them; None where they leave it no room."""
    for _ in range(MOST_TRIES):
        candidate = draw_container(split, rng, families=families)
        if candidate.sort == "marked":  # nothing but its edge is seen
            candidate = replace(candidate, floor_colour=candidate.wall_colour)
        fits = sum(container.reach() for container in (*chosen, candidate)) <= WIDEST
        if fits and all(colour_difference(candidate, other) >= MINIMUM_COLOUR_DIFFERENCE for other in chosen):
            return candidate
    return None


def _choices(n_items: int, containers: tuple[Container, ...], *, holds: bool) -> tuple[Target, ...]:
    """Return all that can be asked for: of the item that is held, or of every item in every manner."""
    flat = [slot for slot, container in enumerate(containers) if container.is_flat]
    everywhere = range(len(containers))
    if holds:
        return tuple(Target(0, slot, "place") for slot in everywhere)
    pushes = [Target(item, slot, "push") for item in range(n_items) for slot in flat]
    return (*pushes, *(Target(item, slot, "pick-place") for item in range(n_items) for slot in everywhere))
