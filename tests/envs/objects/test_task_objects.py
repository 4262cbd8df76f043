"""Laws of the numbering of choices."""

import itertools
import re
from dataclasses import replace

import numpy as np
import pytest

from daml.envs.objects.containers import draw_containers
from daml.envs.objects.items import draw_item
from daml.envs.objects.task_objects import Objects, Target


def objects_of(n_items: int, n_containers: int, *, target: int = 0) -> Objects:
    rng = np.random.default_rng(0)
    items = tuple(draw_item("train", rng) for _ in range(n_items))
    return Objects(items, draw_containers("train", n_containers, rng), None, target)


@pytest.mark.parametrize(("n_items", "n_containers"), [*itertools.product((1, 2, 3), (0, 1, 2, 3))])
def test_every_slot_stands_for_a_choice_of_its_own_and_every_choice_for_a_slot(n_items: int, n_containers: int):
    objects = objects_of(n_items, n_containers)
    choices = [objects.choice(slot) for slot in range(objects.n_targets)]
    assert set(choices) == {
        Target(*choice) for choice in itertools.product(range(n_items), range(max(1, n_containers)))
    }
    assert len(set(choices)) == len(choices)
    for slot, choice in enumerate(choices):
        assert objects.slot(choice.item, choice.container) == slot


def test_a_slot_asked_for_is_taken_and_none_means_the_tasks_own():
    objects = objects_of(2, 2, target=3)
    assert objects.checked_target(None) == 3
    for slot in range(4):
        assert objects.checked_target(slot) == slot
    from_an_array = objects.checked_target(np.arange(4)[2])
    assert from_an_array == 2
    assert type(from_an_array) is int


@pytest.mark.parametrize("slot", [-1, 4, 100])
def test_a_slot_that_is_not_there_is_refused(slot: int):
    with pytest.raises(ValueError, match=re.escape(f"target slot is {slot}; expected 0 to 3")):
        objects_of(2, 2).checked_target(slot)


def test_plain_objects_have_no_textures_and_are_else_the_same():
    objects = objects_of(2, 2)
    assert objects.plain is objects
    textured = replace(
        objects,
        items=(replace(objects.items[0], texture="a.png"), objects.items[1]),
        containers=(objects.containers[0], replace(objects.containers[1], texture="b.png")),
    )
    assert textured.plain == objects
