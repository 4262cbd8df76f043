"""Laws of placing: the draw of a task, the layout and what counts as done."""

import itertools

import numpy as np
import pytest

from envs.containers import MINIMUM_COLOUR_DIFFERENCE, colour_difference
from envs.place import (
    AT_REST_SPEED,
    CLEARANCE,
    N_CONTAINERS,
    RELEASED_GAP,
    START_REGION,
    WORKSPACE,
    Layout,
    completed_slot,
    container_holding,
    draw_layout,
    draw_objects,
    is_success,
    n_targets,
    target_slot,
)
from envs.task import SPLITS, Task


def test_the_same_task_gives_the_same_objects():
    task = Task("place", "test", 5)
    first = draw_objects(task)
    draw_objects.cache_clear()
    assert draw_objects(task) == first
    assert draw_objects(Task("place", "test", 6)) != first
    assert draw_objects(Task("place", "train", 5)) != first


@pytest.mark.parametrize("split", SPLITS)
def test_containers_of_every_task_can_be_told_apart(split: str):
    for index in range(100):
        objects = draw_objects(Task("place", split, index))
        assert len(objects.containers) == N_CONTAINERS
        for first, second in itertools.combinations(objects.containers, 2):
            assert colour_difference(first, second) >= MINIMUM_COLOUR_DIFFERENCE


@pytest.mark.parametrize("split", SPLITS)
def test_every_slot_is_the_target_about_equally_often(split: str):
    tasks = [Task("place", split, index) for index in range(300)]
    counts = np.bincount([target_slot(task) for task in tasks], minlength=N_CONTAINERS)
    assert (counts > 70).all()
    assert {n_targets(task) for task in tasks} == {N_CONTAINERS}


def test_a_layout_keeps_containers_apart_and_everything_within_its_region():
    rng = np.random.default_rng(0)
    for index in range(60):
        containers = draw_objects(Task("place", "train", index)).containers
        layout = draw_layout(containers, rng)
        for i, j in itertools.combinations(range(N_CONTAINERS), 2):
            gap = np.linalg.norm(layout.positions[i] - layout.positions[j])
            assert gap - containers[i].reach() - containers[j].reach() >= CLEARANCE
        assert (layout.positions >= WORKSPACE[0]).all()
        assert (layout.positions <= WORKSPACE[1]).all()
        assert (layout.gripper >= START_REGION[0]).all()
        assert (layout.gripper <= START_REGION[1]).all()
        # The gripper starts above every rim.
        assert layout.gripper[2] > max(container.height for container in containers) + 0.05


def test_the_container_that_holds_an_item_is_found_wherever_it_stands():
    objects = draw_objects(Task("place", "train", 0))
    layout = draw_layout(objects.containers, np.random.default_rng(0))
    for slot, place in enumerate(layout.positions):
        on_the_floor = np.array([*place, 0.006 + objects.item.clearance])
        above = np.array([*place, 0.3])
        assert container_holding(on_the_floor, objects.item, objects.containers, layout) == slot
        assert container_holding(above, objects.item, objects.containers, layout) is None
    beside = np.array([WORKSPACE[1][0] + 0.3, WORKSPACE[1][1] + 0.3, 0.02])
    assert container_holding(beside, objects.item, objects.containers, layout) is None


def test_a_container_is_turned_by_its_yaw():
    containers = draw_objects(Task("place", "train", 0)).containers
    item = draw_objects(Task("place", "train", 0)).item
    for yaw in (0.0, 0.9, -2.0):
        layout = Layout(np.array([[0.5, 0.0], [5.0, 5.0], [9.0, 9.0]]), np.full(3, yaw), np.zeros(3))
        corner = containers[0].polygon()[0] @ np.array([[np.cos(yaw), np.sin(yaw)], [-np.sin(yaw), np.cos(yaw)]])
        for share, expected in ((0.97, 0), (1.4, None)):
            position = np.array([0.5 + share * corner[0], share * corner[1], 0.006 + item.clearance])
            assert container_holding(position, item, containers, layout) == expected


@pytest.mark.parametrize(
    ("held_by", "speed", "slack", "expected"),
    [
        (1, 0.99 * AT_REST_SPEED, 1.01 * RELEASED_GAP, True),
        (1, 1.01 * AT_REST_SPEED, 1.01 * RELEASED_GAP, False),
        (1, 0.99 * AT_REST_SPEED, 0.99 * RELEASED_GAP, False),
        (0, 0.0, 0.04, False),
        (None, 0.0, 0.04, False),
    ],
)
def test_done_means_in_the_right_container_at_rest_and_released(
    held_by: int | None, speed: float, slack: float, *, expected: bool
):
    assert is_success(held_by=held_by, target=1, speed=speed, slack=slack) is expected


def test_a_completed_placing_names_its_slot_right_or_wrong():
    for held_by in (0, 1, 2, None):
        assert completed_slot(held_by=held_by, speed=0.0, slack=0.04) == held_by
        assert completed_slot(held_by=held_by, speed=1.0, slack=0.04) is None
        assert completed_slot(held_by=held_by, speed=0.0, slack=0.0) is None
