import torch

from policies.robot_state import COMMAND, HAS_HELD, POSITION_SIZE, is_felt, may_hide


def states_of(*, commands: list[float], held: list[float], heights: list[float]) -> torch.Tensor:
    states = torch.zeros(len(commands), 9)
    states[:, COMMAND], states[:, HAS_HELD] = torch.tensor(commands), torch.tensor(held)
    states[:, POSITION_SIZE - 1] = torch.tensor(heights)
    return states


def test_an_item_is_felt_where_the_fingers_close_on_something():
    states = states_of(commands=[1.0, 1.0, -1.0, -1.0], held=[1.0, 0.0, 1.0, 0.0], heights=[0.1] * 4)

    assert is_felt(states).tolist() == [True, False, False, False]


def test_a_gripper_may_hide_an_item_where_it_is_closed_and_low():
    states = states_of(commands=[1.0, 1.0, -1.0, -1.0], held=[0.0] * 4, heights=[0.03, 0.1, 0.03, 0.1])

    assert may_hide(states).tolist() == [True, False, False, False]
