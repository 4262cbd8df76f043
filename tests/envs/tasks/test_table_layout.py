"""Laws of the layouts of the one table."""

import numpy as np
import pytest

from daml import envs
from daml.envs.objects.items import draw_table_item
from daml.envs.objects.task_objects import Objects
from daml.envs.tasks import table_layout
from daml.envs.tasks.kinds import draw_objects
from daml.envs.tasks.table_layout import (
    FLAT_GAP,
    GRIPPER_REGION,
    ITEM_GAP,
    PATH_GAP,
    distance_to_way,
    draw_table_layout,
    pushing_ways,
)

TASKS = [envs.Task("tabletop", split, index) for split in envs.SPLITS for index in range(6)]


def test_the_distance_to_a_way_is_that_to_its_nearest_point():
    start, end = np.array([0.0, 0.0]), np.array([1.0, 0.0])
    points = np.array([[0.5, 0.2], [-0.3, 0.4], [1.3, 0.4]])
    np.testing.assert_allclose(distance_to_way(points, start, end), (0.2, 0.5, 0.5))


@pytest.mark.parametrize("task", TASKS, ids=str)
def test_every_item_can_be_pushed_to_every_flat_destination_and_grasped(task: envs.Task):
    objects = draw_objects(task)
    layout = draw_table_layout(objects, np.random.default_rng(task.index), n_held=0)
    flats = np.array(
        [place for place, one in zip(layout.container_positions, objects.containers, strict=True) if one.is_flat]
    )
    reaches = [item.reach for item in objects.items]
    for number, (place, reach) in enumerate(zip(layout.item_positions, reaches, strict=True)):
        starts = pushing_ways(place, reach, flats)
        assert np.all((starts >= GRIPPER_REGION[0]) & (starts <= GRIPPER_REGION[1]))
        for other, other_reach in zip(layout.item_positions, reaches, strict=True):
            if other is not place and not np.array_equal(other, place):
                assert np.linalg.norm(place - other) >= ITEM_GAP
                assert distance_to_way(other, starts, flats).min() >= reach + other_reach + PATH_GAP
        for slot, container in enumerate(objects.containers):
            distance = np.linalg.norm(place - layout.container_positions[slot])
            assert distance >= container.reach() + (reach if container.is_flat else 0.0) + FLAT_GAP
            if not container.is_flat:
                ways = distance_to_way(layout.container_positions[slot], starts, flats)
                assert ways.min() >= container.reach() + reach + PATH_GAP, number


def test_a_layout_does_not_depend_on_what_is_asked_for():
    objects = draw_objects(envs.Task("tabletop", "train", 1))
    first, *others = (
        draw_table_layout(
            Objects(objects.items, objects.containers, None, slot, objects.choices), np.random.default_rng(5), n_held=0
        )
        for slot in range(objects.n_targets)
    )
    for other in others:
        np.testing.assert_array_equal(first.item_positions, other.item_positions)
        np.testing.assert_array_equal(first.container_positions, other.container_positions)
        np.testing.assert_array_equal(first.gripper, other.gripper)


def test_too_much_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(table_layout, "MOST_ROUNDS", 5)
    objects = draw_objects(envs.Task("tabletop", "train", 1))
    many = tuple(draw_table_item("train", np.random.default_rng(seed)) for seed in range(30))
    crowded = Objects(many, objects.containers, None, 0, objects.choices)
    with pytest.raises(ValueError, match="no room to carry and push"):
        draw_table_layout(crowded, np.random.default_rng(0), n_held=0)


def test_a_table_that_is_too_full_for_wide_ways_gets_narrower_ones():
    objects = draw_objects(envs.Task("tabletop", "train", 1559))
    layout = draw_table_layout(objects, np.random.default_rng(1559), n_held=0)
    assert len(layout.item_positions) + len(layout.container_positions) == 7
