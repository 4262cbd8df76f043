import numpy as np
import pytest

from daml.aims import USUAL_SIZE, clip_aims
from policies.motor import CERTAIN_LOG_ODDS

UNKNOWN = np.empty((7, 0), np.float32)
OPEN, SHUT = -1.0, 1.0


def clip(commands: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Make a robot clip, `(7, 4)` each, whose states are all different."""
    states = np.arange(28, dtype=np.float32).reshape(7, 4)
    actions = np.zeros((7, 4), np.float32)
    actions[:, 3] = commands
    return states, actions


def test_what_is_known_of_a_scene_is_aimed_at():
    known = np.random.default_rng(0).random((7, 6), np.float32)

    aims = clip_aims(*clip([SHUT] * 4 + [OPEN] * 3), known)

    np.testing.assert_array_equal(aims[:, :-1], known)


@pytest.mark.parametrize(
    ("commands", "odds"), [([SHUT] * 7, CERTAIN_LOG_ODDS), ([SHUT] * 6 + [OPEN], -CERTAIN_LOG_ODDS)]
)
def test_who_never_opens_the_gripper_pushes(commands: list[float], odds: float):
    assert clip_aims(*clip(commands), UNKNOWN)[:, -1].tolist() == [odds] * 7


def test_otherwise_an_item_was_where_it_is_grasped_then_in_the_hand_then_where_it_is_let_go():
    states, actions = clip([OPEN, OPEN, SHUT, SHUT, SHUT, OPEN, OPEN])

    aims = clip_aims(states, actions, UNKNOWN)

    np.testing.assert_array_equal(aims[:, :2], states[[2, 2, 2, 3, 4, 5, 5], :2])
    np.testing.assert_array_equal(aims[:, 2:5], np.tile(states[5, :3], (7, 1)))
    np.testing.assert_allclose(aims[:, 5], USUAL_SIZE)


def test_other_numbers_are_refused():
    with pytest.raises(ValueError, match="expected 6 numbers a step or none, got 2; collect the dataset again"):
        clip_aims(*clip([SHUT] * 7), np.zeros((7, 2), np.float32))
