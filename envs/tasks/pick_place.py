"""Pick and place: fetch the demonstrated one of two items and put it into the demonstrated one of two containers."""

from functools import lru_cache

import numpy as np

from daml.envs.objects.containers import draw_containers
from daml.envs.objects.items import draw_distinct, draw_item
from daml.envs.objects.task_objects import Objects
from daml.envs.tasks.judging import (
    AT_REST_SPEED,
    DISPLACED,
    RELEASED_GAP,
    Judgement,
    Reading,
    container_holding,
    nearest_container,
)
from daml.envs.tasks.layout import Layout, Rectangle, draw_start, scatter
from daml.envs.tasks.task import Task

N_ITEMS = 2
N_CONTAINERS = 2
"""Items and containers on the table: one of each is the target, so that chance is one in four."""

HORIZON = 80
"""Control steps of an episode: twice what the expert needs on average."""

CONTAINER_REGION: Rectangle = ((0.40, -0.21), (0.66, 0.21))
"""Rectangle that containers are centred in: inside the camera's image and the arm's reach."""

ITEM_REGION: Rectangle = ((0.40, -0.22), (0.67, 0.22))
"""Rectangle that items are centred in, likewise."""

CONTAINER_GAP = 0.02
"""Least gap between the rims of two containers, in metres."""

FINGER_GAP = 0.06
"""Least gap between an item's centre and a rim, in metres: half of what the open fingers span."""

ITEM_GAP = 0.10
"""Least distance between the centres of two items, in metres: the open fingers fit over one without the other."""

ITEM_TURN = 0.35
"""Largest turn of an item, in radians: the fingers close along y and take an item across its narrow side."""

FREE_OF_GRIPPER = 0.06
"""Distance between gripper and item beyond which the item is not held whatever the opening, in metres."""

CARRIED = 0.05
"""Distance from its first place beyond which an item counts as on its way to the container nearest to it, in metres."""


@lru_cache(maxsize=256)
def draw_objects(task: Task) -> Objects:
    """Return the objects of a task: the same on every machine."""
    rng = task.generator()
    containers = draw_containers(task.split, N_CONTAINERS, rng)
    items = draw_distinct(draw_item, task.split, N_ITEMS, rng)
    return Objects(items, containers, None, int(rng.integers(N_ITEMS * N_CONTAINERS)))


def draw_layout(objects: Objects, rng: np.random.Generator) -> Layout:
    """Draw places for containers, items and gripper: every item can be grasped where it lies.

    Raises:
        ValueError: There is no room for all of them.
    """
    reaches = np.array([container.reach() for container in objects.containers])
    n_containers, n_items = len(reaches), len(objects.items)
    gaps = np.full((n_containers + n_items, n_containers + n_items), ITEM_GAP)
    gaps[:n_containers, :n_containers] = reaches[:, None] + reaches + CONTAINER_GAP
    gaps[n_containers:, :n_containers] = reaches + FINGER_GAP
    gaps[:n_containers, n_containers:] = reaches[:, None] + FINGER_GAP
    positions = scatter([CONTAINER_REGION] * n_containers + [ITEM_REGION] * n_items, gaps, rng)
    return Layout(
        gripper=draw_start(positions[:n_containers], reaches, rng),
        item_positions=positions[n_containers:],
        item_yaws=rng.uniform(-ITEM_TURN, ITEM_TURN, n_items),
        container_positions=positions[:n_containers],
        container_yaws=rng.uniform(-np.pi, np.pi, n_containers),
    )


def judge(objects: Objects, layout: Layout, reading: Reading, *, target: int) -> Judgement:
    """Tell which item has been put where: it lies in a container at rest, released, and the other one was not moved.

    An item counts as moved beyond `judging.DISPLACED` from where it was first. The container reached is that which
    holds the item, else the one nearest to it once it has been carried, else the right one: none was chosen wrongly.
    """
    number = reading.handled_item()
    item, position = objects.items[number], reading.item_positions[number]
    held_by = container_holding(position, item, objects.containers, layout)
    released = reading.opening - 2 * item.half_extents[1] > RELEASED_GAP or reading.distances[number] > FREE_OF_GRIPPER
    others_stay = np.delete(reading.displacements, number).max(initial=0.0) <= DISPLACED
    done = held_by is not None and reading.item_speeds[number] < AT_REST_SPEED and released and others_stay
    if held_by is None:
        moved = reading.displacements[number] > CARRIED
        held_by = nearest_container(position, layout) if moved else objects.choice(target).container
    return Judgement(objects.slot(number, held_by) if done else None, objects.slot(number, held_by))
