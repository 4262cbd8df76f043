"""Laws of judging: which item was handled, what holds it, and the verdict."""

from collections.abc import Callable

import numpy as np
import pytest

from daml.envs.objects.task_objects import Objects
from daml.envs.tasks.judging import (
    DISPLACED,
    LIFTED,
    NO_BEHAVIOUR,
    VERDICTS,
    Judgement,
    Reading,
    container_holding,
    nearest_container,
    told_behaviour,
    verdict,
)
from daml.envs.tasks.kinds import TASK_KINDS, draw_objects
from daml.envs.tasks.layout import Layout
from daml.envs.tasks.task import ALL_KINDS as KINDS
from daml.envs.tasks.task import Task

PLACE, PUSH, PICK_PLACE = (draw_objects(Task(kind, "train", 0)) for kind in ("place", "push", "pick-place"))


def layout_of(kind: str, objects: Objects) -> Layout:
    return TASK_KINDS[kind].draw_layout(objects, np.random.default_rng(0))


def test_the_item_that_was_moved_is_the_one_handled_and_else_the_one_come_closest_to(read: Callable[..., Reading]):
    layout = layout_of("push", PUSH)
    for other, handled in ((0.99 * DISPLACED, 0), (1.01 * DISPLACED, 1)):
        reading = read(PUSH, layout, closest=np.array([0.05, 0.10]), displacements=np.array([0.0, other]))
        assert reading.handled_item() == handled
    both = read(PUSH, layout, closest=np.array([0.05, 0.10]), displacements=np.array([0.10, 0.15]))
    assert both.handled_item() == 1


@pytest.mark.parametrize(
    ("objects", "completed", "reached", "target", "expected"),
    [
        (PLACE, 2, 2, 2, "success"),
        (PLACE, 1, 1, 2, "wrong_container"),
        (PLACE, None, 1, 2, "wrong_container"),
        (PLACE, None, 2, 2, "not_completed"),
        (PUSH, 1, 1, 1, "success"),
        (PUSH, 0, 0, 1, "wrong_object"),
        (PUSH, None, 0, 1, "wrong_object"),
        (PUSH, None, 1, 1, "not_completed"),
        (PICK_PLACE, 3, 3, 3, "success"),
        (PICK_PLACE, 2, 2, 3, "wrong_container"),
        (PICK_PLACE, 1, 1, 3, "wrong_object"),
        # Neither is right: the item was chosen first.
        (PICK_PLACE, 0, 0, 3, "wrong_object"),
        (PICK_PLACE, None, 3, 3, "not_completed"),
        (PICK_PLACE, None, 2, 3, "wrong_container"),
        (PICK_PLACE, None, 1, 3, "wrong_object"),
    ],
)
def test_the_verdict_names_what_went_wrong(
    objects: Objects, completed: int | None, reached: int, target: int, expected: str
):
    assert verdict(objects, Judgement(completed, reached), target=target) == expected
    assert expected in VERDICTS


@pytest.mark.parametrize("objects", [PLACE, PUSH, PICK_PLACE], ids=KINDS[:3])
def test_success_means_that_what_was_asked_for_is_what_was_completed(objects: Objects):
    for completed in (None, *range(objects.n_targets)):
        for reached in range(objects.n_targets):
            for target in range(objects.n_targets):
                outcome = verdict(objects, Judgement(completed, reached), target=target)
                assert (outcome == "success") == (completed == target)


def test_the_container_that_holds_an_item_is_found_wherever_it_stands():
    objects, layout = PLACE, layout_of("place", PLACE)
    item = objects.items[0]
    for slot, place in enumerate(layout.container_positions):
        on_the_floor = np.array([*place, 0.006 + item.clearance])
        above = np.array([*place, 0.3])
        assert container_holding(on_the_floor, item, objects.containers, layout) == slot
        assert container_holding(above, item, objects.containers, layout) is None
    beside = np.array([2.0, 2.0, 0.02])
    assert container_holding(beside, item, objects.containers, layout) is None


def test_a_container_is_turned_by_its_yaw():
    containers, item = PLACE.containers, PLACE.items[0]
    for yaw in (0.0, 0.9, -2.0):
        places = np.array([[0.5, 0.0], [5.0, 5.0], [9.0, 9.0]])
        layout = Layout(np.zeros(3), container_positions=places, container_yaws=np.full(3, yaw))
        corner = containers[0].polygon()[0] @ np.array([[np.cos(yaw), np.sin(yaw)], [-np.sin(yaw), np.cos(yaw)]])
        for share, expected in ((0.97, 0), (1.4, None)):
            position = np.array([0.5 + share * corner[0], share * corner[1], 0.006 + item.clearance])
            assert container_holding(position, item, containers, layout) == expected


def test_the_nearest_container_is_told_by_its_middle_whatever_the_height():
    layout = Layout(np.zeros(3), container_positions=np.array([[0.4, 0.0], [0.6, 0.0]]), container_yaws=np.zeros(2))
    assert nearest_container(np.array([0.49, 0.1, 0.5]), layout) == 0
    assert nearest_container(np.array([0.51, 0.1, 0.0]), layout) == 1


def test_a_behaviour_is_told_once_something_was_moved_and_lifting_outweighs_pushing():
    def reading(*, moved: float = 0.0, opening: float = 0.0, away: float = 0.0) -> Reading:
        zero = np.zeros(1)
        return Reading(np.zeros((1, 3)), zero, np.array([moved]), np.array([away]), zero, opening)

    item = PLACE.items[0]
    flat, up = np.zeros(1), np.full(1, 2 * LIFTED)
    assert told_behaviour(reading(), before=NO_BEHAVIOUR, rises=flat, held=None) == NO_BEHAVIOUR
    assert told_behaviour(reading(moved=0.1), before=NO_BEHAVIOUR, rises=flat, held=None) == "push"
    assert told_behaviour(reading(moved=0.1, opening=0.05), before=NO_BEHAVIOUR, rises=flat, held=None) == NO_BEHAVIOUR
    assert told_behaviour(reading(opening=0.05), before="push", rises=up, held=None) == "pick-place"
    assert told_behaviour(reading(moved=0.1), before="pick-place", rises=flat, held=None) == "pick-place"
    assert told_behaviour(reading(), before=NO_BEHAVIOUR, rises=up, held=item) == NO_BEHAVIOUR
    assert told_behaviour(reading(away=0.2), before=NO_BEHAVIOUR, rises=flat, held=item) == "place"
