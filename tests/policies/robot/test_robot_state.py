import numpy as np
import pytest
import torch

from daml.policies.robot.proprioception import extend_clip
from daml.policies.robot.robot_state import MEMORY_SIZE, RobotState, SensedRobot
from daml.policies.tensor_trees import concatenate, index_tensors


def state_of(*, commands: list[float], held: list[float], heights: list[float]) -> RobotState:
    state = RobotState.unpack(torch.zeros(len(commands), 9))
    return state._replace(
        position=torch.tensor([[0.0, 0.0, height] for height in heights]),
        command=torch.tensor(commands)[:, None],
        has_held=torch.tensor(held)[:, None],
    )


@pytest.mark.parametrize("shape", [(9,), (5, 9), (3, 4, 9), (5, 11), (5, 8)])
def test_packing_and_unpacking_are_inverse(shape: tuple[int, ...]):
    values = torch.randn(*shape)

    state = RobotState.unpack(values)

    assert torch.equal(state.pack(), values)
    for field, again in zip(state, RobotState.unpack(state.pack()), strict=True):
        assert torch.equal(field, again)


def test_every_number_of_a_packed_state_is_in_one_field():
    state = RobotState.unpack(torch.arange(10))

    assert {name: value.tolist() for name, value in state._asdict().items()} == {
        "position": [0, 1, 2],
        "measured": [3, 4],
        "command": [5],
        "has_held": [6],
        "start": [7, 8, 9],
    }


def test_place_and_height_are_the_position_and_the_opening_is_measured_first():
    values = torch.randn(3, 4, 10)
    state = RobotState.unpack(values)

    assert torch.equal(torch.cat([state.place, state.height], dim=-1), state.position)
    assert state.place.shape == (3, 4, 2)
    assert torch.equal(state.opening, values[..., 3:4])


def test_an_item_is_held_where_the_fingers_close_on_something():
    state = state_of(commands=[1.0, 1.0, -1.0, -1.0], held=[1.0, 0.0, 1.0, 0.0], heights=[0.1] * 4)

    assert state.holds_item().tolist() == [[True], [False], [False], [False]]


def test_a_robot_that_measures_more_remembers_in_the_same_places():
    measured = np.full((3, 6), 0.02, np.float32)
    measured[0, 3] = 0.08  # wide open: what is between the fingers is held once they have closed and stopped on it
    states = torch.tensor(extend_clip(measured, np.ones((3, 7), np.float32)))

    assert states.shape == (3, 6 + MEMORY_SIZE)
    assert RobotState.unpack(states).holds_item().tolist() == [[False], [False], [True]]


def test_a_gripper_may_hide_an_item_where_it_is_closed_and_low():
    state = state_of(commands=[1.0, 1.0, -1.0, -1.0], held=[0.0] * 4, heights=[0.03, 0.1, 0.03, 0.1])

    assert state.may_hide_item().tolist() == [[True], [False], [False], [False]]


def test_all_that_is_sensed_of_a_robot_belongs_to_frames():
    sensed = SensedRobot(
        state=torch.randn(5, 9),
        gripper=torch.randn(5, 2),
        camera_shift=torch.randn(5, 2),
        camera=torch.randn(5, 3, 4),
        may_hide_item=torch.ones(5, 1),
    )

    frames = [index_tensors(sensed, slice(frame, frame + 1)) for frame in range(5)]

    torch.testing.assert_close(concatenate(frames), sensed, atol=0, rtol=0)
