"""Laws of where a twin's things go."""

import numpy as np
import pytest

from daml.envs.scene.cameras import POLICY_CAMERA
from daml.twins.arrangement import WORKSPACE, choose_origin, choose_scale, free_place, keep_apart, widened
from daml.twins.viewpoint import to_world

POINTS = np.array([[-0.3, 1.0], [0.2, 1.4], [0.1, 1.1]])


def test_the_scale_is_that_wanted_where_there_is_room():
    assert choose_scale(POINTS, [0.1, 0.4]) == pytest.approx(0.2)


def test_all_things_fit_into_the_workspace():
    scale = choose_scale(POINTS, [50.0])
    places = to_world(POINTS, scale=scale, origin=choose_origin(POINTS, scale))
    low, high = np.array(WORKSPACE)
    assert (places >= low - 1e-9).all()
    assert (places <= high + 1e-9).all()


def test_the_camera_rises_until_things_have_room_or_the_workspace_ends():
    near = np.array([[0.0, 1.0], [0.1, 1.0]])
    assert widened(0.5, near, np.array([0.02, 0.02])) == 0.5
    assert widened(0.5, near, np.array([0.03, 0.05])) == pytest.approx(0.86)
    assert widened(0.5, POINTS, np.array([0.3, 0.3, 0.3])) == pytest.approx(choose_scale(POINTS, [50.0]))
    assert widened(0.5, near[:1], np.array([0.03])) == 0.5


def test_things_that_are_apart_stay_where_they_are():
    places = np.array([[0.45, -0.1], [0.6, 0.1]])
    np.testing.assert_array_equal(keep_apart(places, np.array([0.03, 0.07])), places)


@pytest.mark.parametrize("second", [[0.5, 0.02], [0.5, 0.0]])
def test_things_that_overlap_are_moved_apart(second: list[float]):
    places = keep_apart(np.array([[0.5, 0.0], second]), np.array([0.03, 0.07]))
    assert np.linalg.norm(places[0] - places[1]) >= 0.1
    np.testing.assert_allclose(places.mean(axis=0), np.mean([[0.5, 0.0], second], axis=0), atol=1e-6)


def test_what_is_added_touches_nothing():
    places, gaps = np.array([[0.5, -0.1], [0.55, 0.12]]), np.array([0.1, 0.1])
    place = free_place(places, gaps, camera=POLICY_CAMERA, aspect=1.0)
    assert (np.linalg.norm(places - place, axis=1) > gaps).all()
