"""Placing: put the item that is already in the gripper into the demonstrated one of three containers."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from envs.containers import Container, draw_containers
from envs.items import Item, draw_item
from envs.task import Task

N_CONTAINERS = 3
"""Containers on the table; one of them is the target, so that chance is one in three."""

WORKSPACE = ((0.40, -0.20), (0.66, 0.20))
"""Corners of the rectangle that containers are centred in, in metres: inside the camera's image and the arm's reach."""

CLEARANCE = 0.025
"""Least gap between the rims of two containers, in metres: wide enough for a finger."""

START_REGION = ((0.38, -0.16, 0.21), (0.50, 0.16, 0.28))
"""Corners of the box that the gripper starts in, in metres: where the arm hides no container from the camera."""

START_CLEARANCE = 0.04
"""Gap between the gripper's start and every rim, in metres: letting go at once puts the item in no container."""

_START_CANDIDATES = 64
"""Starts that are drawn; where none is clear of all containers, the one with the widest gap is taken."""

AT_REST_SPEED = 0.03
"""Speed under which an item counts as at rest, in m/s."""

RELEASED_GAP = 0.008
"""Least slack between item and fingers, in metres, for the item to count as released."""


@dataclass(frozen=True)
class PlaceObjects:
    """The objects of a placing task.

    Args:
        item: What is carried.
        containers: Where it may go.
        target: Slot of the container that it should go to.
    """

    item: Item
    containers: tuple[Container, ...]
    target: int


@dataclass(frozen=True)
class Layout:
    """Where things are at the start of an episode.

    Args:
        positions: Container centres on the table, `(N_CONTAINERS, 2)`, in metres.
        yaws: Turns of the containers about the vertical, `(N_CONTAINERS,)`, in radians.
        gripper: Position of the point between the fingertips, `(3,)`, in metres.
    """

    positions: NDArray[np.float64]
    yaws: NDArray[np.float64]
    gripper: NDArray[np.float64]


@lru_cache(maxsize=256)
def draw_objects(task: Task) -> PlaceObjects:
    """Return the objects of a task: the same on every machine."""
    rng = task.generator()
    containers = draw_containers(task.split, N_CONTAINERS, rng)
    return PlaceObjects(draw_item(task.split, rng), containers, int(rng.integers(N_CONTAINERS)))


def target_slot(task: Task) -> int:
    """Return the slot of a task's target."""
    return draw_objects(task).target


def n_targets(task: Task) -> int:
    """Return how many containers a task has."""
    return len(draw_objects(task).containers)


def draw_layout(containers: tuple[Container, ...], rng: np.random.Generator) -> Layout:
    """Draw places for the containers, apart from each other, and for the gripper.

    Args:
        containers: What needs a place, by slot.
        rng: Source of randomness.
    """
    reaches = [container.reach() for container in containers]
    while True:
        positions = rng.uniform(*WORKSPACE, size=(len(containers), 2))
        gaps = [
            np.linalg.norm(positions[i] - positions[j]) - reaches[i] - reaches[j]
            for i in range(len(containers))
            for j in range(i)
        ]
        if min(gaps) >= CLEARANCE:
            break
    return Layout(
        positions=positions,
        yaws=rng.uniform(-np.pi, np.pi, len(containers)),
        gripper=_draw_start(positions, np.array(reaches), rng),
    )


def _draw_start(
    positions: NDArray[np.float64], reaches: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draw where the gripper starts, `(3,)`: not over a container."""
    candidates = rng.uniform(*START_REGION, size=(_START_CANDIDATES, 3))
    distances = np.linalg.norm(candidates[:, None, :2] - positions, axis=2)  # (candidates, containers)
    gaps = (distances - reaches).min(axis=1)
    clear = np.flatnonzero(gaps >= START_CLEARANCE)
    return candidates[clear[0] if len(clear) else int(np.argmax(gaps))]


def container_holding(
    item_position: NDArray[np.float64], item: Item, containers: tuple[Container, ...], layout: Layout
) -> int | None:
    """Return the slot of the container that an item lies in, or None.

    Args:
        item_position: Centre of the item in the world, `(3,)`, in metres.
        item: The item.
        containers: The containers by slot.
        layout: Their places.

    Returns:
        The slot; only one can hold it, since the rims are apart.
    """
    for slot, container in enumerate(containers):
        offset = item_position[:2] - layout.positions[slot]
        cosine, sine = np.cos(layout.yaws[slot]), np.sin(layout.yaws[slot])
        local = np.array(
            [cosine * offset[0] + sine * offset[1], cosine * offset[1] - sine * offset[0], item_position[2]]
        )
        if container.contains(local, item.clearance):
            return slot
    return None


def completed_slot(*, held_by: int | None, speed: float, slack: float) -> int | None:
    """Return the slot of the container that the item has been placed in: at rest and released, else None.

    Args:
        held_by: Slot that the item lies in, as `container_holding` tells it.
        speed: Speed of the item, in m/s.
        slack: Opening of the gripper less the item's width, in metres.
    """
    return held_by if speed < AT_REST_SPEED and slack > RELEASED_GAP else None


def is_success(*, held_by: int | None, target: int, speed: float, slack: float) -> bool:
    """Tell whether the item has been placed in the right container: see `completed_slot`."""
    return completed_slot(held_by=held_by, speed=speed, slack=slack) == target
