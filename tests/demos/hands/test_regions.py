"""Laws of the turned squares that hold a hand."""

import math

import numpy as np
import pytest

from daml.demos.hands.regions import Region, region_of_hand, region_of_palm


@pytest.mark.parametrize("angle", [0.0, 0.4, -1.3, math.pi / 2, 3.0])
def test_what_is_cut_out_projects_back_to_where_it_was(angle: float):
    picture = np.zeros((120, 160, 3), np.uint8)
    picture[50:55, 90:95] = 255
    region = Region(85.0, 55.0, 60.0, angle)
    crop = region.cut(picture, size=96)
    y, x = np.nonzero(crop[..., 0] > 127)
    place = region.project(np.array([[x.mean() + 0.5, y.mean() + 0.5]]) / 96)[0]
    assert place == pytest.approx([92, 52], abs=1.0)


def test_the_middle_of_a_region_is_its_centre_and_its_corners_are_half_a_diagonal_away():
    region = Region(10.0, 20.0, 8.0, 0.7)
    assert region.project(np.array([[0.5, 0.5]]))[0] == pytest.approx([10, 20])
    corner = region.project(np.array([[0.0, 0.0]]))[0]
    assert np.linalg.norm(corner - [10, 20]) == pytest.approx(8 / math.sqrt(2))


@pytest.mark.parametrize("angle", [0.0, 1.0, -2.0])
def test_a_hand_that_turns_turns_its_region(angle: float):
    upright = np.zeros((21, 2))
    upright[:, 1] = -np.linspace(0, 100, 21)
    upright[:, 0] = 10 * np.sin(np.arange(21))
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    one, other = region_of_hand(upright), region_of_hand(upright @ turn.T)
    assert math.remainder(other.angle - one.angle - angle, 2 * math.pi) == pytest.approx(0, abs=1e-6)
    assert other.side == pytest.approx(one.side)
    assert [other.x, other.y] == pytest.approx(turn @ [one.x, one.y])


def test_the_region_of_a_palm_reaches_towards_the_fingers():
    keypoints = np.zeros((7, 2))
    keypoints[0], keypoints[2] = [50, 100], [50, 60]  # the wrist is below the fingers
    region = region_of_palm(np.array([50.0, 80.0, 40.0, 40.0]), keypoints)
    assert region.angle == pytest.approx(0)
    assert (region.x, region.y) == pytest.approx((50, 60))
    assert region.side == pytest.approx(2.6 * 40)
