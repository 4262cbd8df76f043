"""Laws of a gripper that rests."""

import pytest
import torch

from daml.policies.robot.resting import HIGH, IDLE, return_to_start
from daml.policies.robot.robot_state import RobotState

BEGAN = (0.4, -0.1, 0.25)
NOWHERE = torch.tensor([[0.0, 0.0, 0.1]])


def state(*position: float, holds: bool = False) -> torch.Tensor:
    """Return an extended robot state, `(1, 9)`."""
    return RobotState(
        position=torch.tensor([position]),
        measured=torch.tensor([[0.02]]),
        command=torch.tensor([[1.0 if holds else -1.0]]),
        has_held=torch.tensor([[1.0 if holds else 0.0]]),
        start=torch.tensor([BEGAN]),
    ).pack()


def test_on_high_it_goes_back_to_where_it_began_and_stays_there():
    velocity = return_to_start(NOWHERE, state(0.5, 0.1, HIGH + 0.01))
    assert bool((velocity[0, :2] < -IDLE).all())
    assert velocity[0, 2] == NOWHERE[0, 2]
    assert velocity.abs().max() <= 1
    assert torch.equal(return_to_start(NOWHERE, state(*BEGAN)), NOWHERE)


@pytest.mark.parametrize(
    ("velocity", "states"),
    [
        (NOWHERE, state(0.5, 0.1, HIGH - 0.01)),
        (NOWHERE, state(0.5, 0.1, HIGH + 0.01, holds=True)),
        (torch.tensor([[IDLE + 0.01, 0.0, 0.1]]), state(0.5, 0.1, HIGH + 0.01)),
    ],
    ids=["low", "holding", "going somewhere"],
)
def test_else_it_does_what_was_chosen(velocity: torch.Tensor, states: torch.Tensor):
    assert torch.equal(return_to_start(velocity, states), velocity)
