"""A person in action: from where the hand closes upon something, and how far it is open, to where every bone is."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import mujoco
import numpy as np

from daml.envs.human.arms import ArmPose
from daml.envs.human.bodies import ARM_BONES, TRUNK_BONES
from daml.envs.human.grasps import Grasp, grasp
from daml.envs.human.person import Person, bone_names
from daml.envs.human.skeleton import HandPose, Vectors, about, blended
from daml.envs.human.skins import MIRROR
from daml.envs.human.stance import Stance, TrunkPose

AT_WORK, EASING = 0.13, 0.25
"""Distance from the thing's way up to which the hand keeps its turn, and within which the wrist then eases; metres."""

EASED = 0.8
"""How straight an eased wrist is, from as bent as at work, 0, to straight, 1."""

_HAND = ARM_BONES.index("hand")
_Y = np.array([[0.0, 1.0, 0.0]])


@dataclass(frozen=True, eq=False)
class Place:
    """Where a person's frame is in the world (see `stance`).

    Args:
        origin: `(3,)`, in metres.
        heading: Direction that the person faces, in radians about the vertical.
        mirrored: Whether the acting hand is the left one.
    """

    origin: Vectors
    heading: float
    mirrored: bool

    @cached_property
    def axes(self) -> Vectors:
        """Return the frame's axes in the world, as columns, `(3, 3)`; a mirrored one is left-handed."""
        cosine, sine = np.cos(self.heading), np.sin(self.heading)
        level = np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])
        return level * MIRROR if self.mirrored else level

    def inside(self, points: Vectors) -> Vectors:
        """Return places of the world, `(..., 3)`, in the person's frame."""
        return (points - self.origin) @ self.axes

    def outside(self, points: Vectors) -> Vectors:
        """Return places of the person's frame, `(..., 3)`, in the world."""
        return points @ self.axes.T + self.origin

    def turned(self, rotations: Vectors) -> Vectors:
        """Return what rotations of bones in the frame, `(n, 3, 3)`, are in the world; bones are mirrored with it."""
        mirror = np.diag(MIRROR) if self.mirrored else np.eye(3)
        return self.axes @ rotations @ mirror


@dataclass(frozen=True, eq=False)
class Acting:
    """A person doing something.

    Args:
        person: Who.
        place: Where, in the world.
        stance: In the person's frame.
        grasp_name: Which fingers hold.
        closed: Angles of the hand that holds, `(N_ANGLES,)`, in radians.
        opened: Angles of the hand that has let go.
        axes: The acting hand's axes in the person's frame where it is at work, `(3, 3)`; elsewhere the wrist is eased.
        lift: How much higher than asked for the thing is taken, in metres: fingertips are not in the table.
        work: Ends of the way that the thing is moved, in the person's frame, `(2, 3)`, in metres.
        holds: Whether the thing is held and not pushed: then the wrist is not eased before it is let go.
        idle_wrist: Where the other wrist is to be in the person's frame, mirrored: as if it were the right one, `(3,)`.
        idle_axes: The other hand's axes, likewise.
        idle_angles: Its posture, `(N_ANGLES,)`.
    """

    person: Person
    place: Place
    stance: Stance
    grasp_name: str
    closed: Vectors
    opened: Vectors
    axes: Vectors
    lift: float
    work: Vectors
    holds: bool
    idle_wrist: Vectors
    idle_axes: Vectors
    idle_angles: Vectors

    @property
    def held_yaw(self) -> float:
        """Turn about the vertical of an item that is in the hand from the start, in radians: held across its y axis."""
        x, y, _ = self.place.axes @ self.axes @ self._grasp(0.0).closing
        return float(np.arctan2(y, x) - np.pi / 2)

    def landmarks(self, position: Vectors, *, openness: float) -> Vectors:
        """Return where wrist and fingers of the acting hand are in the world, `(21, 3)`, in metres.

        They are in the usual order of hand landmarks: the wrist, then four of each finger from the thumb on,
        from the palm to the tip.

        Args:
            position: Point that thumb and fingers close upon, `(3,)`, in metres.
            openness: 0 holds, 1 has let go.
        """
        held = self._grasp(openness)
        reached = self._reach(self.place.inside(position), held, openness)
        pose = held.pose
        fingers = np.concatenate([pose.joints.reshape(5, 3, 3), pose.tips[:, None]], axis=1).reshape(20, 3)
        return self.place.outside(reached.wrist + np.concatenate([np.zeros((1, 3)), fingers]) @ reached.hand.T)

    def pinch(self, position: Vectors, *, openness: float) -> Vectors:
        """Return the middle between the tips of thumb and index finger in the world, `(3,)`; see `landmarks`."""
        return self.landmarks(position, openness=openness)[[4, 8]].mean(axis=0)

    def pose(self, data: mujoco.MjData, position: Vectors, *, openness: float) -> None:
        """Put every bone where it belongs.

        Args:
            data: State of the scene that the person was added to; its mocap bodies are changed.
            position: Point in the world that thumb and fingers close upon, `(3,)`, in metres.
            openness: 0 holds, 1 has let go.
        """
        skeleton, held = self.person.skeleton, self._grasp(openness)
        inside = self.place.inside(position)
        reached = self._reach(inside, held, openness)
        trunk = reached.trunk
        self._set(data, ("hand",), inside[None], (reached.hand @ skeleton.axes)[None])
        nodding = trunk.rotation @ about(_Y, np.array([trunk.nod]))[0]
        body = self.person.body
        centres = np.stack([body.hips, body.neck]) @ trunk.rotation.T + trunk.offset
        self._set(data, TRUNK_BONES, centres, np.stack([trunk.rotation, nodding]))
        self._set_arm(data, "acting", trunk, reached.arm, held.pose, idle=False)
        other = _mirrored(trunk)
        idle = self.stance.reach(other, self.idle_wrist, self.idle_axes @ skeleton.axes.T)
        self._set_arm(data, "idle", other, idle, self._idle_hand, idle=True)

    def _reach(self, point: Vectors, held: Grasp, openness: float) -> "_Reached":
        """Bring the point that thumb and fingers close upon to a place of the person's frame, `(3,)`, in metres."""
        hand = self.axes @ self.person.skeleton.axes.T
        at_wrist = self.person.skeleton.axes @ held.point
        raised = point + np.array([0.0, 0.0, self.lift])
        reached = self._bring(raised - hand @ at_wrist, hand)
        start, way = self.work[0], self.work[1] - self.work[0]
        along = float(np.clip((point - start) @ way / max(float(way @ way), 1e-9), 0.0, 1.0))
        away = (float(np.linalg.norm(point - start - along * way)) - AT_WORK) / EASING
        share = float(np.clip(away, 0.0, 1.0)) * EASED * (openness if self.holds else 1.0)
        if share == 0.0:
            return reached
        hand = blended(hand, reached.trunk.rotation @ reached.arm.straight_hand, share=share)
        return self._bring(raised - hand @ at_wrist, hand)

    def _bring(self, wrist: Vectors, hand: Vectors) -> "_Reached":
        trunk = self.stance.trunk(wrist)
        return _Reached(wrist, hand, trunk, self.stance.reach(trunk, wrist, hand))

    def _grasp(self, openness: float) -> Grasp:
        return {0.0: self._holding, 1.0: self._released}.get(openness) or self._bent(openness)

    def _bent(self, openness: float) -> Grasp:
        angles = self.closed + openness * (self.opened - self.closed)
        return grasp(self.person.skeleton, self.grasp_name, angles=angles)

    @cached_property
    def _holding(self) -> Grasp:
        return self._bent(0.0)

    @cached_property
    def _released(self) -> Grasp:
        return self._bent(1.0)

    @cached_property
    def _idle_hand(self) -> HandPose:
        return self.person.skeleton.pose(self.idle_angles)

    def _set_arm(
        self, data: mujoco.MjData, side: str, trunk: TrunkPose, arm: ArmPose, hand: HandPose, *, idle: bool
    ) -> None:
        """Set the bones of an arm that is given in the body at rest, as a right one."""
        turns = np.concatenate([arm.rotations, arm.rotations[_HAND] @ hand.rotations])
        places = np.concatenate([arm.joints, arm.joints[_HAND] + hand.joints @ arm.rotations[_HAND].T])
        turns, places = trunk.rotation @ turns, places @ trunk.rotation.T + trunk.offset
        if idle:
            mirror = np.diag(MIRROR)
            turns, places = mirror @ turns @ mirror, places * MIRROR
        self._set(data, bone_names(side), places, turns)

    def _set(self, data: mujoco.MjData, names: tuple[str, ...], places: Vectors, turns: Vectors) -> None:
        """Set mocap bodies from places and turns in the person's frame."""
        numbers = [int(data.model.body(name).mocapid[0]) for name in names]
        data.mocap_pos[numbers] = self.place.outside(places)
        quaternion = np.empty(4)
        for number, turn in zip(numbers, self.place.turned(turns), strict=True):
            mujoco.mju_mat2Quat(quaternion, turn.ravel())
            data.mocap_quat[number] = quaternion


class _Reached(NamedTuple):
    """Wrist, turn of the hand from its rest pose, trunk and arm; the arm in the body at rest, all else in the frame."""

    wrist: Vectors
    hand: Vectors
    trunk: TrunkPose
    arm: ArmPose


def _mirrored(trunk: TrunkPose) -> TrunkPose:
    mirror = np.diag(MIRROR)
    return TrunkPose(mirror @ trunk.rotation @ mirror, trunk.offset * MIRROR, trunk.nod)
