"""Laws of the goal."""

import pytest
import torch

from daml.policies.goal import CERTAIN_LOG_ODDS, GOAL_SIZE, TRUE_GOAL_SIZE, Goal


@pytest.mark.parametrize("shape", [(), (5,), (3, 4)])
def test_packing_and_unpacking_are_inverse(shape: tuple[int, ...]):
    values = torch.randn(*shape, GOAL_SIZE)

    goal = Goal.unpack(values)

    assert torch.equal(goal.pack(), values)
    for field, again in zip(goal, Goal.unpack(goal.pack()), strict=True):
        assert torch.equal(field, again)


def test_every_number_of_a_packed_goal_is_in_one_field():
    goal = Goal.unpack(torch.arange(GOAL_SIZE))

    assert {name: value.tolist() for name, value in goal._asdict().items()} == {
        "item": [0, 1],
        "destination": [2, 3],
        "release_height": [4],
        "item_radius": [5],
        "push_log_odds": [6],
    }


def test_a_simulator_knows_all_of_a_goal_but_the_log_odds_which_come_last():
    packed = Goal.unpack(torch.randn(3, GOAL_SIZE)).pack()

    assert torch.equal(packed[:, TRUE_GOAL_SIZE:], Goal.unpack(packed).push_log_odds)


def test_certainty_is_a_share_of_the_log_odds_and_ends_at_one():
    odds = CERTAIN_LOG_ODDS * torch.tensor([-3.0, -1.0, -0.5, 0.0, 0.25, 1.0, 9.0])[:, None]
    goal = Goal.unpack(torch.randn(7, GOAL_SIZE))._replace(push_log_odds=odds)

    assert goal.push_certainty().flatten().tolist() == [-1.0, -1.0, -0.5, 0.0, 0.25, 1.0, 1.0]
