"""Laws of what the robot is told."""

import pytest
import torch

from daml.policies.robot.commands import CHANGING_LOGIT, command_robot
from daml.policies.robot.robot_state import RobotState


def state(*, command: float) -> torch.Tensor:
    """Return an extended robot state, `(1, 9)`, low over the table."""
    return RobotState(
        position=torch.tensor([[0.5, 0.0, 0.05]]),
        measured=torch.tensor([[0.02]]),
        command=torch.tensor([[command]]),
        has_held=torch.zeros(1, 1),
        start=torch.tensor([[0.4, 0.0, 0.25]]),
    ).pack()


@pytest.mark.parametrize(
    ("log_odds", "before", "after"),
    [
        (CHANGING_LOGIT + 0.1, 1.0, 1.0),
        (CHANGING_LOGIT - 0.1, 1.0, -1.0),
        (-CHANGING_LOGIT + 0.1, -1.0, 1.0),
        (-CHANGING_LOGIT - 0.1, -1.0, -1.0),
    ],
)
def test_a_gripper_in_doubt_changes_its_mind(log_odds: float, before: float, after: float):
    told = command_robot(torch.tensor([[0.0, 0.0, 0.0, log_odds]]), state(command=before))
    assert told[0, 3] == after


def test_no_velocity_is_above_its_limit():
    told = command_robot(torch.tensor([[3.0, -2.0, 0.5, 0.0]]), state(command=1.0))
    assert torch.equal(told[:, :3], torch.tensor([[1.0, -1.0, 0.5]]))
