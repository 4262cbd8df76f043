"""Laws of quaternions."""

from collections.abc import Callable

import mujoco
import numpy as np
import pytest
from numpy.typing import NDArray

from daml.envs.scene import rotations
from daml.envs.scene.rotations import IDENTITY, Quaternion, about_x, about_y, about_z, compose, from_matrix


def turned(vector: tuple[float, float, float], quaternion: Quaternion) -> NDArray[np.float64]:
    result = np.empty(3)
    mujoco.mju_rotVecQuat(result, np.array(vector), np.array(quaternion))
    return result


@pytest.mark.parametrize(
    ("turn", "vector", "expected"),
    [
        (about_x, (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
        (about_y, (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)),
        (about_z, (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
    ],
)
def test_a_quarter_turn_takes_one_axis_to_the_next(
    turn: Callable[[float], Quaternion], vector: tuple[float, float, float], expected: tuple[float, float, float]
):
    np.testing.assert_allclose(turned(vector, turn(np.pi / 2)), expected, atol=1e-12)
    np.testing.assert_allclose(turned(expected, turn(-np.pi / 2)), vector, atol=1e-12)


def test_composing_turns_about_the_axes_already_turned():
    # Heading along y, then nose down about the heading's own y axis.
    np.testing.assert_allclose(
        turned((1.0, 0.0, 0.0), compose(about_z(np.pi / 2), about_y(np.pi / 2))), (0.0, 0.0, -1.0), atol=1e-12
    )
    assert compose(IDENTITY, about_x(0.3)) == about_x(0.3)


def test_a_matrix_and_its_quaternion_turn_alike():
    quaternion = compose(about_z(0.7), compose(about_y(-0.4), about_x(1.1)))
    columns = [turned(axis, quaternion) for axis in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))]
    np.testing.assert_allclose(from_matrix(np.stack(columns, axis=1)), quaternion, atol=1e-12)


def test_what_is_returned_are_plain_numbers_of_length_one():
    for quaternion in (about_x(1.0), about_y(2.0), about_z(3.0), compose(about_x(1.0), about_z(2.0))):
        assert all(type(number) is float for number in quaternion)
        assert np.linalg.norm(quaternion) == pytest.approx(1.0)
    assert about_x(0.0) == rotations.IDENTITY
