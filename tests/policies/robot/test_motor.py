import pytest
import torch

from daml.policies.robot.motor import AIMS_SIZE, CERTAIN_LOG_ODDS, Motor


@pytest.fixture
def motor() -> Motor:
    torch.manual_seed(0)
    return Motor(state_size=9, action_size=4, width=16)


def draw(n: int) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.randn(n, 9), torch.randn(n, AIMS_SIZE)


def test_there_is_an_action_for_every_frame(motor: Motor):
    assert motor(*draw(5)).shape == (5, 4)


def test_frames_are_independent(motor: Motor):
    states, aims = draw(5)

    torch.testing.assert_close(motor(states, aims)[2:4], motor(states[2:4], aims[2:4]))


def test_only_offsets_matter_and_not_where_on_the_table_the_robot_works(motor: Motor):
    states, aims = draw(5)
    moved_states, moved_aims = states.clone(), aims.clone()
    step = torch.tensor([0.3, -0.2])
    moved_states[:, :2] += step
    moved_aims[:, :2] += step
    moved_aims[:, 2:4] += step

    torch.testing.assert_close(motor(moved_states, moved_aims), motor(states, aims), atol=1e-4, rtol=1e-4)


def test_where_the_robot_began_does_not_matter(motor: Motor):
    states, aims = draw(5)
    began_elsewhere = states.clone()
    began_elsewhere[:, -3:] += 1

    assert torch.equal(motor(began_elsewhere, aims), motor(states, aims))


def test_all_that_is_aimed_at_matters(motor: Motor):
    states, aims = draw(1)
    states, aims = 0.03 * states, 0.03 * aims
    for i in range(AIMS_SIZE):
        other = aims.clone()
        other[:, i] += 0.01
        assert not torch.allclose(motor(states, other), motor(states, aims), atol=1e-6)


def test_beyond_certainty_the_log_odds_of_pushing_change_nothing(motor: Motor):
    states, aims = draw(1)
    certain, surer = aims.clone(), aims.clone()
    certain[:, -1], surer[:, -1] = CERTAIN_LOG_ODDS, 3 * CERTAIN_LOG_ODDS

    assert torch.equal(motor(states, certain), motor(states, surer))


def test_where_everything_is_in_one_place_gradients_are_finite(motor: Motor):
    aims = torch.zeros(1, AIMS_SIZE, requires_grad=True)
    motor(torch.zeros(1, 9), aims).sum().backward()

    assert aims.grad is not None
    assert aims.grad.isfinite().all()
