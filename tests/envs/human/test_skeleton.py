"""Laws of a hand's joints."""

import numpy as np
import pytest

from daml.envs.human.bodies import find_body
from daml.envs.human.skeleton import N_ANGLES, HandSkeleton, about, blended, unit

SKELETONS = [HandSkeleton(find_body(number)) for number in (0, 10, 25)]


@pytest.mark.parametrize("skeleton", SKELETONS)
def test_at_rest_every_bone_is_where_the_body_has_it(skeleton: HandSkeleton):
    pose = skeleton.pose(np.zeros(N_ANGLES))
    wrist = skeleton.body.joints[3]
    np.testing.assert_allclose(pose.joints, skeleton.body.joints[4:] - wrist, atol=1e-9)
    np.testing.assert_allclose(pose.tips, skeleton.body.tips - wrist, atol=1e-9)
    np.testing.assert_allclose(pose.rotations, np.broadcast_to(np.eye(3), (15, 3, 3)), atol=1e-9)


@pytest.mark.parametrize("skeleton", SKELETONS)
def test_bending_turns_bones_and_stretches_none(skeleton: HandSkeleton):
    rest, bent = (skeleton.pose(angles) for angles in (np.zeros(N_ANGLES), np.full(N_ANGLES, 0.4)))
    for pose in (rest, bent):
        np.testing.assert_allclose(
            pose.rotations @ pose.rotations.transpose(0, 2, 1), np.tile(np.eye(3), (15, 1, 1)), atol=1e-9
        )
    for first in range(0, 15, 3):
        lengths = [np.linalg.norm(np.diff(pose.joints[first : first + 3], axis=0), axis=1) for pose in (rest, bent)]
        np.testing.assert_allclose(*lengths)
        np.testing.assert_allclose(
            *(np.linalg.norm(pose.tips[first // 3] - pose.joints[first + 2]) for pose in (rest, bent))
        )


@pytest.mark.parametrize("skeleton", SKELETONS)
def test_fingers_bend_towards_the_palm(skeleton: HandSkeleton):
    angles = np.zeros(N_ANGLES)
    angles[3:15] = 0.7
    rest, bent = (skeleton.pose(posture).tips @ skeleton.axes for posture in (np.zeros(N_ANGLES), angles))
    assert (bent[1:, 2] < rest[1:, 2] - 0.1 * skeleton.body.palm_length).all()  # z is the back of the hand
    np.testing.assert_allclose(bent[0], rest[0])


@pytest.mark.parametrize("skeleton", SKELETONS)
def test_the_hands_axes_point_to_fingers_thumb_and_back(skeleton: HandSkeleton):
    pose, axes = skeleton.pose(np.zeros(N_ANGLES)), skeleton.axes
    np.testing.assert_allclose(axes.T @ axes, np.eye(3), atol=1e-9)
    assert np.linalg.det(axes) == pytest.approx(1)
    tips = pose.tips @ axes
    assert tips[2, 0] > 0.1
    assert tips[0, 1] > tips[1, 1] > tips[4, 1]
    assert (pose.facing[1:] @ axes[:, 2] < -0.5).all()
    np.testing.assert_allclose(pose.pinch, (pose.tips[0] + pose.tips[1]) / 2)


def test_turns_about_an_axis_keep_it_and_add_up():
    axis = unit(np.array([[1.0, 2.0, -0.5]]))
    first, second = about(axis, np.array([0.3]))[0], about(axis, np.array([0.5]))[0]
    np.testing.assert_allclose(first @ axis[0], axis[0], atol=1e-12)
    np.testing.assert_allclose(first @ second, about(axis, np.array([0.8]))[0], atol=1e-12)


def test_a_blend_goes_from_one_turn_to_the_other_at_an_even_pace():
    axis = unit(np.array([[0.2, -1.0, 0.4]]))
    first, last = about(axis, np.array([0.1]))[0], about(axis, np.array([2.1]))[0]
    np.testing.assert_allclose(blended(first, last, share=0.0), first, atol=1e-12)
    np.testing.assert_allclose(blended(first, last, share=1.0), last, atol=1e-12)
    np.testing.assert_allclose(blended(first, last, share=0.25), about(axis, np.array([0.6]))[0], atol=1e-9)
    np.testing.assert_array_equal(blended(first, first, share=0.5), first)
