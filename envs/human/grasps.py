"""How a hand holds a thing: which fingers, how they are bent for its width, and where that leaves the wrist."""

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from daml.envs.human.skeleton import HandPose, HandSkeleton, Vectors, unit

GRASPS = ("pinch", "tripod", "whole")
"""Fingers against the thumb: index; index and middle; all."""

FLAT = "flat"
"""No grasp: a hand that pushes with its fingertips."""

_PARTNERS: dict[str, list[int]] = {"pinch": [1], "tripod": [1, 2], "whole": [1, 2, 3, 4]}


@dataclass(frozen=True, eq=False)
class Grasp:
    """A hand about a thing of one width, in the hand's own axes from the wrist (see `HandSkeleton.axes`).

    Args:
        pose: Of the hand, in the body's rest axes.
        point: Middle between thumb and fingers, `(3,)`, in metres.
        closing: Direction from the thumb to the fingers, `(3,)`.
        approach: Direction from the wrist to the point, across the closing one, `(3,)`.
    """

    pose: HandPose
    point: Vectors
    closing: Vectors
    approach: Vectors

    def hand_axes(self, closing: Vectors, approach: Vectors) -> Vectors:
        """Return the hand's axes for directions of closing and approach at right angles, `(3, 3)`, as columns."""
        mine = np.stack([self.closing, self.approach, np.cross(self.closing, self.approach)], axis=1)
        wanted = np.stack([closing, approach, np.cross(closing, approach)], axis=1)
        return wanted @ mine.T


def posture(skeleton: HandSkeleton, name: str, *, width: float) -> Vectors:
    """Return the angles of a hand that holds a thing.

    Args:
        skeleton: Whose hand.
        name: One of `GRASPS`.
        width: Of the thing, in metres; beyond what the hand spans, it is as open as it gets.

    Returns:
        Angles, `(N_ANGLES,)`, in radians.
    """
    postures = _baked()[GRASPS.index(name)]
    # They were solved for on one body: what they span differs from hand to hand.
    spans = np.array([_span(skeleton, name, angles) for angles in postures])
    at = float(np.interp(width, np.maximum.accumulate(spans), np.arange(len(spans))))
    below = min(int(at), len(postures) - 2)
    return postures[below] + (at - below) * (postures[below + 1] - postures[below])


def _span(skeleton: HandSkeleton, name: str, angles: Vectors) -> float:
    pads = skeleton.pose(angles).pads
    return float(np.linalg.norm(pads[_PARTNERS[name]].mean(axis=0) - pads[0]))


def grasp(skeleton: HandSkeleton, name: str, *, angles: Vectors) -> Grasp:
    """Return where a posture of a grasp has the thing.

    Args:
        skeleton: Whose hand.
        name: One of `GRASPS`, or `FLAT`.
        angles: The posture, `(N_ANGLES,)`, in radians.
    """
    pose, axes = skeleton.pose(angles), skeleton.axes
    if name == FLAT:
        point = pose.tips[1:4].mean(axis=0) @ axes
        closing = np.array([0.0, -1.0, 0.0])
        return Grasp(pose, point, closing, unit(point - (point @ closing) * closing))
    partners = _PARTNERS[name]
    thumb, fingers = pose.pads[0] @ axes, pose.pads[partners].mean(axis=0) @ axes
    point = (thumb + fingers) / 2
    # Where thumb and fingers meet, the way that the pads face says along which line.
    facing = (pose.facing[0] - pose.facing[partners].mean(axis=0)) @ axes
    closing = unit(fingers - thumb + 0.01 * facing)
    approach = unit(point - (point @ closing) * closing)
    return Grasp(pose, point, closing, approach)


@lru_cache(maxsize=1)
def _baked() -> NDArray[np.float64]:
    """Return postures from closed to wide open, `(len(GRASPS), W, N_ANGLES)`."""
    with resources.files("daml.envs.human").joinpath("grasps.npz").open("rb") as file, np.load(file) as arrays:
        return arrays["postures"].astype(np.float64)
