"""Forward kinematics of a hand: from the angles of its joints to where its bones, fingertips and pads are.

All of it is of a right hand, in the rest axes of its body; a left hand is the mirror image.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from daml.envs.human.bodies import ARM_BONES, Body, anatomy

Vectors = NDArray[np.float64]

N_ANGLES = 21
"""Of a hand's posture: flexion of the three joints of thumb, index, middle, ring and little finger (15, in the order of
`PHALANGES`), the five fingers' spread, and the thumb's turn about its own length; radians from the pose at rest."""

SPREAD, TURN = slice(15, 20), 20
"""Where the spread of the fingers and the turn of the thumb are in a posture."""

_HAND = ARM_BONES.index("hand")
_ROOTS = slice(_HAND + 1, None)


@dataclass(frozen=True, eq=False)
class HandPose:
    """Where a hand's parts are, from the wrist, in the body's rest axes.

    Args:
        rotations: Of the phalanges, `(15, 3, 3)`.
        joints: Where they begin, `(15, 3)`, in metres.
        tips: Fingertips, thumb first, `(5, 3)`.
        pads: Middles of the fingers' pads, thumb first, `(5, 3)`.
        facing: Directions that the pads face, `(5, 3)`.
    """

    rotations: Vectors
    joints: Vectors
    tips: Vectors
    pads: Vectors
    facing: Vectors

    @property
    def pinch(self) -> Vectors:
        """Return the middle between the tips of thumb and index finger, `(3,)`, in metres."""
        return (self.tips[0] + self.tips[1]) / 2


@dataclass(frozen=True, eq=False)
class HandSkeleton:
    """The joints of one body's right hand."""

    body: Body

    @cached_property
    def axes(self) -> Vectors:
        """Return the hand's own axes in the body's at rest, as columns, `(3, 3)`.

        x points from the wrist to the knuckles, y towards the thumb, z out of the back of the hand.
        """
        joints = self._joints
        ahead = unit(joints[ARM_BONES.index("middle1") - _HAND])
        across = joints[ARM_BONES.index("index1") - _HAND] - joints[ARM_BONES.index("little1") - _HAND]
        side = unit(across - (across @ ahead) * ahead)
        return np.stack([ahead, side, np.cross(ahead, side)], axis=1)

    def pose(self, angles: Vectors) -> HandPose:
        """Bend the fingers.

        Args:
            angles: A posture, `(N_ANGLES,)`, in radians.
        """
        local = self._local_rotations(angles)
        rotations, joints = np.empty((15, 3, 3)), np.empty((15, 3))
        heads, offsets = self._joints[1:], self._offsets
        for first in range(0, 15, 3):
            rotations[first], joints[first] = local[first], heads[first]
            for bone in (first + 1, first + 2):
                rotations[bone] = rotations[bone - 1] @ local[bone]
                joints[bone] = joints[bone - 1] + rotations[bone - 1] @ offsets[bone]
        last = rotations[2::3]
        ends = joints[2::3]
        return HandPose(
            rotations=rotations,
            joints=joints,
            tips=ends + np.einsum("fij,fj->fi", last, self._tips),
            pads=ends + np.einsum("fij,fj->fi", last, self._pads),
            facing=np.einsum("fij,fj->fi", last, self._facing),
        )

    def _local_rotations(self, angles: Vectors) -> Vectors:
        """Return how each phalanx is turned against the one before it, `(15, 3, 3)`."""
        flexed = about(self.body.flexion_axes, angles[:15])
        flexed[0::3] = about(self._backs, angles[SPREAD]) @ flexed[0::3]
        flexed[0] = flexed[0] @ about(unit(self._offsets[1])[None], angles[TURN : TURN + 1])[0]
        return flexed

    @cached_property
    def _joints(self) -> Vectors:
        return self.body.joints[_HAND:] - self.body.joints[_HAND]

    @cached_property
    def _offsets(self) -> Vectors:
        """Return the way to each phalanx's joint from the joint before it, `(15, 3)`; of the first ones, nothing."""
        heads = self._joints[1:]
        return np.where((np.arange(15) % 3 > 0)[:, None], heads - np.roll(heads, 1, axis=0), 0.0)

    @cached_property
    def _backs(self) -> Vectors:
        """Return the axes that fingers spread about, out of their backs at the knuckle, `(5, 3)`."""
        return unit(np.cross(unit(self._offsets[1::3]), self.body.flexion_axes[0::3]))

    @cached_property
    def _tips(self) -> Vectors:
        return self.body.tips - self.body.joints[_ROOTS][2::3]

    @cached_property
    def _pads(self) -> Vectors:
        return self.body.arm[anatomy().pads] - self.body.joints[_ROOTS][2::3]

    @cached_property
    def _facing(self) -> Vectors:
        """Return where the pads face at rest, `(5, 3)`: towards the palm, across the last phalanx."""
        return -unit(np.cross(unit(self._tips), self.body.flexion_axes[2::3]))


def about(axes: Vectors, angles: Vectors) -> Vectors:
    """Return the rotations about unit axes, `(n, 3)`, by angles in radians, `(n,)`, as matrices, `(n, 3, 3)`."""
    x, y, z = axes.T
    zero = np.zeros_like(x)
    cross = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=1).reshape(-1, 3, 3)
    sine, cosine = np.sin(angles)[:, None, None], np.cos(angles)[:, None, None]
    return np.eye(3) + sine * cross + (1 - cosine) * (cross @ cross)


def blended(first: Vectors, second: Vectors, *, share: float) -> Vectors:
    """Return the rotation, `(3, 3)`, that is a share of the shortest way from one to another."""
    between = first.T @ second
    vector = np.array([between[2, 1] - between[1, 2], between[0, 2] - between[2, 0], between[1, 0] - between[0, 1]])
    sine, cosine = float(np.linalg.norm(vector)), float(np.trace(between)) - 1
    if sine < 1e-9:
        return first
    return first @ about((vector / sine)[None], np.array([share * np.arctan2(sine, cosine)]))[0]


def unit(vectors: Vectors) -> Vectors:
    """Return vectors, `(..., 3)`, at length one."""
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
