"""Laws of a film's viewpoint."""

import numpy as np
import pytest

from daml.envs.scene.cameras import POLICY_CAMERA
from daml.twins.viewpoint import Viewpoint, seen_at, table_points, to_world

PLACES = np.array([[0.2, 0.6], [0.7, 0.9], [0.5, 0.5]])


@pytest.mark.parametrize("size", [(640, 480), (480, 640), (400, 400)])
@pytest.mark.parametrize("elevation_deg", [20.0, 40.0, 70.0])
@pytest.mark.parametrize("z", [0.0, 0.1])
def test_the_camera_sees_what_is_on_the_table_where_it_was_seen(size: tuple[int, int], elevation_deg: float, z: float):
    viewpoint = Viewpoint.looking_down(size, PLACES, elevation_deg=elevation_deg)
    scale, origin = 0.7, np.array([1.1, 0.1])
    points = to_world(viewpoint.on_table(PLACES, z=z), scale=scale, origin=origin)
    camera = viewpoint.camera(scale=scale, origin=origin)
    seen = seen_at(camera, np.column_stack([points, np.full(3, z * scale)]), aspect=size[0] / size[1])
    np.testing.assert_allclose(seen, PLACES, atol=1e-5)


def test_the_elevation_is_that_asked_for():
    viewpoint = Viewpoint.looking_down((640, 480), np.array([[0.5, 0.8]]), elevation_deg=35.0)
    point = viewpoint.on_table(np.array([[0.5, 0.8]]))
    assert np.rad2deg(viewpoint.elevation(point)[0]) == pytest.approx(35.0)


def test_every_place_is_below_the_horizon():
    places = np.array([[0.5, 0.05], [0.5, 0.95]])
    viewpoint = Viewpoint.looking_down((640, 480), places, elevation_deg=20.0)
    points = viewpoint.on_table(places)
    assert (viewpoint.elevation(points) > 0).all()
    assert points[0, 1] > points[1, 1] > 0


def test_the_pictures_right_is_the_robots_left_and_its_top_is_nearer_to_the_robot():
    viewpoint = Viewpoint.looking_down((640, 480), PLACES, elevation_deg=40.0)
    points = viewpoint.on_table(np.array([[0.5, 0.8], [0.7, 0.8], [0.5, 0.6]]))
    middle, right, top = to_world(points, scale=1.0, origin=np.zeros(2))
    assert right[1] > middle[1]
    assert top[0] < middle[0]


def test_points_of_the_table_are_found_again_from_where_they_are_seen():
    points = np.array([[0.4, -0.2], [0.6, 0.1], [0.5, 0.0]])
    places = seen_at(POLICY_CAMERA, np.column_stack([points, np.zeros(3)]), aspect=1.5)
    np.testing.assert_allclose(table_points(POLICY_CAMERA, places, aspect=1.5), points, atol=1e-5)
