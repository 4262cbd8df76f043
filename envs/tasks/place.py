"""Placing: put the item that is already in the gripper into the demonstrated one of three containers."""

from functools import lru_cache

import numpy as np

from daml.envs.objects.containers import draw_containers
from daml.envs.objects.items import draw_item
from daml.envs.objects.task_objects import Objects
from daml.envs.tasks.judging import (
    AT_REST_SPEED,
    RELEASED_GAP,
    Judgement,
    Reading,
    container_holding,
    nearest_container,
)
from daml.envs.tasks.layout import Layout, Rectangle, draw_start, scatter
from daml.envs.tasks.task import Task

N_CONTAINERS = 3
"""Containers on the table; one of them is the target, so that chance is one in three."""

HORIZON = 36
"""Control steps of an episode: twice what the expert needs on average."""

WORKSPACE: Rectangle = ((0.40, -0.20), (0.66, 0.20))
"""Rectangle that containers are centred in: inside the camera's image and the arm's reach."""

CLEARANCE = 0.025
"""Least gap between the rims of two containers, in metres: wide enough for a finger."""


@lru_cache(maxsize=256)
def draw_objects(task: Task) -> Objects:
    """Return the objects of a task: the same on every machine."""
    rng = task.generator()
    containers = draw_containers(task.split, N_CONTAINERS, rng)
    return Objects((draw_item(task.split, rng),), containers, None, int(rng.integers(N_CONTAINERS)))


def draw_layout(objects: Objects, rng: np.random.Generator) -> Layout:
    """Draw places for the containers, apart from each other, and for the gripper with the item.

    Raises:
        ValueError: There is no room for all containers.
    """
    reaches = np.array([container.reach() for container in objects.containers])
    positions = scatter([WORKSPACE] * len(reaches), reaches[:, None] + reaches + CLEARANCE, rng)
    yaws = rng.uniform(-np.pi, np.pi, len(reaches))
    gripper = draw_start(positions, reaches, rng)
    return Layout(
        gripper=gripper,
        item_positions=gripper[None, :2],
        item_yaws=np.zeros(1),
        container_positions=positions,
        container_yaws=yaws,
    )


def judge(objects: Objects, layout: Layout, reading: Reading, *, target: int) -> Judgement:  # noqa: ARG001 - as every judge
    """Tell which container the item has been placed in: it lies there at rest, and the gripper has let go."""
    item, position = objects.items[0], reading.item_positions[0]
    held_by = container_holding(position, item, objects.containers, layout)
    released = reading.opening - 2 * item.half_extents[1] > RELEASED_GAP
    done = held_by is not None and reading.item_speeds[0] < AT_REST_SPEED and released
    return Judgement(held_by if done else None, nearest_container(position, layout) if held_by is None else held_by)
