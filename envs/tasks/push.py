"""Pushing: slide the demonstrated one of two items into the goal zone, with a closed gripper."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from daml.envs.objects.items import draw_distinct, draw_pushed_item
from daml.envs.objects.task_objects import Objects
from daml.envs.objects.zones import Zone, draw_zone
from daml.envs.tasks.judging import AT_REST_SPEED, Judgement, Reading
from daml.envs.tasks.layout import MOST_ROUNDS, Layout, Rectangle, draw_start, scatter
from daml.envs.tasks.task import Task

N_ITEMS = 2
"""Items on the table; one of them is the target, so that chance is one in two."""

HORIZON = 80
"""Control steps of an episode: twice what the expert needs on average."""

ITEM_REGION: Rectangle = ((0.40, -0.19), (0.62, 0.19))
"""Rectangle that items are centred in: the gripper still fits behind them, whichever way they are pushed."""

ZONE_REGION: Rectangle = ((0.42, -0.15), (0.60, 0.15))
"""Rectangle that the zone is centred in."""

ITEM_GAP = 0.085
"""Least gap between the outlines of two items, in metres: the gripper passes between them."""

ZONE_GAP = 0.04
"""Least gap between the zone and an item's outline, in metres: nothing starts on the zone."""

PATH_GAP = 0.02
"""Least gap between an item and the path of the other one to the zone, in metres."""


@lru_cache(maxsize=256)
def draw_objects(task: Task) -> Objects:
    """Return the objects of a task: the same on every machine."""
    rng = task.generator()
    items = draw_distinct(draw_pushed_item, task.split, N_ITEMS, rng)
    return Objects(items, (), draw_zone(task.split, rng), int(rng.integers(N_ITEMS)))


def draw_layout(objects: Objects, rng: np.random.Generator) -> Layout:
    """Draw places for the zone, the items and the gripper; each item has a clear path to the zone.

    Raises:
        ValueError: There is no room for that.
    """
    zone = _zone(objects)
    reaches = np.array([zone.radius, *(item.reach for item in objects.items)])
    gaps = reaches[:, None] + reaches + ITEM_GAP
    gaps[0] = gaps[:, 0] = reaches[0] + reaches + ZONE_GAP
    for _ in range(MOST_ROUNDS):
        positions = scatter([ZONE_REGION, *[ITEM_REGION] * len(objects.items)], gaps, rng)
        if _paths_are_clear(positions[0], positions[1:], reaches[1:]):
            break
    else:
        raise ValueError(f"the table has no clear paths to the zone for {len(objects.items)} items; take fewer")
    return Layout(
        gripper=draw_start(np.zeros((0, 2)), np.zeros(0), rng),
        item_positions=positions[1:],
        item_yaws=rng.uniform(-np.pi, np.pi, len(objects.items)),
        zone_position=positions[0],
        zone_yaw=rng.uniform(-np.pi, np.pi),
    )


def judge(objects: Objects, layout: Layout, reading: Reading, *, target: int) -> Judgement:  # noqa: ARG001 - as every judge
    """Tell which item has been pushed into the zone: it lies wholly inside at rest, and no other one reaches in."""
    zone = _zone(objects)
    reaches = np.array([item.reach for item in objects.items])
    distances = np.linalg.norm(reading.item_positions[:, :2] - layout.zone_position, axis=1)
    inside = np.flatnonzero(distances + reaches < zone.radius)
    touching = np.flatnonzero(distances - reaches < zone.radius)
    done = len(inside) == len(touching) == 1 and reading.item_speeds[inside[0]] < AT_REST_SPEED
    return Judgement(int(inside[0]) if done else None, reading.handled_item())


def _paths_are_clear(zone: NDArray[np.float64], items: NDArray[np.float64], reaches: NDArray[np.float64]) -> bool:
    """Tell whether no item is in the way of another one to the zone."""
    for i, start in enumerate(items):
        path = zone - start
        for j, other in enumerate(items):
            if i != j:
                along = np.clip(np.dot(other - start, path) / np.dot(path, path), 0.0, 1.0)
                if np.linalg.norm(start + along * path - other) < reaches[i] + reaches[j] + PATH_GAP:
                    return False
    return True


def _zone(objects: Objects) -> Zone:
    """Return the zone, which every pushing task has."""
    if objects.zone is None:
        raise ValueError("a pushing task without a zone: its objects come from push.draw_objects")
    return objects.zone
