"""Laws of what callers give to the environment."""

import re
from typing import Any

import numpy as np
import pytest

from daml import envs
from daml.envs.arguments import LARGEST_IMAGE, OPTIONS, checked_action, checked_size, parse_options

TASK = envs.Task("place", "validation", 3)


def test_no_options_are_a_task_at_random_in_the_world_of_training():
    for nothing in (None, {}, {"task": None, "target": None, "shift": None}):
        assert parse_options(nothing, kind="place") == (None, None, envs.UNSHIFTED)


def test_options_are_what_was_given():
    given = {"task": TASK, "target": np.int64(1), "shift": envs.SHIFTS["light"]}
    assert parse_options(given, kind="place") == (TASK, 1, envs.SHIFTS["light"])


@pytest.mark.parametrize("key", ["tasks", "Task", "taks", "split", 3, None, ("task",)])
def test_a_key_that_is_none_is_refused_with_those_that_are(key: Any):
    with pytest.raises(ValueError, match=re.escape(f"options: {key!r} is unknown; valid keys: {', '.join(OPTIONS)}")):
        parse_options({"task": TASK, key: TASK}, kind="place")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("task", "options: expected a dict"),
        ([("task", TASK)], "options: expected a dict"),
        ({"task": "place/test/0"}, "options['task'] is 'place/test/0'; expected an envs.Task"),
        ({"task": ["place"]}, "options['task'] is ['place']"),
        ({"task": 0}, "options['task'] is 0"),
        ({"task": ""}, "options['task'] is ''"),
        ({"task": envs.Task("push", "test", 0)}, "task push/test/0 cannot be done here; expected a task of kind place"),
        ({"shift": "light"}, "options['shift'] is 'light'; expected an envs.Shift"),
        ({"shift": {}}, "options['shift'] is {}"),
        ({"target": 1.5}, "options['target'] is 1.5; expected the number of a slot"),
        ({"target": "1"}, "options['target'] is '1'"),
        ({"target": [1]}, "options['target'] is [1]"),
        ({"target": True}, "options['target'] is True"),
        ({"task": TASK, "target": 77}, "target slot is 77; expected 0 to"),
    ],
)
def test_a_value_of_another_type_is_refused_by_its_key(options: Any, message: str):
    with pytest.raises(ValueError, match=re.escape(message)):
        parse_options(options, kind="place")


@pytest.mark.parametrize("size", [0, -1, LARGEST_IMAGE + 1, 10**9, 64.0, "64", None, (64, 64)])
def test_a_size_that_is_none_is_refused(size: Any):
    with pytest.raises(ValueError, match="image_size: expected 1 to"):
        checked_size(size)
    assert checked_size(np.int32(64)) == 64  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("action", [None, "left", {}, [0, 0, 0], [0, 0, 0, np.nan], [10**400, 0, 0, 0], [[0, 0, 0, 0]]])
def test_an_action_that_is_none_is_refused(action: Any):
    with pytest.raises(ValueError, match=re.escape("expected 4 finite numbers in [-1, 1]")):
        checked_action(action)
    np.testing.assert_array_equal(checked_action([1, 0, 0, -1]), [1, 0, 0, -1])  # pyright: ignore[reportArgumentType]
