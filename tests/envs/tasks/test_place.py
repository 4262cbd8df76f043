"""Laws of placing: the layout and what counts as done."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from daml.envs.objects.containers import FLOOR_THICKNESS, MINIMUM_COLOUR_DIFFERENCE, colour_difference
from daml.envs.tasks.judging import AT_REST_SPEED, RELEASED_GAP, Reading
from daml.envs.tasks.place import CLEARANCE, N_CONTAINERS, WORKSPACE, draw_layout, draw_objects, judge
from daml.envs.tasks.task import SPLITS, Task

OBJECTS = draw_objects(Task("place", "train", 0))
ITEM = OBJECTS.items[0]
LAYOUT = draw_layout(OBJECTS, np.random.default_rng(0))


def lying_in(container: int | None) -> np.ndarray:
    """Return the item's centre, `(1, 3)`, on the floor of a container, or held over the first one."""
    place = LAYOUT.container_positions[container or 0]
    return np.array([[*place, 0.3 if container is None else FLOOR_THICKNESS + ITEM.half_extents[2]]])


@pytest.mark.parametrize("split", SPLITS)
def test_one_item_and_containers_that_can_be_told_apart(split: str):
    for index in range(100):
        objects = draw_objects(Task("place", split, index))
        assert len(objects.items) == 1
        assert len(objects.containers) == N_CONTAINERS
        assert objects.zone is None
        for first, second in itertools.combinations(objects.containers, 2):
            assert colour_difference(first, second) >= MINIMUM_COLOUR_DIFFERENCE


def test_a_layout_keeps_containers_apart_and_within_their_region():
    rng = np.random.default_rng(0)
    for index in range(60):
        objects = draw_objects(Task("place", SPLITS[index % 3], index))
        layout = draw_layout(objects, rng)
        for i, j in itertools.combinations(range(N_CONTAINERS), 2):
            distance = np.linalg.norm(layout.container_positions[i] - layout.container_positions[j])
            assert distance - objects.containers[i].reach() - objects.containers[j].reach() >= CLEARANCE
        assert (layout.container_positions >= WORKSPACE[0]).all()
        assert (layout.container_positions <= WORKSPACE[1]).all()
        # The gripper starts above every rim, with the item.
        assert layout.gripper[2] > max(container.height for container in objects.containers) + 0.05
        np.testing.assert_array_equal(layout.item_positions, layout.gripper[None, :2])


@pytest.mark.parametrize(
    ("held_by", "speed", "slack", "done"),
    [
        (1, 0.99 * AT_REST_SPEED, 1.01 * RELEASED_GAP, True),
        (1, 1.01 * AT_REST_SPEED, 1.01 * RELEASED_GAP, False),
        (1, 0.99 * AT_REST_SPEED, 0.99 * RELEASED_GAP, False),
        (0, 0.0, 0.04, True),
        (2, 0.0, 0.04, True),
        (None, 0.0, 0.04, False),
    ],
)
def test_done_means_in_a_container_at_rest_and_released(
    read: Callable[..., Reading], held_by: int | None, speed: float, slack: float, *, done: bool
):
    opening = 2 * ITEM.half_extents[1] + slack
    reading = read(OBJECTS, LAYOUT, item_positions=lying_in(held_by), item_speeds=np.array([speed]), opening=opening)
    for target in range(N_CONTAINERS):
        judgement = judge(OBJECTS, LAYOUT, reading, target=target)
        assert judgement.completed == (held_by if done else None)
        if held_by is not None:
            assert judgement.reached == held_by


def test_an_item_in_no_container_has_reached_the_nearest(read: Callable[..., Reading]):
    for slot, place in enumerate(LAYOUT.container_positions):
        reading = read(OBJECTS, LAYOUT, item_positions=np.array([[*place, 0.3]]))
        assert judge(OBJECTS, LAYOUT, reading, target=0).reached == slot
