import numpy as np
import torch

from daml.policies.robot.proprioception import MEMORY_SIZE, extend_clip
from daml.policies.robot.robot_state import COMMAND, HAS_HELD, POSITION_SIZE, is_felt, may_hide


def states_of(*, commands: list[float], held: list[float], heights: list[float]) -> torch.Tensor:
    states = torch.zeros(len(commands), 9)
    states[:, COMMAND], states[:, HAS_HELD] = torch.tensor(commands), torch.tensor(held)
    states[:, POSITION_SIZE - 1] = torch.tensor(heights)
    return states


def test_an_item_is_felt_where_the_fingers_close_on_something():
    states = states_of(commands=[1.0, 1.0, -1.0, -1.0], held=[1.0, 0.0, 1.0, 0.0], heights=[0.1] * 4)

    assert is_felt(states).tolist() == [True, False, False, False]


def test_a_robot_that_measures_more_remembers_in_the_same_places():
    measured = np.full((3, 6), 0.02, np.float32)
    measured[0, 3] = 0.08  # wide open: what is between the fingers is held once they have closed and stopped on it
    states = torch.tensor(extend_clip(measured, np.ones((3, 7), np.float32)))

    assert states.shape == (3, 6 + MEMORY_SIZE)
    assert is_felt(states).tolist() == [False, False, True]


def test_a_gripper_may_hide_an_item_where_it_is_closed_and_low():
    states = states_of(commands=[1.0, 1.0, -1.0, -1.0], held=[0.0] * 4, heights=[0.03, 0.1, 0.03, 0.1])

    assert may_hide(states).tolist() == [True, False, False, False]
