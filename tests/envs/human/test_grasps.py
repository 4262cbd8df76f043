"""Laws of grasps: they fit what is held."""

import numpy as np
import pytest

from daml.envs.human.bodies import body_numbers, find_body
from daml.envs.human.grasps import FLAT, GRASPS, grasp, posture
from daml.envs.human.skeleton import N_ANGLES, HandSkeleton

PARTNERS = {"pinch": [1], "tripod": [1, 2], "whole": [1, 2, 3, 4]}


@pytest.mark.parametrize("name", GRASPS)
@pytest.mark.parametrize("number", [0, 1, 10, 33])
def test_thumb_and_fingers_are_as_far_apart_as_the_thing_is_wide(name: str, number: int):
    skeleton = HandSkeleton(find_body(number))
    for width in np.linspace(0.2, 0.85, 8) * skeleton.body.palm_length:
        pose = skeleton.pose(posture(skeleton, name, width=width))
        gap = np.linalg.norm(pose.pads[PARTNERS[name]].mean(axis=0) - pose.pads[0])
        assert gap == pytest.approx(width, abs=0.001)


@pytest.mark.parametrize("name", GRASPS)
def test_a_hand_opens_steadily_and_no_further_than_it_can(name: str):
    skeleton = HandSkeleton(find_body(1))
    gaps: list[float] = []
    for width in np.linspace(0.02, 0.08, 20):
        pose = skeleton.pose(posture(skeleton, name, width=width))
        gaps.append(float(np.linalg.norm(pose.pads[PARTNERS[name]].mean(axis=0) - pose.pads[0])))
    assert (np.diff(gaps) > 0).all()
    np.testing.assert_array_equal(posture(skeleton, name, width=0.3), posture(skeleton, name, width=0.6))


@pytest.mark.parametrize("name", [*GRASPS, FLAT])
def test_the_hand_is_turned_as_asked(name: str):
    skeleton = HandSkeleton(find_body(body_numbers("test")[0]))
    held = grasp(skeleton, name, angles=np.zeros(N_ANGLES) if name == FLAT else posture(skeleton, name, width=0.04))
    assert abs(held.closing @ held.approach) < 1e-6
    closing, approach = np.array([0.0, -1.0, 0.0]), np.array([0.6, 0.0, -0.8])
    axes = held.hand_axes(closing, approach)
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-6)
    np.testing.assert_allclose(axes @ held.closing, closing, atol=1e-6)
    np.testing.assert_allclose(axes @ held.approach, approach, atol=1e-6)


def test_pads_face_one_another():
    skeleton = HandSkeleton(find_body(1))
    for name in GRASPS:
        for width in (0.02, 0.05, 0.08):
            pose = skeleton.pose(posture(skeleton, name, width=width))
            gap = pose.pads[PARTNERS[name]].mean(axis=0) - pose.pads[0]
            assert pose.facing[0] @ gap / np.linalg.norm(gap) > 0.8
