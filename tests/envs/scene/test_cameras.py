"""Laws of cameras."""

from dataclasses import replace

import mujoco
import numpy as np
import pytest

from daml.envs.scene.cameras import (
    FILMING_DISTANCE,
    FILMING_ELEVATION_DEG,
    FILMING_FIELD_DEG,
    FILMING_WIDTH,
    PERSON_CAMERA,
    POLICY_CAMERA,
    POSITION_JITTER,
    TARGET_JITTER,
    Camera,
    draw_filming_camera,
)
from daml.envs.tasks import pick_place, place, push
from daml.envs.tasks.layout import Rectangle

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


@pytest.mark.parametrize(
    "region",
    [
        place.WORKSPACE,
        push.ITEM_REGION,
        push.ZONE_REGION,
        pick_place.ITEM_REGION,
        pick_place.CONTAINER_REGION,
    ],
)
def test_the_policy_sees_every_place_that_a_thing_may_stand_at(region: Rectangle):
    rng = np.random.default_rng(0)
    (x_low, y_low), (x_high, y_high) = region
    corners = np.array([(x, y, 0.0) for x in (x_low, x_high) for y in (y_low, y_high)])
    for camera in (POLICY_CAMERA, *(POLICY_CAMERA.jittered(rng) for _ in range(20))):
        right, up, back = camera.axes().T @ (corners - camera.position).T
        half_height = np.tan(np.deg2rad(camera.field_of_view_deg) / 2)
        assert (np.abs(right / back) < half_height).all()
        assert (np.abs(up / back) < half_height).all()


@pytest.mark.parametrize("camera", CAMERAS)
def test_points_are_projected_to_where_the_axes_say(camera: Camera):
    half_height = np.tan(np.deg2rad(camera.field_of_view_deg) / 2)
    right, up, back = camera.axes().T
    for depth in (0.3, 2.0):
        ahead = np.array(camera.position) - depth * back
        edge = depth * half_height
        points = np.stack([ahead, ahead + edge * right, ahead - edge * up, ahead + 0.5 * edge * (up - right)])
        projected = camera.project(points)
        assert projected.dtype == np.float32
        np.testing.assert_allclose(projected, [(0, 0), (1, 0), (0, 1), (-0.5, -0.5)], atol=1e-6)
    np.testing.assert_allclose(camera.project(np.array([camera.target])), 0.0, atol=1e-6)


def test_rolling_turns_the_image_about_its_middle_and_leaves_the_view():
    rolled = replace(POLICY_CAMERA, roll_deg=90.0)
    right, up, back = POLICY_CAMERA.axes().T
    np.testing.assert_allclose(rolled.axes().T, [up, -right, back], atol=1e-12)
    np.testing.assert_array_equal(replace(POLICY_CAMERA, roll_deg=0.0).axes(), POLICY_CAMERA.axes())
    point = np.array([[0.6, 0.1, 0.0]])
    (x, y), (rolled_x, rolled_y) = POLICY_CAMERA.project(point)[0], rolled.project(point)[0]
    np.testing.assert_allclose((rolled_x, rolled_y), (-y, x), atol=1e-6)


def test_people_film_from_anywhere_and_what_they_film_fills_the_picture():
    cameras = [draw_filming_camera(np.random.default_rng(seed)) for seed in range(300)]
    ways = np.stack([np.subtract(camera.position, camera.target) for camera in cameras])
    distances = np.linalg.norm(ways, axis=1)
    fields = np.array([camera.field_of_view_deg for camera in cameras])
    elevations = np.rad2deg(np.arcsin(ways[:, 2] / distances))
    widths = 2 * distances * np.tan(np.deg2rad(fields) / 2)
    for values, (low, high) in (
        (distances, FILMING_DISTANCE),
        (elevations, FILMING_ELEVATION_DEG),
        (fields, FILMING_FIELD_DEG),
        (widths, FILMING_WIDTH),
    ):
        assert low <= values.min() < low + 0.2 * (high - low)
        assert high >= values.max() > high - 0.2 * (high - low)
    assert np.histogram([camera.side for camera in cameras], bins=8, range=(-np.pi, np.pi))[0].min() > 15


@pytest.mark.parametrize("camera", [POLICY_CAMERA, replace(PERSON_CAMERA, roll_deg=20.0)], ids=["policy", "rolled"])
def test_what_lies_along_a_ray_is_projected_back_to_its_place(camera: Camera):
    places = np.array([(0.0, 0.0), (0.7, -0.3), (-1.0, 1.0), (1.6, 0.2)])
    rays = camera.rays(places)
    for depth in (0.3, 2.0):
        np.testing.assert_allclose(camera.project(np.array(camera.position) + depth * rays), places, atol=1e-5)
