import pytest
import torch

from daml.policies.goal import GOAL_SIZE, Goal
from daml.policies.tensor_trees import map_tensors
from daml.training.behavior_cloning import (
    PLACE_FAR,
    BehaviorCloningConfig,
    BehaviorCloningLosses,
    behavior_cloning_losses,
)

FREE = torch.tensor([[False], [False]])
"""Whether the item is held in each of two frames: it is not."""


@pytest.fixture
def actions() -> torch.Tensor:
    return torch.tensor([[0.1, -0.2, 1.0, 1.0], [0.0, 0.5, -1.0, -1.0]])


@pytest.fixture
def true_goal() -> Goal:
    """Goals of two frames; in the first the item is carried, in the second it is pushed, for certain."""
    goal = Goal.unpack(torch.randn(2, GOAL_SIZE, generator=torch.Generator().manual_seed(0)))
    return goal._replace(push_log_odds=torch.tensor([[-100.0], [100.0]]))


def off_by(goal: Goal, error: float) -> Goal:
    """Return goals of the same kind of task in which every place and size is wrong by so much."""
    return map_tensors(lambda value: value + error, goal)._replace(push_log_odds=goal.push_log_odds)


def losses_of(
    chosen: torch.Tensor, actions: torch.Tensor, goal: Goal, true_goal: Goal, is_held: torch.Tensor = FREE
) -> BehaviorCloningLosses:
    config = BehaviorCloningConfig()
    return behavior_cloning_losses(chosen, actions, goal=goal, true_goal=true_goal, is_held=is_held, config=config)


def test_a_perfect_policy_has_no_loss(actions: torch.Tensor, true_goal: Goal):
    chosen = torch.cat([actions[:, :3], 100 * actions[:, 3:]], dim=1)

    torch.testing.assert_close(losses_of(chosen, actions, true_goal, true_goal).total, torch.tensor(0.0))


def test_the_velocity_loss_is_absolute(actions: torch.Tensor, true_goal: Goal):
    torch.testing.assert_close(losses_of(actions - 2, actions, true_goal, true_goal).velocity, torch.tensor(2.0))


def test_an_undecided_gripper_costs_one_bit(actions: torch.Tensor, true_goal: Goal):
    chosen = torch.cat([actions[:, :3], torch.zeros(2, 1)], dim=1)

    torch.testing.assert_close(losses_of(chosen, actions, true_goal, true_goal).gripper, torch.tensor(2.0).log())


def test_so_does_an_undecided_kind_of_task(actions: torch.Tensor, true_goal: Goal):
    undecided = true_goal._replace(push_log_odds=torch.zeros(2, 1))

    torch.testing.assert_close(losses_of(actions, actions, undecided, true_goal).kind, torch.tensor(2.0).log())


@pytest.mark.parametrize(("error", "loss"), [(PLACE_FAR / 2, PLACE_FAR / 8), (3 * PLACE_FAR, 2.5 * PLACE_FAR)])
def test_the_place_loss_is_squared_near_by_and_linear_far_off(
    actions: torch.Tensor, true_goal: Goal, error: float, loss: float
):
    off = off_by(true_goal, error)

    torch.testing.assert_close(losses_of(actions, actions, off, true_goal).places, torch.tensor(loss))


def test_where_an_item_is_that_is_held_need_not_be_seen(actions: torch.Tensor, true_goal: Goal):
    is_held = torch.tensor([[True], [False]])
    first = torch.tensor([[1.0], [0.0]])
    off = true_goal._replace(item=true_goal.item + first)
    farther = off._replace(destination=off.destination + first)

    assert losses_of(actions, actions, off, true_goal, is_held).places == 0
    assert losses_of(actions, actions, farther, true_goal, is_held).places > 0


@pytest.mark.parametrize("part", ["velocity", "gripper", "place", "kind"])
def test_weights_choose_the_parts(actions: torch.Tensor, true_goal: Goal, part: str):
    weights = {f"{name}_weight": float(name == part) for name in ("velocity", "gripper", "place", "kind")}
    wrong = off_by(true_goal, 1.0)._replace(push_log_odds=torch.zeros(2, 1))

    losses = behavior_cloning_losses(
        torch.zeros(2, 4),
        actions,
        goal=wrong,
        true_goal=true_goal,
        is_held=FREE,
        config=BehaviorCloningConfig(**weights),
    )

    assert losses.total == getattr(losses, {"place": "places"}.get(part, part)) != 0
