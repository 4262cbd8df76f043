"""Laws of task-space control."""

from itertools import product

import mujoco
import numpy as np
import pytest
from numpy.typing import NDArray

from daml.envs.robot.arm import FINGER_TRAVEL, JOINTS, add_robot
from daml.envs.robot.control import CONTROL_TIMESTEP, MAXIMUM_SPEED, REACH, GripperController
from daml.envs.tasks.layout import START_REGION

START = np.array([0.45, 0.0, 0.16])
LOWER = np.array([joint.lower for joint in JOINTS])
UPPER = np.array([joint.upper for joint in JOINTS])


@pytest.fixture(scope="module")
def arm() -> mujoco.MjModel:
    spec = mujoco.MjSpec()
    spec.compiler.degree = False
    add_robot(spec)
    return spec.compile()


def tool_at(arm: mujoco.MjModel, joints: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where the joints put the tool, and which way it points."""
    data = mujoco.MjData(arm)
    data.qpos[:] = joints
    mujoco.mj_forward(arm, data)
    return data.site("tool").xpos.copy(), data.site("tool").xmat.reshape(3, 3)[:, 2].copy()


@pytest.mark.parametrize("position", [*product(*zip(*START_REGION, strict=True)), (0.66, 0.2, 0.05), (0.4, -0.2, 0.3)])
def test_reset_puts_the_gripper_at_the_position_pointing_down(
    arm: mujoco.MjModel, position: tuple[float, float, float]
):
    joints = GripperController().reset(np.array(position), opening=0.03)
    where, pointing = tool_at(arm, joints)
    np.testing.assert_allclose(where, position, atol=2e-3)
    assert pointing[2] < -0.999
    np.testing.assert_allclose(joints[7:], 0.015)


@pytest.mark.parametrize("direction", [(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1), (1, 1, -1)])
def test_a_straight_motion_ends_within_2_mm_of_where_it_was_sent(arm: mujoco.MjModel, direction: tuple[int, int, int]):
    controller = GripperController()
    controller.reset(START, opening=0.03)
    for _ in range(3):
        controller.step(np.array([*direction, 1.0]))
    joints = controller.step(np.array([0.0, 0.0, 0.0, 1.0]))
    expected = START + 3 * MAXIMUM_SPEED * CONTROL_TIMESTEP * np.array(direction)
    np.testing.assert_allclose(controller.target, expected, atol=1e-12)
    assert np.linalg.norm(tool_at(arm, joints)[0] - expected) < 2e-3


def test_joint_limits_reach_and_speed_hold_under_random_actions(arm: mujoco.MjModel):
    rng = np.random.default_rng(0)
    controller = GripperController()
    before = tool_at(arm, controller.reset(START, opening=0.03))[0]
    for _ in range(200):
        # Corners rather than uniform draws: a random walk that gets to the ends of the reach.
        joints = controller.step(np.sign(rng.normal(size=4)))
        assert (joints[:7] >= LOWER - 1e-6).all()
        assert (joints[:7] <= UPPER + 1e-6).all()
        assert (controller.target >= REACH[0]).all()
        assert (controller.target <= REACH[1]).all()
        now, pointing = tool_at(arm, joints)
        assert np.abs(now - before).max() < 1.5 * MAXIMUM_SPEED * CONTROL_TIMESTEP
        assert pointing[2] < -0.99
        before = now


def test_the_gripper_follows_to_every_end_of_its_reach_and_back(arm: mujoco.MjModel):
    for direction in product((-1, 0, 1), repeat=3):
        controller = GripperController()
        before = tool_at(arm, controller.reset(START, opening=0.03))[0]
        for sign in [1] * 20 + [-1] * 10:
            joints = controller.step(np.array([*np.multiply(sign, direction), 1.0]))
            now = tool_at(arm, joints)[0]
            assert np.linalg.norm(now - controller.target) < 3e-3, direction
            assert np.abs(now - before).max() < 1.5 * MAXIMUM_SPEED * CONTROL_TIMESTEP, direction
            before = now


def test_the_sign_of_the_command_opens_and_closes():
    controller = GripperController()
    controller.reset(START, opening=0.03)
    np.testing.assert_allclose(controller.step(np.array([0, 0, 0, -0.1]))[7:], FINGER_TRAVEL)
    np.testing.assert_allclose(controller.step(np.array([0, 0, 0, 0.0]))[7:], 0.0)
    np.testing.assert_allclose(controller.step(np.array([0, 0, 0, 0.1]))[7:], 0.0)


def test_an_episode_does_not_depend_on_the_one_before():
    fresh, used = GripperController(), GripperController()
    used.reset(np.array(REACH[1]), opening=0.01)
    for _ in range(5):
        used.step(np.array([-1.0, -1.0, 0.3, -1.0]))
    np.testing.assert_array_equal(fresh.reset(START, opening=0.03), used.reset(START, opening=0.03))
    action = np.array([0.4, -0.7, 0.2, 1.0])
    np.testing.assert_array_equal(fresh.step(action), used.step(action))


def test_the_target_handed_out_is_a_copy():
    controller = GripperController()
    controller.reset(START, opening=0.03)
    controller.target[:] = 0
    np.testing.assert_array_equal(controller.target, START)
