"""Rotations as quaternions, w first, in the plain tuples that MuJoCo's specifications take."""

import mujoco
import numpy as np
from numpy.typing import NDArray

Quaternion = tuple[float, float, float, float]

IDENTITY: Quaternion = (1.0, 0.0, 0.0, 0.0)


def about_x(angle: float) -> Quaternion:
    """Return the turn by an angle in radians about the x axis."""
    return (float(np.cos(angle / 2)), float(np.sin(angle / 2)), 0.0, 0.0)


def about_y(angle: float) -> Quaternion:
    """Return the turn by an angle in radians about the y axis."""
    return (float(np.cos(angle / 2)), 0.0, float(np.sin(angle / 2)), 0.0)


def about_z(angle: float) -> Quaternion:
    """Return the turn by an angle in radians about the z axis."""
    return (float(np.cos(angle / 2)), 0.0, 0.0, float(np.sin(angle / 2)))


def compose(first: Quaternion, second: Quaternion) -> Quaternion:
    """Return one turn followed by another about the axes that the first has turned."""
    product = np.empty(4)
    mujoco.mju_mulQuat(product, np.array(first), np.array(second))
    return _as_tuple(product)


def from_matrix(matrix: NDArray[np.float64]) -> Quaternion:
    """Return the quaternion of a rotation matrix, `(3, 3)`, whose columns are the turned axes."""
    quaternion = np.empty(4)
    mujoco.mju_mat2Quat(quaternion, matrix.ravel())
    return _as_tuple(quaternion)


def _as_tuple(quaternion: NDArray[np.float64]) -> Quaternion:
    w, x, y, z = quaternion
    return (float(w), float(x), float(y), float(z))
