"""Laws of the things that no task is about."""

import numpy as np
import pytest

from daml.envs.objects.items import MINIMUM_COLOUR_DIFFERENCE
from daml.envs.scene.distractors import APPROACH, GAP, ITEM_GAP, draw_distractors
from daml.envs.tasks.kinds import TASK_KINDS, draw_objects
from daml.envs.tasks.task import ALL_KINDS as KINDS
from daml.envs.tasks.task import Task


@pytest.mark.parametrize("kind", KINDS)
def test_they_lie_in_nobodys_way_and_look_like_nothing_that_is_there(kind: str):
    found: list[int] = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        objects = draw_objects(Task(kind, "test", seed))
        layout = TASK_KINDS[kind].draw_layout(objects, rng)
        distractors = draw_distractors(objects, layout, rng, count=3)
        found.append(len(distractors))
        for number, (item, place, _) in enumerate(distractors):
            assert item.is_pushed == (kind in ("push", "tabletop"))
            others = [*objects.items, *(other.item for other in distractors[:number])]
            assert all(
                np.linalg.norm(np.subtract(item.colour, other.colour)) >= MINIMUM_COLOUR_DIFFERENCE for other in others
            )
            for slot, other in enumerate(objects.items):
                gap = np.linalg.norm(place - layout.item_positions[slot]) - item.reach - other.reach
                assert gap >= ITEM_GAP - 1e-9
            for slot, container in enumerate(objects.containers):
                gap = np.linalg.norm(place - layout.container_positions[slot]) - item.reach - container.reach()
                assert gap >= GAP - 1e-9
            for other in distractors[:number]:
                assert np.linalg.norm(place - other.position) >= item.reach + other.item.reach + GAP - 1e-9
    assert np.mean(found) > 2, "mostly there is room"


def test_every_push_has_a_clear_way_and_room_behind_the_item():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        objects = draw_objects(Task("push", "test", seed))
        assert objects.zone is not None
        layout = TASK_KINDS["push"].draw_layout(objects, rng)
        for slot, pushed in enumerate(objects.items):
            start = layout.item_positions[slot]
            ahead = layout.zone_position - start
            behind = start - APPROACH * ahead / np.linalg.norm(ahead)
            way = behind + np.linspace(0, 1, 50)[:, None] * (layout.zone_position - behind)
            for item, place, _ in draw_distractors(objects, layout, rng, count=3):
                assert np.linalg.norm(way - place, axis=1).min() >= pushed.reach + item.reach


def test_where_there_is_no_room_there_are_fewer():
    objects = draw_objects(Task("place", "test", 0))
    rng = np.random.default_rng(0)
    layout = TASK_KINDS["place"].draw_layout(objects, rng)
    assert 3 < len(draw_distractors(objects, layout, rng, count=12)) < 12
    assert draw_distractors(objects, layout, rng, count=0) == ()
