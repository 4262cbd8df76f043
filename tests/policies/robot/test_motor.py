import pytest
import torch

from daml.policies.goal import CERTAIN_LOG_ODDS, GOAL_SIZE, Goal
from daml.policies.robot.motor import Motor
from daml.policies.robot.robot_state import RobotState
from daml.policies.tensor_trees import index_tensors


@pytest.fixture
def motor() -> Motor:
    torch.manual_seed(0)
    return Motor(state_size=9, action_size=4, width=16)


def draw(n: int) -> tuple[torch.Tensor, Goal]:
    return torch.randn(n, 9), Goal.unpack(torch.randn(n, GOAL_SIZE))


def test_there_is_an_action_for_every_frame(motor: Motor):
    assert motor(*draw(5)).shape == (5, 4)


def test_frames_are_independent(motor: Motor):
    states, goal = draw(5)
    some = slice(2, 4)

    torch.testing.assert_close(motor(states, goal)[some], motor(states[some], index_tensors(goal, some)))


def test_only_offsets_matter_and_not_where_on_the_table_the_robot_works(motor: Motor):
    states, goal = draw(5)
    step = torch.tensor([0.3, -0.2])
    moved_states = states.clone()
    moved_states[:, :2] += step
    moved_goal = goal._replace(item=goal.item + step, destination=goal.destination + step)

    torch.testing.assert_close(motor(moved_states, moved_goal), motor(states, goal), atol=1e-4, rtol=1e-4)


def test_where_the_robot_began_does_not_matter(motor: Motor):
    states, goal = draw(5)
    state = RobotState.unpack(states)
    began_elsewhere = state._replace(start=state.start + 1).pack()

    assert torch.equal(motor(began_elsewhere, goal), motor(states, goal))


def test_every_number_of_the_goal_matters(motor: Motor):
    states, goal = draw(1)
    states, values = 0.03 * states, 0.03 * goal.pack()
    for i in range(GOAL_SIZE):
        other = values.clone()
        other[:, i] += 0.01
        assert not torch.allclose(motor(states, Goal.unpack(other)), motor(states, Goal.unpack(values)), atol=1e-6)


def test_beyond_certainty_the_log_odds_of_pushing_change_nothing(motor: Motor):
    states, goal = draw(1)
    certain = goal._replace(push_log_odds=torch.full((1, 1), CERTAIN_LOG_ODDS))
    surer = goal._replace(push_log_odds=torch.full((1, 1), 3 * CERTAIN_LOG_ODDS))

    assert torch.equal(motor(states, certain), motor(states, surer))


def test_where_everything_is_in_one_place_gradients_are_finite(motor: Motor):
    values = torch.zeros(1, GOAL_SIZE, requires_grad=True)
    motor(torch.zeros(1, 9), Goal.unpack(values)).sum().backward()

    assert values.grad is not None
    assert values.grad.isfinite().all()
