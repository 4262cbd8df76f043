"""Laws of cameras."""

import mujoco
import numpy as np
import pytest

from envs.cameras import PERSON_CAMERA, POLICY_CAMERA, POSITION_JITTER, TARGET_JITTER, Camera
from envs.place import WORKSPACE

CAMERAS = (POLICY_CAMERA, PERSON_CAMERA, POLICY_CAMERA.jittered(np.random.default_rng(0)))


@pytest.mark.parametrize("camera", CAMERAS)
def test_axes_are_orthonormal_right_handed_and_level(camera: Camera):
    axes = camera.axes()
    np.testing.assert_allclose(axes.T @ axes, np.eye(3), atol=1e-12)
    assert np.linalg.det(axes) == pytest.approx(1.0)
    assert axes[2, 0] == pytest.approx(0.0)
    assert axes[2, 1] > 0


@pytest.mark.parametrize("camera", CAMERAS)
def test_the_compiled_camera_looks_at_the_target(camera: Camera):
    spec = mujoco.MjSpec()
    camera.add_to(spec)
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    view = data.camera(camera.name)
    towards = np.subtract(camera.target, camera.position)
    np.testing.assert_allclose(-view.xmat.reshape(3, 3)[:, 2], towards / np.linalg.norm(towards), atol=1e-9)
    np.testing.assert_allclose(view.xpos, camera.position)
    assert model.camera(camera.name).fovy[0] == camera.field_of_view_deg


def test_jitter_moves_the_camera_a_little_and_differently_each_time():
    rng = np.random.default_rng(0)
    jittered = [POLICY_CAMERA.jittered(rng) for _ in range(50)]
    assert len({camera.position for camera in jittered}) == len(jittered)
    for camera in jittered:
        assert np.abs(np.subtract(camera.position, POLICY_CAMERA.position)).max() <= POSITION_JITTER
        assert np.abs(np.subtract(camera.target, POLICY_CAMERA.target)).max() <= TARGET_JITTER
        assert (camera.name, camera.field_of_view_deg) == (POLICY_CAMERA.name, POLICY_CAMERA.field_of_view_deg)


def test_the_policy_sees_every_place_that_a_container_may_stand_at():
    rng = np.random.default_rng(0)
    (x_low, y_low), (x_high, y_high) = WORKSPACE
    for camera in (POLICY_CAMERA, *(POLICY_CAMERA.jittered(rng) for _ in range(20))):
        half_height = np.tan(np.deg2rad(camera.field_of_view_deg) / 2)
        for corner in ((x_low, y_low), (x_low, y_high), (x_high, y_low), (x_high, y_high)):
            right, up, back = camera.axes().T @ np.subtract((*corner, 0.0), camera.position)
            assert abs(right / back) < half_height
            assert abs(up / back) < half_height
