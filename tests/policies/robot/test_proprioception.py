"""Laws of what the robot knows of itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daml.policies.head import PolicyConfig
from daml.policies.robot.proprioception import HELD_OPENINGS, Proprioception, extend_clip
from daml.policies.robot.robot_state import MEMORY_SIZE

OPENS, CLOSES = -1.0, 1.0
EMPTY, ITEM, WIDE = 0.0, 0.03, 0.08
"""Distances between the fingers, in metres: nothing between them, an item, wide open."""

COMMAND, HELD = 4, 5
"""Components of the extended state of a robot that measures four numbers."""


def clip(*moments: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Make a clip of openings and of the commands given at them: states `(T, 4)` and actions `(T, 4)`."""
    states = np.random.default_rng(0).normal(size=(len(moments), 4)).astype(np.float32)
    actions = np.random.default_rng(1).uniform(-1, 1, size=(len(moments), 4)).astype(np.float32)
    states[:, 3], actions[:, 3] = np.array(moments, np.float32).T
    return states, actions


moments = st.lists(
    st.tuples(st.sampled_from([EMPTY, 0.005, 0.02, ITEM, 0.055, WIDE]), st.sampled_from([OPENS, CLOSES])),
    min_size=1,
    max_size=12,
)


@given(moments)
def test_a_state_keeps_what_it_was_and_gains_a_memory(course: list[tuple[float, float]]):
    states, actions = clip(*course)

    extended = extend_clip(states, actions)

    assert extended.dtype == np.float32
    assert extended.shape == (len(states), 4 + MEMORY_SIZE) == (len(states), PolicyConfig().state_size)
    assert np.array_equal(extended[:, :4], states)
    assert np.array_equal(extended[:, -3:], np.broadcast_to(states[0, :3], (len(states), 3)))
    assert np.array_equal(extended[:, COMMAND], [CLOSES, *actions[:-1, 3]])


@given(moments)
def test_step_by_step_it_is_the_same_as_at_once(course: list[tuple[float, float]]):
    states, actions = clip(*course)
    memory = Proprioception()
    rows: list[np.ndarray] = []
    for state, action in zip(states, actions, strict=True):
        rows.append(memory.extend(state))
        memory.note(action)

    assert np.array_equal(np.stack(rows), extend_clip(states, actions))


@given(moments)
def test_what_comes_later_changes_nothing_earlier(course: list[tuple[float, float]]):
    states, actions = clip(*course)

    for n in range(1, len(states)):
        assert np.array_equal(extend_clip(states[:n], actions[:n]), extend_clip(states, actions)[:n])


@given(moments)
def test_the_memory_of_what_was_held_changes_only_while_the_fingers_close(course: list[tuple[float, float]]):
    rows = extend_clip(*clip(*course))
    held, closes = rows[:, HELD], rows[:, COMMAND] > 0

    assert set(held) <= {0.0, 1.0}
    assert not (np.diff(held) != 0)[~closes[1:]].any()


def test_an_item_is_held_from_the_first_step_on_and_after_its_release():
    held = extend_clip(*clip((ITEM, CLOSES), (ITEM, OPENS), (WIDE, OPENS), (WIDE, CLOSES)))[:, HELD]

    assert held.tolist() == [1, 1, 1, 1]


def test_an_item_is_held_once_the_fingers_have_stopped_closing_on_it():
    course = (EMPTY, OPENS), (WIDE, OPENS), (WIDE, CLOSES), (ITEM, CLOSES), (ITEM, CLOSES), (WIDE, OPENS)
    held = extend_clip(*clip(*course))[:, HELD]

    assert held.tolist() == [0, 0, 0, 0, 1, 1]


def test_who_then_closes_the_fingers_on_nothing_has_held_nothing():
    course = (ITEM, OPENS), (WIDE, CLOSES), (EMPTY, CLOSES), (EMPTY, OPENS), (WIDE, OPENS)
    held = extend_clip(*clip(*course))[:, HELD]

    assert held.tolist() == [1, 1, 1, 0, 0]


@pytest.mark.parametrize("opening", [EMPTY, HELD_OPENINGS[0] / 2, (HELD_OPENINGS[1] + WIDE) / 2, WIDE])
def test_fingers_that_are_empty_or_open_wide_hold_nothing(opening: float):
    held = extend_clip(*clip((WIDE, CLOSES), (opening, CLOSES), (opening, CLOSES)))[:, HELD]

    assert held.tolist() == [0, 0, 0]


def test_fingers_that_pass_the_width_of_an_item_while_they_close_hold_nothing():
    held = extend_clip(*clip((EMPTY, OPENS), (WIDE, CLOSES), (ITEM, CLOSES), (0.5 * ITEM, CLOSES), (EMPTY, CLOSES)))

    assert held[:, HELD].tolist() == [0, 0, 0, 0, 0]


def test_fingers_that_open_hold_nothing():
    held = extend_clip(*clip((EMPTY, OPENS), (ITEM, OPENS), (ITEM, OPENS)))[:, HELD]

    assert held.tolist() == [0, 0, 0]


def test_a_memory_does_not_change_with_the_state_it_was_shown():
    state = np.array([0.4, 0.1, 0.2, WIDE], np.float32)
    memory = Proprioception()
    memory.extend(state)
    state[:] = 0

    assert memory.extend(state)[-3:].tolist() == pytest.approx([0.4, 0.1, 0.2])
