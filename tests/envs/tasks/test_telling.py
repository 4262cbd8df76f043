"""Laws of what experts are told."""

import numpy as np

from daml import envs
from daml.envs.tasks.judging import Reading
from daml.envs.tasks.kinds import TASK_KINDS
from daml.envs.tasks.telling import tell_target, tell_things

OBJECTS = envs.describe(envs.Task("pick-place", "train", 0)).objects
LAYOUT = TASK_KINDS["pick-place"].draw_layout(OBJECTS, np.random.default_rng(0))
N_ITEMS = len(OBJECTS.items)
READING = Reading(
    item_positions=np.arange(3.0 * N_ITEMS).reshape(N_ITEMS, 3),
    item_speeds=np.zeros(N_ITEMS),
    displacements=np.zeros(N_ITEMS),
    distances=np.ones(N_ITEMS),
    closest=np.ones(N_ITEMS),
    opening=0.08,
)


def test_there_is_a_row_for_each_thing():
    told = tell_things(OBJECTS, LAYOUT, READING, most=0)
    np.testing.assert_array_equal(told["item_positions"], READING.item_positions)
    np.testing.assert_array_equal(told["container_positions"], LAYOUT.container_positions)
    assert told["item_half_extents"].shape == (N_ITEMS, 3)
    assert told["container_heights"].tolist() == [container.height for container in OBJECTS.containers]


def test_rows_without_a_thing_are_infinite():
    told = tell_things(OBJECTS, LAYOUT, READING, most=N_ITEMS + 2)
    assert told["item_positions"].shape == (N_ITEMS + 2, 3)
    assert np.isinf(told["item_positions"][N_ITEMS:]).all()
    np.testing.assert_array_equal(told["item_positions"][:N_ITEMS], READING.item_positions)


def test_a_slot_is_told_with_what_it_stands_for():
    for slot in range(OBJECTS.n_targets):
        choice = OBJECTS.choice(slot)
        assert tell_target(OBJECTS, slot, kind="pick-place") == {
            "target_slot": slot,
            "target_item": choice.item,
            "target_container": choice.container,
            "target_manner": "pick-place",
        }
