"""Laws of pushing: the layout and what counts as done."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from daml.envs.objects.items import MINIMUM_COLOUR_DIFFERENCE
from daml.envs.objects.task_objects import Objects
from daml.envs.objects.zones import OVAL_ASPECT
from daml.envs.tasks.judging import AT_REST_SPEED, DISPLACED, Reading
from daml.envs.tasks.layout import Layout
from daml.envs.tasks.push import (
    ITEM_GAP,
    ITEM_REGION,
    N_ITEMS,
    PATH_GAP,
    ZONE_GAP,
    ZONE_REGION,
    draw_layout,
    draw_objects,
    judge,
)
from daml.envs.tasks.task import SPLITS, Task

OBJECTS = draw_objects(Task("push", "train", 0))
REACHES = [item.reach for item in OBJECTS.items]
LAYOUT = draw_layout(OBJECTS, np.random.default_rng(0))
JUST = 1e-4
FAR = 0.5


def scenes(count: int) -> list[tuple[Objects, Layout]]:
    rng = np.random.default_rng(0)
    tasks = [draw_objects(Task("push", SPLITS[index % 3], index)) for index in range(count)]
    return [(objects, draw_layout(objects, rng)) for objects in tasks]


@pytest.mark.parametrize("split", SPLITS)
def test_a_zone_and_items_that_can_be_told_apart(split: str):
    for index in range(100):
        objects = draw_objects(Task("push", split, index))
        first, second = objects.items
        assert objects.zone is not None
        assert objects.containers == ()
        assert first.is_pushed
        assert second.is_pushed
        assert np.linalg.norm(np.subtract(first.colour, second.colour)) >= MINIMUM_COLOUR_DIFFERENCE


def test_everything_lies_in_its_region_and_the_gripper_passes_between_items():
    for objects, layout in scenes(60):
        assert (layout.zone_position >= ZONE_REGION[0]).all()
        assert (layout.zone_position <= ZONE_REGION[1]).all()
        assert (layout.item_positions >= ITEM_REGION[0]).all()
        assert (layout.item_positions <= ITEM_REGION[1]).all()
        reaches = [item.reach for item in objects.items]
        assert np.linalg.norm(np.subtract(*layout.item_positions)) - sum(reaches) >= ITEM_GAP


def test_no_item_starts_in_the_zone():
    for objects, layout in scenes(60):
        assert objects.zone is not None
        for item, place in zip(objects.items, layout.item_positions, strict=True):
            gap = np.linalg.norm(place - layout.zone_position) - objects.zone.radius - item.reach
            assert gap >= ZONE_GAP


def test_no_item_starts_on_the_mark_of_the_zone():
    for objects, layout in scenes(300):
        assert objects.zone is not None
        cosine, sine = np.cos(layout.zone_yaw), np.sin(layout.zone_yaw)
        for item, place in zip(objects.items, layout.item_positions, strict=True):
            offset = np.array([[cosine, sine], [-sine, cosine]]) @ (place - layout.zone_position)
            if objects.zone.shape == "square":
                distance = np.linalg.norm(np.maximum(np.abs(offset) - objects.zone.radius, 0.0))
            else:
                longest = OVAL_ASPECT if objects.zone.shape == "oval" else 1.0
                distance = np.linalg.norm(offset) - longest * objects.zone.radius
            assert distance > item.reach


def test_no_item_is_in_the_way_of_another_to_the_zone():
    for objects, layout in scenes(60):
        for mover in range(N_ITEMS):
            other = 1 - mover
            reaches = objects.items[mover].reach + objects.items[other].reach
            for share in np.linspace(0.0, 1.0, 50):
                place = (1 - share) * layout.item_positions[mover] + share * layout.zone_position
                assert np.linalg.norm(place - layout.item_positions[other]) >= reaches + PATH_GAP - 1e-9


def lying(distances: Sequence[float]) -> np.ndarray:
    """Return the items' centres, `(2, 3)`, at distances from the zone's middle, on opposite sides of it."""
    places = [
        LAYOUT.zone_position + side * np.array([distance, 0.0])
        for side, distance in zip((1, -1), distances, strict=True)
    ]
    return np.array([[*place, item.half_extents[2]] for place, item in zip(places, OBJECTS.items, strict=True)])


def inside(slot: int) -> float:
    """Return the distance from the middle at which an item only just lies inside."""
    assert OBJECTS.zone is not None
    return OBJECTS.zone.radius - REACHES[slot] - JUST


def outside(slot: int) -> float:
    """Return the distance from the middle at which an item only just does not touch the zone."""
    assert OBJECTS.zone is not None
    return OBJECTS.zone.radius + REACHES[slot] + JUST


@pytest.mark.parametrize(
    ("distances", "completed"),
    [
        ((inside(0), FAR), 0),
        ((inside(0) + 2 * JUST, FAR), None),
        ((FAR, inside(1)), 1),
        ((FAR, inside(1) + 2 * JUST), None),
        ((FAR, FAR), None),
        ((inside(0), outside(1)), 0),
        ((inside(0), outside(1) - 2 * JUST), None),
        ((outside(0), inside(1)), 1),
        ((outside(0) - 2 * JUST, inside(1)), None),
        ((inside(0), inside(1)), None),
    ],
)
def test_done_means_that_one_item_lies_wholly_inside_and_no_other_touches_the_zone(
    read: Callable[..., Reading], distances: tuple[float, float], completed: int | None
):
    for target in range(N_ITEMS):
        reading = read(OBJECTS, LAYOUT, item_positions=lying(distances), displacements=np.full(2, 0.1))
        assert judge(OBJECTS, LAYOUT, reading, target=target).completed == completed


@pytest.mark.parametrize(("speeds", "completed"), [((0.99, 0.0), 0), ((1.01, 0.0), None), ((0.99, 5.0), 0)])
def test_done_means_that_the_item_inside_is_at_rest(
    read: Callable[..., Reading], speeds: tuple[float, float], completed: int | None
):
    reading = read(OBJECTS, LAYOUT, item_positions=lying((0.0, FAR)), item_speeds=AT_REST_SPEED * np.array(speeds))
    assert judge(OBJECTS, LAYOUT, reading, target=0).completed == completed


def test_the_item_that_was_moved_is_the_one_reached(read: Callable[..., Reading]):
    for slot in range(N_ITEMS):
        displacements = np.zeros(N_ITEMS)
        displacements[slot] = 2 * DISPLACED
        reading = read(OBJECTS, LAYOUT, displacements=displacements)
        assert judge(OBJECTS, LAYOUT, reading, target=0).reached == slot


def test_a_scene_without_a_zone_cannot_be_laid_out():
    without = Objects(OBJECTS.items, (), None, 0)
    with pytest.raises(ValueError, match="a pushing task without a zone"):
        draw_layout(without, np.random.default_rng(0))
