"""Laws of how people take things."""

import numpy as np
import pytest

from daml.envs.human.bodies import find_body
from daml.envs.human.grasps import FLAT, Grasp, grasp, posture
from daml.envs.human.planning import CLEARANCE, Thing, find_lift, plan_hand
from daml.envs.human.skeleton import N_ANGLES, HandSkeleton, Vectors
from daml.envs.human.stance import Stance, draw_stance


def person(number: int = 1, seed: int = 0) -> tuple[Stance, HandSkeleton]:
    body = find_body(number)
    rng = np.random.default_rng(seed)
    return draw_stance(body, rng, wrist=np.array([-0.08, 0.0, 0.12]), edge=0.4), HandSkeleton(body)


def lowest_part(skeleton: HandSkeleton, held: Grasp, axes: Vectors, point: Vectors) -> float:
    parts = np.concatenate([held.pose.joints, held.pose.tips]) @ skeleton.axes - held.point
    return float((parts @ axes.T + point)[:, 2].min())


@pytest.mark.parametrize("seed", range(6))
def test_the_hands_axes_are_a_rotation_and_no_finger_is_in_the_table(seed: int):
    stance, skeleton = person(seed=seed)
    held = grasp(skeleton, "tripod", angles=posture(skeleton, "tripod", width=0.03))
    thing = Thing(np.array([0.05, 0.02, 0.018]))
    axes = plan_hand(stance, skeleton, held, thing, np.random.default_rng(seed))
    np.testing.assert_allclose(axes.T @ axes, np.eye(3), atol=1e-6)
    assert np.linalg.det(axes) == pytest.approx(1)
    lift = find_lift(skeleton, held, thing, axes)
    assert 0 <= lift < 0.018  # still on the thing
    assert lowest_part(skeleton, held, axes, thing.position) + lift > CLEARANCE - 1e-9


@pytest.mark.parametrize("side", [-2.5, -1.2, 0.0, 0.4, 1.3])
def test_a_thing_is_taken_across_the_side_that_fits(side: float):
    stance, skeleton = person()
    held = grasp(skeleton, "pinch", angles=posture(skeleton, "pinch", width=0.03))
    axes = plan_hand(stance, skeleton, held, Thing(np.array([0.0, 0.0, 0.02]), sides=(side,)), np.random.default_rng(0))
    x, y, _ = axes @ held.closing
    off = (np.arctan2(y, x) - side) % np.pi
    assert min(off, np.pi - off) < 0.4


@pytest.mark.parametrize("pushed", [-0.8, 0.0, 0.9])
def test_who_pushes_stays_behind_the_thing(pushed: float):
    stance, skeleton = person()
    held = grasp(skeleton, FLAT, angles=np.zeros(N_ANGLES))
    thing = Thing(np.array([0.0, 0.0, 0.02]), pushed=pushed)
    axes = plan_hand(stance, skeleton, held, thing, np.random.default_rng(0))
    parts = (np.concatenate([held.pose.joints, held.pose.tips]) @ skeleton.axes - held.point) @ axes.T
    low = parts[:, 2] + 0.02 < 0.05
    assert (parts[low, :2] @ [np.cos(pushed), np.sin(pushed)]).max() < 0.03


def test_the_wrist_is_less_bent_than_by_chance():
    stance, skeleton = person()
    held = grasp(skeleton, "whole", angles=posture(skeleton, "whole", width=0.06))
    thing = Thing(np.array([0.0, 0.0, 0.04]))
    swings: list[float] = []
    for seed in range(8):
        axes = plan_hand(stance, skeleton, held, thing, np.random.default_rng(seed))
        wrist = thing.position - axes @ held.point
        swings.append(stance.reach(stance.trunk(wrist), wrist, axes @ skeleton.axes.T).swing)
    assert np.mean(swings) < 0.6
    assert max(swings) < 1.2
