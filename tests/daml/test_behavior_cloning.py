import pytest
import torch

from daml.behavior_cloning import BehaviorCloningConfig, behavior_cloning_losses
from policies.visuomotor import HeadOutput


def output_of(velocity: torch.Tensor, gripper_logit: torch.Tensor, goals: torch.Tensor) -> HeadOutput:
    empty = dict.fromkeys(HeadOutput._fields, torch.empty(len(velocity), 0))
    return HeadOutput(**(empty | {"velocity": velocity, "gripper_logit": gripper_logit, "goals": goals}))


@pytest.fixture
def actions() -> torch.Tensor:
    return torch.tensor([[0.1, -0.2, 1.0, 1.0], [0.0, 0.5, -1.0, -1.0]])


def test_a_perfect_policy_has_no_loss(actions: torch.Tensor):
    goals = torch.randn(2, 6)
    output = output_of(actions[:, :3], 100 * actions[:, 3], goals)

    losses = behavior_cloning_losses(output, actions, goals=goals, config=BehaviorCloningConfig())

    torch.testing.assert_close(losses.total, torch.tensor(0.0))


def test_the_velocity_loss_is_absolute_and_a_little_squared(actions: torch.Tensor):
    output = output_of(actions[:, :3] - 2, 100 * actions[:, 3], torch.zeros(2, 6))

    losses = behavior_cloning_losses(output, actions, goals=torch.zeros(2, 6), config=BehaviorCloningConfig())

    torch.testing.assert_close(losses.velocity, torch.tensor(2 + 0.01 * 4))


def test_an_undecided_gripper_costs_one_bit(actions: torch.Tensor):
    output = output_of(actions[:, :3], torch.zeros(2), torch.zeros(2, 6))

    losses = behavior_cloning_losses(output, actions, goals=torch.zeros(2, 6), config=BehaviorCloningConfig())

    torch.testing.assert_close(losses.gripper, torch.tensor(2.0).log())


@pytest.mark.parametrize("part", ["velocity", "gripper", "goals"])
def test_weights_choose_the_parts(actions: torch.Tensor, part: str):
    output = output_of(torch.zeros(2, 3), torch.zeros(2), torch.ones(2, 6))
    weights = {f"{name}_weight": float(name == part) for name in ("velocity", "gripper")}
    config = BehaviorCloningConfig(**weights, goal_weight=float(part == "goals"))

    losses = behavior_cloning_losses(output, actions, goals=torch.zeros(2, 6), config=config)

    assert losses.total == getattr(losses, part) != 0
