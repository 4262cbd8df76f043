import numpy as np
import pytest
import torch

from daml.batches.goals import LOW, USUAL_SIZE, clip_goals, key_steps
from daml.policies.goal import CERTAIN_LOG_ODDS, TRUE_GOAL_SIZE, Goal

UNKNOWN = np.empty((7, 0), np.float32)
OPEN, SHUT = -1.0, 1.0


def clip(commands: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Make a robot clip, `(7, 4)` each, whose states are all different."""
    states = np.arange(28, dtype=np.float32).reshape(7, 4)
    actions = np.zeros((7, 4), np.float32)
    actions[:, 3] = commands
    return states, actions


def test_a_true_goal_that_is_known_is_the_goal():
    known = np.random.default_rng(0).random((7, TRUE_GOAL_SIZE), np.float32)

    goals = clip_goals(*clip([SHUT] * 4 + [OPEN] * 3), known)

    np.testing.assert_array_equal(goals[:, :-1], known)


@pytest.mark.parametrize(
    ("commands", "odds"), [([SHUT] * 7, CERTAIN_LOG_ODDS), ([SHUT] * 6 + [OPEN], -CERTAIN_LOG_ODDS)]
)
def test_who_never_opens_the_gripper_pushes(commands: list[float], odds: float):
    assert clip_goals(*clip(commands), UNKNOWN)[:, -1].tolist() == [odds] * 7


def test_otherwise_an_item_was_where_it_is_grasped_then_in_the_hand_then_where_it_is_let_go():
    states, actions = clip([OPEN, OPEN, SHUT, SHUT, SHUT, OPEN, OPEN])

    goal = Goal.unpack(torch.tensor(clip_goals(states, actions, UNKNOWN)))

    np.testing.assert_array_equal(goal.item, states[[2, 2, 2, 3, 4, 5, 5], :2])
    np.testing.assert_array_equal(goal.destination, np.tile(states[5, :2], (7, 1)))
    np.testing.assert_array_equal(goal.release_height, np.tile(states[5, 2:3], (7, 1)))
    np.testing.assert_allclose(goal.item_radius, np.full((7, 1), USUAL_SIZE))


def test_other_numbers_are_refused():
    with pytest.raises(ValueError, match="expected 6 numbers a step or none, got 2; collect the dataset again"):
        clip_goals(*clip([SHUT] * 7), np.zeros((7, 2), np.float32))


def timed_clip(
    commands: list[float], *, heights: list[float] | None = None, rises: list[float] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Make a robot clip: states `(T, 4)`, all numbers different but for given heights, and actions `(T, 4)`."""
    states = np.arange(4 * len(commands), dtype=np.float32).reshape(-1, 4)
    if heights is not None:
        states[:, 2] = heights
    actions = np.random.default_rng(0).uniform(-1, 1, size=(len(commands), 4)).astype(np.float32)
    actions[:, 2] = 0.0 if rises is None else rises
    actions[:, 3] = commands
    return states, actions


@pytest.mark.parametrize(
    ("commands", "keys"),
    [
        pytest.param([SHUT, SHUT, SHUT, OPEN, OPEN, OPEN], (3, 3), id="place"),
        pytest.param([OPEN, OPEN, SHUT, SHUT, SHUT, OPEN, OPEN], (2, 5), id="pick and place"),
        pytest.param(
            [OPEN, SHUT, SHUT, OPEN, OPEN, SHUT, SHUT, SHUT, OPEN, OPEN],
            (5, 8),
            id="pick and place after a failed grasp",
        ),
        pytest.param([SHUT, OPEN, OPEN, SHUT, SHUT, OPEN, OPEN], (3, 5), id="pick and place from a closed gripper"),
        pytest.param([OPEN, OPEN, SHUT, SHUT, SHUT, SHUT], (2, 5), id="picked and never put down"),
    ],
)
def test_the_key_moments_are_taking_hold_and_letting_go(commands: list[float], keys: tuple[int, int]):
    assert key_steps(*timed_clip(commands)) == keys


@pytest.mark.parametrize("command", [OPEN, SHUT])
def test_the_key_moments_of_a_push_are_its_first_and_last_low_steps(command: float):
    lowest = 0.02
    heights = [0.2, lowest + LOW + 0.001, lowest + LOW - 0.001, lowest, lowest + 0.005, 0.1, 0.2]

    assert key_steps(*timed_clip([command] * len(heights), heights=heights)) == (2, 4)


def test_a_push_that_is_taken_up_again_counts_as_a_whole():
    heights = [0.2, 0.02, 0.02, 0.2, 0.2, 0.02, 0.2]

    assert key_steps(*timed_clip([SHUT] * len(heights), heights=heights)) == (1, 5)


def test_where_a_low_gripper_is_told_to_rise_it_is_in_the_wrong_place_for_a_push():
    heights, rises = [0.2, 0.02, 0.02, 0.2, 0.02, 0.02, 0.02], [0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0]

    assert key_steps(*timed_clip([SHUT] * len(heights), heights=heights, rises=rises)) == (4, 5)


def test_heights_matter_to_a_push_alone():
    heights = [0.2, 0.02, 0.02, 0.2, 0.2, 0.02]

    assert key_steps(*timed_clip([OPEN, OPEN, SHUT, SHUT, OPEN, OPEN], heights=heights)) == (2, 4)
