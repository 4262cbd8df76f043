"""Laws of the arm."""

import mujoco
import numpy as np
import pytest

from daml.envs.robot.arm import FINGER_TRAVEL, FLANGE_LENGTH, HOME, JOINTS, TOOL_LENGTH, add_robot

ARM = [f"joint{number}" for number in range(1, 8)]
FINGERS = ["finger_left", "finger_right"]


@pytest.fixture(scope="module")
def model() -> mujoco.MjModel:
    spec = mujoco.MjSpec()
    spec.compiler.degree = False
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST  # as in every scene: the servos are stiff
    add_robot(spec)
    return spec.compile()


def posed(model: mujoco.MjModel, joints: tuple[float, ...], *, finger: float = 0.0) -> mujoco.MjData:
    data = mujoco.MjData(model)
    for name, value in zip([*ARM, *FINGERS], [*joints, finger, finger], strict=True):
        data.joint(name).qpos = value
    mujoco.mj_forward(model, data)
    return data


def test_joints_have_the_published_limits_and_torques(model: mujoco.MjModel):
    assert [model.joint(index).name for index in range(model.njnt)] == [*ARM, *FINGERS]
    for name, joint in zip(ARM, JOINTS, strict=True):
        np.testing.assert_allclose(model.joint(name).range, (joint.lower, joint.upper))
        np.testing.assert_allclose(model.actuator(name).ctrlrange, (joint.lower, joint.upper))
        np.testing.assert_allclose(model.actuator(name).forcerange, (-joint.torque, joint.torque))
        assert model.joint(name).limited[0] == 1


def test_at_zero_the_tool_is_where_the_published_kinematics_put_it(model: mujoco.MjModel):
    data = posed(model, (0.0,) * 7)
    # Up the straight arm, out by the wrist's offset, and down by flange and hand.
    expected = (0.088, 0.0, 0.333 + 0.316 + 0.384 - FLANGE_LENGTH - TOOL_LENGTH)
    np.testing.assert_allclose(data.site("tool").xpos, expected, atol=1e-6)


def test_at_home_the_gripper_points_down_over_the_table_and_closes_along_y(model: mujoco.MjModel):
    assert all(joint.lower < angle < joint.upper for joint, angle in zip(JOINTS, HOME, strict=True))
    data = posed(model, HOME)
    axes = data.site("tool").xmat.reshape(3, 3)
    np.testing.assert_allclose(axes[:, 2], (0.0, 0.0, -1.0), atol=0.01)
    assert abs(axes[1, 1]) > 0.99
    assert 0.3 < data.site("tool").xpos[0] < 0.7
    assert 0.05 < data.site("tool").xpos[2] < 0.5


def test_the_gripper_opens_80_mm_about_its_middle(model: mujoco.MjModel):
    assert pytest.approx(0.080) == 2 * FINGER_TRAVEL
    data = posed(model, HOME, finger=FINGER_TRAVEL)
    left, right, tool = data.body("finger_left").xpos, data.body("finger_right").xpos, data.site("tool").xpos
    assert np.linalg.norm(left - right) == pytest.approx(0.080, abs=1e-6)
    np.testing.assert_allclose((left + right)[:2] / 2, tool[:2], atol=1e-6)


def test_only_the_finger_pads_touch_anything(model: mujoco.MjModel):
    touching = {model.geom(geom).name for geom in range(model.ngeom) if model.geom_contype[geom]}
    assert touching == {"pad_left", "pad_right"}


def test_servos_hold_the_arm_where_it_is_sent(model: mujoco.MjModel):
    data = posed(model, HOME, finger=0.02)
    data.ctrl[:] = [*HOME, 0.02, 0.02]
    mujoco.mj_step(model, data, 500)
    np.testing.assert_allclose(data.qpos[:7], HOME, atol=1e-3)
    np.testing.assert_allclose(data.qpos[7:], 0.02, atol=1e-3)
