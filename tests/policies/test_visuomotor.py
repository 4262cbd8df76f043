import pytest
import torch

from policies.visuomotor import GOALS_SIZE, PolicyConfig, VisuomotorHead, VisuomotorPolicy

CONFIG = PolicyConfig(channels=(8, 8, 8, 8), n_points=3, bias_size=5, hidden_size=16, readout_size=8)


@pytest.fixture
def head() -> VisuomotorHead:
    torch.manual_seed(0)
    return VisuomotorHead(8, CONFIG)


def test_every_output_has_a_row_per_frame(head: VisuomotorHead):
    output = head(torch.randn(6, 8, 4, 4), torch.randn(2, 8, 4, 4), torch.randn(6, 4))

    assert output.velocity.shape == (6, 3)
    assert output.gripper_logit.shape == (6,)
    assert output.goals.shape == (6, GOALS_SIZE)
    assert output.points_now.shape == output.points_first.shape == (6, 6)
    assert output.hidden.shape == (6, 16)


def test_clips_are_independent(head: VisuomotorHead):
    now, first, state = torch.randn(6, 8, 4, 4), torch.randn(2, 8, 4, 4), torch.randn(6, 4)

    together = head(now, first, state)
    second_alone = head(now[3:], first[1:], state[3:])

    for whole, part in zip(together, second_alone, strict=True):
        torch.testing.assert_close(whole[3:], part)


def test_goals_depend_on_the_first_frame_alone(head: VisuomotorHead):
    first = torch.randn(1, 8, 4, 4)

    goals = [head(torch.randn(2, 8, 4, 4), first, torch.randn(2, 4)).goals for _ in range(2)]

    torch.testing.assert_close(goals[0], goals[1])


def test_the_first_frame_moves_the_goals(head: VisuomotorHead):
    now, state = torch.randn(1, 8, 4, 4), torch.randn(1, 4)

    assert not torch.equal(head(now, torch.randn(1, 8, 4, 4), state).goals, head(now, now, state).goals)


def test_every_parameter_of_the_policy_gets_a_gradient():
    policy = VisuomotorPolicy(CONFIG)
    output = policy(torch.rand(4, 3, 16, 16), torch.rand(2, 3, 16, 16), torch.randn(4, 4))
    torch.stack([value.square().sum() for value in output]).sum().backward()

    untouched = [name for name, value in policy.named_parameters() if value.grad is None or not value.grad.any()]
    assert untouched == []
