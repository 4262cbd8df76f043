"""How a person takes or pushes a thing: the turn of the hand that suits thing, wrist and table best."""

from dataclasses import dataclass

import numpy as np

from daml.envs.human.grasps import Grasp
from daml.envs.human.skeleton import HandSkeleton, Vectors, unit
from daml.envs.human.stance import Stance

N_CANDIDATES = 48
"""Turns of the hand that are weighed."""

CLOSING_RANGE = (-1.75, 0.5)
"""Directions from thumb to fingers that are tried, in radians from straight ahead: a right hand's are to the right."""

DESCENT_RANGE = (0.25, 1.2)
"""Slopes of the hand that are tried, down from the level, in radians."""

TILT = 0.25
"""Tilt of the line from thumb to fingers, to either side, in radians."""

EASY_SWING, EASY_TWIST = 0.45, 0.7
"""Bend of the wrist and turn of the forearm that cost as much as one unit, in radians."""

CLEARANCE = 0.009
"""Least height of a finger's joints over the table: half its thickness, in metres."""

SPREAD_OF_TASTES = 0.5
"""Standard deviation of what people like for no reason, in the same units."""


@dataclass(frozen=True)
class Thing:
    """What is taken or pushed, in the person's frame.

    Args:
        position: Where the thumb and fingers meet about it or behind it, `(3,)`, in metres.
        sides: Directions that it may be taken across, in radians from straight ahead; none where all are alike.
        pushed: Direction that it is pushed in, in radians, if it is pushed.
    """

    position: Vectors
    sides: tuple[float, ...] = ()
    pushed: float | None = None


def plan_hand(stance: Stance, skeleton: HandSkeleton, grasp: Grasp, thing: Thing, rng: np.random.Generator) -> Vectors:
    """Choose the hand's axes, `(3, 3)`, as columns: see `HandSkeleton.axes`.

    Args:
        stance: Of the person.
        skeleton: Of the hand.
        grasp: The posture about the thing.
        thing: What is taken.
        rng: Random numbers.
    """
    candidates = [_draw_axes(grasp, thing, rng) for _ in range(N_CANDIDATES)]
    parts = _parts(skeleton, grasp)
    costs = [
        _discomfort(stance, skeleton, grasp, thing, axes)
        + _collisions(parts @ axes.T, thing)
        + SPREAD_OF_TASTES * taste
        for axes, taste in zip(candidates, rng.normal(size=N_CANDIDATES), strict=True)
    ]
    return candidates[int(np.argmin(costs))]


def find_lift(skeleton: HandSkeleton, grasp: Grasp, thing: Thing, axes: Vectors) -> float:
    """Return by how much higher than planned a thing is to be taken, so that no finger is in the table, in metres.

    Args:
        skeleton: Of the hand.
        grasp: The posture about the thing.
        thing: What is taken.
        axes: The hand's axes, `(3, 3)`.
    """
    return max(0.0, CLEARANCE - float((_parts(skeleton, grasp) @ axes.T + thing.position)[:, 2].min()))


def _parts(skeleton: HandSkeleton, grasp: Grasp) -> Vectors:
    """Return joints and tips in the hand's own axes, from the point closed upon, `(20, 3)`, in metres."""
    return np.concatenate([grasp.pose.joints, grasp.pose.tips]) @ skeleton.axes - grasp.point


def _draw_axes(grasp: Grasp, thing: Thing, rng: np.random.Generator) -> Vectors:
    turn = rng.uniform(*CLOSING_RANGE)
    if thing.sides:
        # Of the sides and their opposites, the nearest; not quite across it, as people do.
        sides = np.array([side + half for side in thing.sides for half in (-np.pi, 0.0, np.pi)])
        turn = float(sides[np.abs(sides - turn).argmin()]) + rng.normal(0.0, 0.1)
    descent, tilt = rng.uniform(*DESCENT_RANGE), rng.uniform(-TILT, TILT)
    level = np.array([np.cos(turn), np.sin(turn), 0.0])
    ahead = np.array([-np.sin(turn), np.cos(turn), 0.0])
    approach = np.cos(descent) * ahead - np.array([0.0, 0.0, np.sin(descent)])
    up = np.cross(level, approach)
    closing = unit(np.cos(tilt) * level + np.sin(tilt) * up)
    return grasp.hand_axes(closing, approach)


def _discomfort(stance: Stance, skeleton: HandSkeleton, grasp: Grasp, thing: Thing, axes: Vectors) -> float:
    wrist = thing.position - axes @ grasp.point
    arm = stance.reach(stance.trunk(wrist), wrist, axes @ skeleton.axes.T)
    return (arm.swing / EASY_SWING) ** 2 + (arm.twist / EASY_TWIST) ** 2


def _collisions(parts: Vectors, thing: Thing) -> float:
    """Return the cost of joints in the table, and of those beyond the side that is pushed.

    Args:
        parts: Joints and tips, from the point closed upon, `(n, 3)`, in metres.
        thing: What is taken.
    """
    below = np.maximum(CLEARANCE - (parts[:, 2] + thing.position[2]), 0.0).max()
    beyond = 0.0
    if thing.pushed is not None:
        ahead = parts[:, :2] @ np.array([np.cos(thing.pushed), np.sin(thing.pushed)])
        low = parts[:, 2] + thing.position[2] < 0.05
        beyond = np.maximum(np.where(low, ahead, 0.0), 0.0).max()
    return float((below / 0.004) ** 2 + (beyond / 0.01) ** 2)
