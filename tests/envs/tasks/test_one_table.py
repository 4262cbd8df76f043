"""Laws of the one table: what is asked for, and when it is done."""

from collections import Counter

import numpy as np
import pytest

from daml import envs
from daml.envs.objects.task_objects import Objects
from daml.envs.tasks.judging import NO_BEHAVIOUR, Reading, verdict
from daml.envs.tasks.kinds import draw_objects, manner_of
from daml.envs.tasks.layout import Layout
from daml.envs.tasks.one_table import MANNERS, N_FLAT, N_ITEMS, N_TALL, WIDEST, draw_layout, judge, starts_holding

TASKS = [envs.Task("tabletop", "train", index) for index in range(60)]


def a_scene(manner: str) -> tuple[Objects, Layout]:
    objects = next(draw_objects(task) for task in TASKS if manner_of(task) == manner)
    return objects, draw_layout(objects, np.random.default_rng(0))


def reading_of(
    objects: Objects, layout: Layout, *, slot: int, behaviour: str, opening: float = 0.08, speed: float = 0.0
) -> Reading:
    """Return what is read when a choice has been carried out."""
    choice = objects.choice(slot)
    container, item = objects.containers[choice.container], objects.items[choice.item]
    first = np.column_stack([layout.item_positions, [item.half_extents[2] for item in objects.items]])
    positions = first.copy()
    floor = 0.0 if container.is_flat else container.floor_height
    positions[choice.item] = [*layout.container_positions[choice.container], floor + item.half_extents[2]]
    n = len(positions)
    moved = np.linalg.norm((positions - first)[:, :2], axis=1)
    return Reading(positions, np.full(n, speed), moved, np.full(n, 0.2), np.full(n, 0.2), opening, behaviour)


def test_what_lies_there_does_not_tell_what_is_to_be_done():
    manners = Counter(manner_of(task) for task in TASKS)
    assert set(manners) == set(MANNERS)
    assert set(manners.values()) == {20}
    for task in TASKS:
        objects = draw_objects(task)
        flat = sum(container.is_flat for container in objects.containers)
        assert N_ITEMS[0] <= len(objects.items) <= N_ITEMS[1]
        assert N_FLAT[0] <= flat <= N_FLAT[1]
        assert N_TALL[0] <= len(objects.containers) - flat <= N_TALL[1]
        if manner_of(task) != "place":  # both manners can be asked for, of every item
            asked = {(choice.manner, choice.item) for choice in objects.choices}
            assert asked == {(manner, item) for manner in MANNERS[1:] for item in range(len(objects.items))}


def test_placing_starts_with_the_item_in_the_gripper_and_the_others_do_not():
    for task in TASKS[:9]:
        objects = draw_objects(task)
        assert starts_holding(objects) == (manner_of(task) == "place")
        layout = draw_layout(objects, np.random.default_rng(1))
        in_hand = np.allclose(layout.item_positions[0], layout.gripper[:2])
        assert in_hand == starts_holding(objects)


@pytest.mark.parametrize("manner", MANNERS)
def test_every_choice_can_be_carried_out_and_is_told_from_the_others(manner: str):
    objects, layout = a_scene(manner)
    for done in range(objects.n_targets):
        reading = reading_of(objects, layout, slot=done, behaviour=objects.choice(done).manner or "")
        for target in range(objects.n_targets):
            judgement = judge(objects, layout, reading, target=target)
            assert (judgement.completed, judgement.reached) == (done, done)
            wanted, made = objects.choice(target), objects.choice(done)
            expected = (
                "success"
                if made == wanted
                else "wrong_object"
                if made.item != wanted.item
                else "wrong_kind"
                if made.manner != wanted.manner
                else "wrong_container"
            )
            assert verdict(objects, judgement, target=target) == expected


@pytest.mark.parametrize("manner", ["place", "pick-place"])
def test_what_is_carried_must_be_released_and_at_rest(manner: str):
    objects, layout = a_scene(manner)
    slot = objects.target
    held = reading_of(objects, layout, slot=slot, behaviour=manner, opening=2 * objects.items[0].half_extents[1])
    near = Reading(
        held.item_positions, held.item_speeds, held.displacements, 0 * held.distances, held.closest, 0.03, manner
    )
    assert judge(objects, layout, near, target=slot).completed is None
    moving = reading_of(objects, layout, slot=slot, behaviour=manner, speed=0.05)
    assert judge(objects, layout, moving, target=slot).completed is None


def test_nothing_done_is_nothing_completed_and_no_wrong_choice():
    for manner in MANNERS:
        objects, layout = a_scene(manner)
        first = np.column_stack([layout.item_positions, np.full(len(objects.items), 0.25 * (manner == "place") + 0.02)])
        n = len(first)
        distances = np.full(n, 0.2)
        distances[objects.choice(objects.target).item] = 0.0
        reading = Reading(first, np.zeros(n), np.zeros(n), distances, distances, 0.0, NO_BEHAVIOUR)
        judgement = judge(objects, layout, reading, target=objects.target)
        assert judgement.completed is None
        assert verdict(objects, judgement, target=objects.target) in ("not_completed", "wrong_container")


def test_destinations_leave_room_for_all_else():
    sums = [
        sum(each.reach() for each in draw_objects(envs.Task("tabletop", "train", index)).containers)
        for index in range(300)
    ]
    assert 0.25 < max(sums) <= WIDEST


def test_where_the_first_destinations_leave_no_room_all_are_drawn_anew():
    drawn = draw_objects(envs.Task("tabletop", "train", 3963))  # its first three are 0.29 m wide together

    assert sum(container.reach() for container in drawn.containers) <= WIDEST


def test_the_fullest_tables_can_be_laid_out():
    """Of some ten thousand tables drawn, this one had no room before there was a bound."""
    objects = draw_objects(envs.Task("tabletop", "train", 4148))
    for seed in range(4):
        draw_layout(objects, np.random.default_rng(seed))
