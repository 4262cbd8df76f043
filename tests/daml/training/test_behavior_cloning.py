import pytest
import torch

from daml.policies.robot.motor import AIMS_SIZE
from daml.training.behavior_cloning import (
    PLACE_FAR,
    BehaviorCloningConfig,
    BehaviorCloningLosses,
    behavior_cloning_losses,
)

UNFELT = torch.tensor([False, False])


@pytest.fixture
def actions() -> torch.Tensor:
    return torch.tensor([[0.1, -0.2, 1.0, 1.0], [0.0, 0.5, -1.0, -1.0]])


@pytest.fixture
def aims() -> torch.Tensor:
    """Aims of two frames; the last number says that the item is carried, and that it is pushed, for certain."""
    aims = torch.randn(2, AIMS_SIZE, generator=torch.Generator().manual_seed(0))
    aims[:, -1] = torch.tensor([-100.0, 100.0])
    return aims


def losses_of(
    chosen: torch.Tensor,
    actions: torch.Tensor,
    aims: torch.Tensor,
    true_aims: torch.Tensor,
    felt: torch.Tensor = UNFELT,
) -> BehaviorCloningLosses:
    config = BehaviorCloningConfig()
    return behavior_cloning_losses(chosen, actions, aims=aims, true_aims=true_aims, felt=felt, config=config)


def test_a_perfect_policy_has_no_loss(actions: torch.Tensor, aims: torch.Tensor):
    chosen = torch.cat([actions[:, :3], 100 * actions[:, 3:]], dim=1)

    torch.testing.assert_close(losses_of(chosen, actions, aims, aims).total, torch.tensor(0.0))


def test_the_velocity_loss_is_absolute(actions: torch.Tensor, aims: torch.Tensor):
    torch.testing.assert_close(losses_of(actions - 2, actions, aims, aims).velocity, torch.tensor(2.0))


def test_an_undecided_gripper_costs_one_bit(actions: torch.Tensor, aims: torch.Tensor):
    chosen = torch.cat([actions[:, :3], torch.zeros(2, 1)], dim=1)

    torch.testing.assert_close(losses_of(chosen, actions, aims, aims).gripper, torch.tensor(2.0).log())


def test_so_does_an_undecided_kind_of_task(actions: torch.Tensor, aims: torch.Tensor):
    undecided = aims.clone()
    undecided[:, -1] = 0.0

    torch.testing.assert_close(losses_of(actions, actions, undecided, aims).kind, torch.tensor(2.0).log())


@pytest.mark.parametrize(("error", "loss"), [(PLACE_FAR / 2, PLACE_FAR / 8), (3 * PLACE_FAR, 2.5 * PLACE_FAR)])
def test_the_place_loss_is_squared_near_by_and_linear_far_off(
    actions: torch.Tensor, aims: torch.Tensor, error: float, loss: float
):
    off = aims.clone()
    off[:, :-1] += error

    torch.testing.assert_close(losses_of(actions, actions, off, aims).places, torch.tensor(loss))


def test_where_an_item_is_that_is_felt_need_not_be_seen(actions: torch.Tensor, aims: torch.Tensor):
    off, felt = aims.clone(), torch.tensor([True, False])
    off[0, :2] += 1

    assert losses_of(actions, actions, off, aims, felt).places == 0
    off[0, 2] += 1
    assert losses_of(actions, actions, off, aims, felt).places > 0


@pytest.mark.parametrize("part", ["velocity", "gripper", "place", "kind"])
def test_weights_choose_the_parts(actions: torch.Tensor, aims: torch.Tensor, part: str):
    weights = {f"{name}_weight": float(name == part) for name in ("velocity", "gripper", "place", "kind")}
    wrong = aims + 1
    wrong[:, -1] = 0.0

    losses = behavior_cloning_losses(
        torch.zeros(2, 4),
        actions,
        aims=wrong,
        true_aims=aims,
        felt=UNFELT,
        config=BehaviorCloningConfig(**weights),
    )

    assert losses.total == getattr(losses, {"place": "places"}.get(part, part)) != 0
