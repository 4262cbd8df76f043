"""Inverse kinematics of an arm: from where the wrist is to be, to how upper arm, forearm and hand are turned.

All of it is of a right arm, in the rest axes of its body; a left arm is the mirror image.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from daml.envs.human.bodies import ARM_BONES, Body
from daml.envs.human.skeleton import Vectors, about, unit

LIMB_BONES = ARM_BONES[: ARM_BONES.index("hand") + 1]
"""Upper arm, both halves of the forearm, hand."""

_TWIST_SHARES = (0.25, 0.7, 1.0)
"""Shares of the forearm's twist that its half near the elbow, that near the wrist and the hand are turned by."""

_STRAIGHTEST = 0.985
"""Reach of an arm, as a share of its bones' length: nobody's elbow is quite straight."""

_MOST_BENT = 0.35


@dataclass(frozen=True, eq=False)
class ArmPose:
    """Where the bones of an arm are: as `LIMB_BONES`.

    Args:
        rotations: Turns from the rest pose, `(4, 3, 3)`.
        joints: Where the bones begin, `(4, 3)`, in metres.
        straight_hand: Turn of the hand with the wrist unbent, `(3, 3)`.
        swing: Bend of the wrist, in radians.
        twist: Turn of the hand about the forearm's length, in radians.
    """

    rotations: Vectors
    joints: Vectors
    straight_hand: Vectors
    swing: float
    twist: float


@dataclass(frozen=True, eq=False)
class ArmSkeleton:
    """The bones of one body's right arm."""

    body: Body

    @cached_property
    def length(self) -> float:
        """Return the way from shoulder to elbow to wrist, in metres."""
        upper, lower = self._lengths
        return upper + lower

    @property
    def shoulder(self) -> Vectors:
        """Return where the arm begins at rest, `(3,)`, in metres."""
        return self.body.joints[0]

    def reach(self, wrist: Vectors, hand: Vectors, *, elbow_towards: Vectors) -> ArmPose:
        """Put the wrist somewhere; too far away, the arm points there.

        Args:
            wrist: Where, `(3,)`, in metres.
            hand: Turn of the hand from its rest pose, `(3, 3)`.
            elbow_towards: Direction that the elbow points in, as far as the wrist's place allows, `(3,)`.
        """
        upper, lower = self._lengths
        way = wrist - self.shoulder
        direction = unit(way)
        distance = float(np.clip(np.linalg.norm(way), _MOST_BENT * self.length, _STRAIGHTEST * self.length))
        # The triangle of shoulder, elbow and wrist.
        along = (distance**2 + upper**2 - lower**2) / (2 * distance)
        aside = np.sqrt(max(upper**2 - along**2, 0.0))
        towards = unit(elbow_towards - (elbow_towards @ direction) * direction)
        elbow = self.shoulder + along * direction + aside * towards
        end = self.shoulder + distance * direction
        first, second = unit(elbow - self.shoulder), unit(end - elbow)
        hinge = unit(np.cross(first, second))
        upper_turn = _basis(first, hinge) @ self._rest_upper.T
        lower_turn = _basis(second, hinge) @ self._rest_lower.T
        swing, twist = _swing_and_twist(lower_turn.T @ hand, self._rest_lower[:, 0])
        twists = lower_turn @ about(np.stack([self._rest_lower[:, 0]] * 3), twist * np.array(_TWIST_SHARES))
        return ArmPose(
            rotations=np.stack([upper_turn, *twists[:2], hand]),
            joints=np.stack([self.shoulder, elbow, elbow + lower_turn @ self._half_forearm, end]),
            straight_hand=twists[2],
            swing=swing,
            twist=twist,
        )

    @cached_property
    def _lengths(self) -> tuple[float, float]:
        shoulder, elbow, _, wrist = self.body.joints[: len(LIMB_BONES)]
        return float(np.linalg.norm(elbow - shoulder)), float(np.linalg.norm(wrist - elbow))

    @cached_property
    def _half_forearm(self) -> Vectors:
        return self.body.joints[2] - self.body.joints[1]

    @cached_property
    def _hinge(self) -> Vectors:
        joints = self.body.joints
        upper: Vectors = joints[1] - joints[0]
        lower: Vectors = joints[3] - joints[1]
        return unit(np.cross(upper, lower))

    @cached_property
    def _rest_upper(self) -> Vectors:
        return _basis(unit(self.body.joints[1] - self.body.joints[0]), self._hinge)

    @cached_property
    def _rest_lower(self) -> Vectors:
        return _basis(unit(self.body.joints[3] - self.body.joints[1]), self._hinge)


def _basis(along: Vectors, hinge: Vectors) -> Vectors:
    """Return the axes of a bone, `(3, 3)`, as columns: its length, the elbow's axis, and what is across both."""
    return np.stack([along, hinge, np.cross(along, hinge)], axis=1)


def _swing_and_twist(rotation: Vectors, axis: Vectors) -> tuple[float, float]:
    """Split a rotation, `(3, 3)`, into a bend of an axis and a turn about it; return both in radians."""
    swing = float(np.arccos(np.clip(axis @ rotation @ axis, -1, 1)))
    # The quaternion's part along the axis is the twist.
    vector = np.array(
        [rotation[2, 1] - rotation[1, 2], rotation[0, 2] - rotation[2, 0], rotation[1, 0] - rotation[0, 1]]
    )
    return swing, float(2 * np.arctan2(vector @ axis, 1 + np.trace(rotation)))
