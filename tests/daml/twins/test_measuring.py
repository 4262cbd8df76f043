"""Laws of measuring what stands and lies on a table."""

import cv2
import numpy as np
import pytest

from daml.twins.measuring import elevation_of, measure_lying, measure_standing
from daml.twins.segments import Segment, filled
from daml.twins.viewpoint import USUAL_ELEVATION_DEG, Viewpoint, seen_at, to_world

SIZE = (640, 480)
VIEWPOINT = Viewpoint.looking_down(SIZE, np.array([[0.5, 0.6]]), elevation_deg=40.0)
SCALE, ORIGIN = 0.6, np.array([1.0, 0.0])


def seen(points: np.ndarray) -> Segment:
    """Draw the convex hull of points of the world as the camera sees them."""
    places = seen_at(VIEWPOINT.camera(scale=SCALE, origin=ORIGIN), points, aspect=SIZE[0] / SIZE[1])
    hull = cv2.convexHull(places.astype(np.float32)).reshape(-1, 2).astype(np.float64)
    return Segment(filled(hull, SIZE[::-1]))


def corners(middle: np.ndarray, halves: tuple[float, float, float]) -> np.ndarray:
    signs = np.array(np.meshgrid([-1, 1], [-1, 1], [0, 2])).reshape(3, -1).T
    return np.array([*middle, 0.0]) + signs * halves


def test_a_mat_has_its_size_and_place():
    middle = to_world(VIEWPOINT.on_table(np.array([[0.45, 0.6]])), scale=SCALE, origin=ORIGIN)[0]
    extent = measure_lying(seen(corners(middle, (0.04, 0.07, 0.0))), VIEWPOINT)
    assert np.array(extent.size) * SCALE == pytest.approx([0.14, 0.08, 0.0], abs=0.006)
    np.testing.assert_allclose(to_world(extent.foot[None], scale=SCALE, origin=ORIGIN)[0], middle, atol=0.004)


def test_a_block_has_its_width_height_and_foot():
    middle = to_world(VIEWPOINT.on_table(np.array([[0.5, 0.6]])), scale=SCALE, origin=ORIGIN)[0]
    extent = measure_standing(seen(corners(middle, (0.03, 0.03, 0.05))), VIEWPOINT)
    width, _, height = np.array(extent.size) * SCALE
    assert width == pytest.approx(0.06, abs=0.008)
    assert height == pytest.approx(0.10, abs=0.02)
    np.testing.assert_allclose(to_world(extent.foot[None], scale=SCALE, origin=ORIGIN)[0], middle, atol=0.01)


@pytest.mark.parametrize("elevation_deg", [25.0, 40.0, 60.0])
def test_a_plate_tells_the_angle_that_the_camera_looks_down_at(elevation_deg: float):
    viewpoint = Viewpoint.looking_down(SIZE, np.array([[0.5, 0.6]]), elevation_deg=elevation_deg)
    middle = to_world(viewpoint.on_table(np.array([[0.5, 0.6]])), scale=SCALE, origin=ORIGIN)[0]
    turn = np.linspace(0, 2 * np.pi, 60)
    rim = np.column_stack([middle[0] + 0.06 * np.cos(turn), middle[1] + 0.06 * np.sin(turn), 0 * turn])
    places = seen_at(viewpoint.camera(scale=SCALE, origin=ORIGIN), rim, aspect=SIZE[0] / SIZE[1])
    plate = Segment(filled(places, SIZE[::-1]))
    assert elevation_of([plate]) == pytest.approx(elevation_deg, abs=3.0)


def test_what_is_not_round_tells_no_angle():
    mask = np.zeros(SIZE[::-1], np.bool_)
    mask[100:200, 100:300] = True
    assert elevation_of([Segment(mask)]) == USUAL_ELEVATION_DEG
    assert elevation_of([]) == USUAL_ELEVATION_DEG


def test_a_plate_that_the_edge_cuts_off_tells_no_angle():
    mask = np.zeros(SIZE[::-1], np.uint8)
    cv2.ellipse(mask, (320, 470), (80, 40), 0, 0, 360, 1, -1)
    assert elevation_of([Segment(mask > 0)]) == USUAL_ELEVATION_DEG
