"""Where a person is about the table, and how the trunk follows the hand: it leans, steps and turns to what is done.

Everything here is in the person's own frame: its origin is the table's surface below what the hand does, x points
ahead, z up, and the acting arm is the right one. A left-handed person is the mirror image.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from daml.envs.human.arms import ArmPose, ArmSkeleton
from daml.envs.human.bodies import Body
from daml.envs.human.skeleton import Vectors, about

NEAREST, FARTHEST = 0.45, 0.965
"""Distances of the wrist from the shoulder that a person leans or steps to keep within, in lengths of the arm."""

LEAN_RANGE = (-0.05, 0.9)
"""Of the trunk, forwards, in radians."""

_MOST_LEANING = 0.75
"""Share of what is out of reach that is reached by leaning, as far as that goes; the rest is stepping."""

_MOST_ASIDE = 0.93
"""Largest distance of the wrist across the way ahead, in the farthest distances."""

_Y = np.array([[0.0, 1.0, 0.0]])


@dataclass(frozen=True, eq=False)
class TrunkPose:
    """Where the trunk is: `x` of the body at rest goes to `rotation @ x + offset`.

    Args:
        rotation: Of the trunk, `(3, 3)`.
        offset: `(3,)`, in metres.
        nod: Of the head, forwards against the trunk, in radians.
    """

    rotation: Vectors
    offset: Vectors
    nod: float

    def inverse(self, point: Vectors) -> Vectors:
        """Return where a place, `(3,)`, is in the body at rest."""
        return self.rotation.T @ (point - self.offset)


@dataclass(frozen=True, eq=False)
class Stance:
    """One person at one place.

    Args:
        body: Whose.
        hips: Where the hips are while nothing is out of reach, `(3,)`, in metres.
        lean: Of the trunk meanwhile, in radians.
        elbow: How far the elbow points outwards and not down, from 0 to 1.
        gaze: How far the head follows what the hand does, from 0 to 1.
    """

    body: Body
    hips: Vectors
    lean: float
    elbow: float
    gaze: float

    @cached_property
    def arm(self) -> ArmSkeleton:
        """Return the acting arm's bones."""
        return ArmSkeleton(self.body)

    def trunk(self, wrist: Vectors) -> TrunkPose:
        """Lean and step until the shoulder is within reach of the wrist, `(3,)`, in metres."""
        reach = np.array([NEAREST, FARTHEST]) * self.arm.length
        height = self.arm.shoulder[2] - self.body.hips[2]
        hips, lean = self.hips, self.lean
        missing = _missing(wrist - self._shoulder(hips, lean), reach)
        lean = float(np.clip(lean + np.arctan(_MOST_LEANING * missing[0] / height), *LEAN_RANGE))
        hips = hips + _missing(wrist - self._shoulder(hips, lean), reach)
        rotation = about(_Y, np.array([lean]))[0]
        towards = wrist - (hips + rotation @ (self.body.neck - self.body.hips))
        below = float(np.arctan2(-towards[2], max(np.hypot(towards[0], towards[1]), 0.1)))
        return TrunkPose(
            rotation, hips - rotation @ self.body.hips, self.gaze * float(np.clip(below - lean, -0.5, 0.8))
        )

    def reach(self, trunk: TrunkPose, wrist: Vectors, hand: Vectors) -> ArmPose:
        """Return the acting arm, in the body at rest.

        Args:
            trunk: Where the trunk is.
            wrist: Where the wrist is to be, `(3,)`, in metres.
            hand: Turn of the hand from its rest pose, `(3, 3)`.
        """
        outwards = np.array([-0.3 * (1 - self.elbow), -self.elbow, -(1.05 - self.elbow)])
        return self.arm.reach(trunk.inverse(wrist), trunk.rotation.T @ hand, elbow_towards=trunk.rotation.T @ outwards)

    def _shoulder(self, hips: Vectors, lean: float) -> Vectors:
        return hips + about(_Y, np.array([lean]))[0] @ (self.arm.shoulder - self.body.hips)


def _missing(way: Vectors, reach: Vectors) -> Vectors:
    """Return the step, `(3,)`, after which a wrist is ahead of the shoulder, not too near and within reach.

    Args:
        way: From shoulder to wrist, `(3,)`, in metres.
        reach: Least and largest distance, `(2,)`, in metres.
    """
    nearest, farthest = reach
    # Most is gained by a step ahead; sideways and up or down goes only what no such step reaches.
    widest = _MOST_ASIDE * farthest
    height = np.clip(way[2], -widest, widest)
    aside = np.clip(way[1], -np.sqrt(widest**2 - height**2), np.sqrt(widest**2 - height**2))
    across = height**2 + aside**2
    ahead = np.clip(way[0], np.sqrt(max(nearest**2 - across, 0.0)), np.sqrt(farthest**2 - across))
    return way - np.array([ahead, aside, height])


def draw_stance(body: Body, rng: np.random.Generator, *, wrist: Vectors, edge: float) -> Stance:
    """Place a person at a table.

    Args:
        body: Whose.
        rng: Random numbers.
        wrist: Where the wrist mostly is, `(3,)`, in metres.
        edge: Distance of the table's edge behind the frame's origin, in metres.
    """
    arm = ArmSkeleton(body)
    trunk = arm.shoulder - body.hips
    # Who sits has the shoulders lower over the table than who stands.
    height = rng.uniform(0.45, 0.85) * arm.length
    lean = rng.uniform(0.0, 0.45)
    turned = about(_Y, np.array([lean]))[0] @ trunk
    distance = rng.uniform(0.6, 0.85) * arm.length
    sideways = rng.uniform(-0.12, 0.06)
    behind = np.sqrt(max((0.3 * distance) ** 2, distance**2 - (height - wrist[2]) ** 2 - sideways**2))
    hips = np.array([wrist[0] - behind, wrist[1] + sideways, height]) - turned
    # Nobody stands in the table, as far as leaning helps.
    hips[0] = min(hips[0], -edge - rng.uniform(0.08, 0.2))
    return Stance(body, hips, lean, elbow=rng.uniform(0.15, 0.75), gaze=rng.uniform(0.5, 1.0))
