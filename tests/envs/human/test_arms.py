"""Laws of the arm's inverse kinematics."""

import numpy as np
import pytest

from daml.envs.human.arms import LIMB_BONES, ArmSkeleton
from daml.envs.human.bodies import find_body
from daml.envs.human.skeleton import about, unit

ARMS = [ArmSkeleton(find_body(number)) for number in (0, 10, 25)]
DOWN = np.array([0.0, 0.0, -1.0])


def ways(arm: ArmSkeleton, count: int = 30) -> list[np.ndarray]:
    """Return places about the shoulder that the wrist can reach."""
    rng = np.random.default_rng(0)
    directions = unit(rng.normal(size=(count, 3)) + np.array([1.0, 0.0, 0.0]))
    return [arm.shoulder + rng.uniform(0.45, 0.95) * arm.length * direction for direction in directions]


@pytest.mark.parametrize("arm", ARMS)
def test_the_wrist_comes_where_it_is_to_be_and_no_bone_is_stretched(arm: ArmSkeleton):
    rest = arm.body.joints[: len(LIMB_BONES)]
    lengths = [np.linalg.norm(rest[1] - rest[0]), np.linalg.norm(rest[3] - rest[1])]
    for wrist in ways(arm):
        pose = arm.reach(wrist, np.eye(3), elbow_towards=DOWN)
        shoulder, elbow, _, end = pose.joints
        np.testing.assert_allclose(end, wrist, atol=1e-9)
        np.testing.assert_allclose(shoulder, rest[0])
        np.testing.assert_allclose([np.linalg.norm(elbow - shoulder), np.linalg.norm(end - elbow)], lengths)
        # Bones are turned to where the joints are.
        np.testing.assert_allclose(shoulder + pose.rotations[0] @ (rest[1] - rest[0]), elbow, atol=1e-9)
        for half in (1, 2):
            np.testing.assert_allclose(elbow + pose.rotations[half] @ (rest[3] - rest[1]), end, atol=1e-9)
        np.testing.assert_allclose(pose.rotations @ pose.rotations.transpose(0, 2, 1), [np.eye(3)] * 4, atol=1e-9)


@pytest.mark.parametrize("arm", ARMS)
def test_the_elbow_points_where_it_is_told(arm: ArmSkeleton):
    wrist = arm.shoulder + np.array([0.7 * arm.length, 0.0, 0.0])
    for towards in (DOWN, np.array([0.0, -1.0, 0.0])):
        elbow = arm.reach(wrist, np.eye(3), elbow_towards=towards).joints[1]
        assert unit(elbow - (arm.shoulder + wrist) / 2) @ towards > 0.9


def test_too_far_away_the_arm_points_there_all_but_straight():
    arm = ARMS[0]
    direction = unit(np.array([1.0, 0.3, -0.2]))
    end = arm.reach(arm.shoulder + 3 * arm.length * direction, np.eye(3), elbow_towards=DOWN).joints[3]
    np.testing.assert_allclose(unit(end - arm.shoulder), direction, atol=1e-9)
    assert 0.95 * arm.length < np.linalg.norm(end - arm.shoulder) < arm.length


def test_a_twist_of_the_hand_is_shared_out_along_the_forearm():
    arm = ARMS[0]
    wrist = ways(arm)[0]
    straight = arm.reach(wrist, np.eye(3), elbow_towards=DOWN).straight_hand
    unbent = arm.reach(wrist, straight, elbow_towards=DOWN)
    assert unbent.swing == pytest.approx(0, abs=1e-5)
    along = unit(arm.body.joints[3] - arm.body.joints[1])
    turned = arm.reach(wrist, straight @ about(along[None], np.array([0.5]))[0], elbow_towards=DOWN)
    assert turned.twist - unbent.twist == pytest.approx(0.5)
    assert turned.swing == pytest.approx(0, abs=1e-5)
    shares = [
        np.arccos((np.trace(unbent.rotations[bone].T @ turned.rotations[bone]) - 1) / 2) / 0.5 for bone in range(4)
    ]
    assert shares[0] == pytest.approx(0, abs=1e-5)
    assert 0 < shares[1] < shares[2] < shares[3]
    assert shares[3] == pytest.approx(1)
