"""The simulated demonstrator's hand: palm, thumb and four fingers that open and close, and a sleeved forearm."""

from dataclasses import dataclass
from typing import NamedTuple

import mujoco
import numpy as np
from numpy.typing import NDArray

from daml.envs.objects.palette import COLOURS, Rgb, as_rgb, jitter_colour
from daml.envs.scene import rotations

SKIN_TONES = (
    (0.96, 0.80, 0.69),
    (0.90, 0.70, 0.56),
    (0.80, 0.58, 0.43),
    (0.66, 0.45, 0.31),
    (0.50, 0.33, 0.22),
    (0.35, 0.22, 0.15),
)
"""RGB of skin, from light to dark."""


class Finger(NamedTuple):
    """One finger at size 1, in the hand's frame; metres."""

    sideways: float
    length: float
    radius: float


FINGERS = (
    Finger(0.030, 0.92, 0.0085),
    Finger(0.010, 1.00, 0.0090),
    Finger(-0.010, 0.96, 0.0088),
    Finger(-0.029, 0.80, 0.0078),
)
"""Index to little finger; `length` scales the phalanges."""

KNUCKLES = np.array([-0.060, 0.0, 0.062])
"""Where the fingers leave the palm, from the point they close upon, at size 1, in metres."""

WRIST = np.array([-0.150, 0.0, 0.085])
"""Where the forearm begins, likewise."""

OPENING_ANGLE = 0.55
"""Turn of knuckles and thumb between closed and open, in radians."""

CURLED_ANGLE = 1.25
"""Turn of the joints of a finger that takes no part in the grasp, in radians."""

JOINT_NAMES = ("thumb", *(f"{part}{i}" for i in range(len(FINGERS)) for part in ("knuckle", "middle")))


THUMB_ROOT = np.array([0.045, 0.030, -0.018])
"""Where the thumb begins, from the wrist, at size 1, in metres; y is towards the thumb."""

THUMB_TIP = np.array([-0.016, 0.006, 0.0])
"""Where the thumb ends when it is closed, from the point that it closes upon, likewise."""

FOREARM_LENGTH = 0.27
"""From wrist to elbow at size 1, in metres."""

_Y_AXIS = (0.0, 1.0, 0.0)


@dataclass(frozen=True)
class Hand:
    """One demonstrator's hand and forearm.

    Args:
        size: Scale: 1 is a hand 19 cm long.
        skin: RGB in [0, 1].
        sleeve: RGB in [0, 1].
        sleeve_start: Share of the forearm that is bare, from the wrist.
        forearm_pitch: Rise of the forearm from the wrist to the elbow, in radians.
        forearm_yaw: Sideways bend of the wrist, in radians.
        left_handed: Mirrored.
        grasping_fingers: Fingers that pinch against the thumb; the others are curled.
        thickness: Scale of all radii.
        sleeve_width: Scale of the sleeve's radius.
    """

    size: float
    skin: Rgb
    sleeve: Rgb
    sleeve_start: float
    forearm_pitch: float
    forearm_yaw: float
    left_handed: bool
    grasping_fingers: int
    thickness: float
    sleeve_width: float = 1.0

    def joint_angles(self, openness: float) -> NDArray[np.float64]:
        """Return the angles of the joints in the order of `JOINT_NAMES`.

        Args:
            openness: 0 holds the item, 1 has let it go.

        Returns:
            Angles in radians, `(9,)`.
        """
        angles = [OPENING_ANGLE * openness]
        for number in range(len(FINGERS)):
            if number < self.grasping_fingers:
                angles += [-OPENING_ANGLE * openness, -0.3 * openness]
            else:
                angles += [CURLED_ANGLE * 0.35, CURLED_ANGLE]
        return np.array(angles)


@dataclass(frozen=True)
class PosedHand:
    """A hand that keeps its turn.

    Args:
        hand: Whose.
        orientation: Its quaternion, w first.
        held_yaw: Turn about the vertical of an item that is in the hand from the start, in radians.
    """

    hand: Hand
    orientation: rotations.Quaternion
    held_yaw: float

    def pose(self, data: mujoco.MjData, position: NDArray[np.float64], *, openness: float) -> None:
        """Close the hand upon a point.

        Args:
            data: State of the scene that the hand was added to; changed.
            position: Where, `(3,)`, in metres.
            openness: 0 holds, 1 has let go.
        """
        data.mocap_pos[0], data.mocap_quat[0] = position, self.orientation
        for name, angle in zip(JOINT_NAMES, self.hand.joint_angles(openness), strict=True):
            data.joint(name).qpos, data.joint(name).qvel = angle, 0.0


def draw_hand(rng: np.random.Generator) -> Hand:
    """Draw a demonstrator."""
    skin = np.clip(np.array(SKIN_TONES[rng.integers(len(SKIN_TONES))]) + rng.uniform(-0.04, 0.04, 3), 0.0, 1.0)
    return Hand(
        size=rng.uniform(0.85, 1.15),
        skin=as_rgb(skin),
        sleeve=jitter_colour(str(rng.choice(list(COLOURS))), rng),
        sleeve_start=rng.uniform(0.05, 0.95),
        forearm_pitch=rng.uniform(0.05, 0.55),
        forearm_yaw=rng.uniform(-0.35, 0.35),
        left_handed=bool(rng.random() < 0.5),
        grasping_fingers=int(rng.choice([1, 2, 4])),
        thickness=rng.uniform(0.9, 1.15),
    )


def add_hand(spec: mujoco.MjSpec, hand: Hand) -> None:
    """Add a hand to a scene: the mocap body `hand`, whose origin is the point that the fingers close upon.

    Its x axis points from the wrist to the fingers, its z axis out of the back of the hand.

    Args:
        spec: Scene to add to.
        hand: Shape and looks.
    """
    root = spec.worldbody.add_body(name="hand", mocap=True)
    _add_palm(root, hand)
    for number in range(len(FINGERS)):
        _add_finger(root, hand, number)
    _add_thumb(root, hand)
    _add_forearm(root, hand)


def _add_palm(root: mujoco.MjsBody, hand: Hand) -> None:
    """Draw the palm from the wrist to the knuckles: a round back, and a flat part that squares the knuckles off."""
    scale, thick, skin = hand.size, hand.size * hand.thickness, (*hand.skin, 1.0)
    wrist, knuckles = WRIST * scale, KNUCKLES * scale
    middle, along = (wrist + knuckles) / 2, knuckles - wrist
    turn = rotations.about_y(float(np.arctan2(-along[2], along[0])))
    back, front = (0.058 * scale, 0.047 * scale, 0.019 * thick), (0.036 * scale, 0.036 * scale, 0.011 * thick)
    _add_shape(root, mujoco.mjtGeom.mjGEOM_ELLIPSOID, back, skin, at=middle, turned=turn)
    _add_shape(root, mujoco.mjtGeom.mjGEOM_BOX, front, skin, at=middle + 0.2 * along, turned=turn)


def _add_finger(root: mujoco.MjsBody, hand: Hand, number: int) -> None:
    """Add a finger of two phalanges and a nail; with the joints at zero its tip is at the point closed upon."""
    finger = FINGERS[number]
    scale, side, skin = hand.size, _side(hand), (*hand.skin, 1.0)
    radius = finger.radius * scale * hand.thickness
    knuckles = KNUCKLES * scale
    base = knuckles + np.array([0.0, side * finger.sideways * scale, 0.0])
    # The pinching fingertips meet the item: those away from the middle lean inwards.
    inwards = np.array([0, 0.55 * side * finger.sideways * scale, 0])
    reach = -knuckles * np.array([1.0, 0.0, 1.0]) * finger.length - inwards
    first = np.array([0.62, 0.5, 0.0]) * reach + np.array([0.014 * scale, 0.0, 0.008 * scale])
    rest = reach - first + np.array([0.016 * scale, 0.0, 0.0])
    proximal = _add_segment(root, f"knuckle{number}", base, first, radius, skin)
    distal = _add_segment(proximal, f"middle{number}", first, rest, radius * 0.92, skin)
    nail = (*np.clip(np.array(hand.skin) * 0.9 + 0.08, 0, 1), 1.0)
    _add_shape(
        distal,
        mujoco.mjtGeom.mjGEOM_SPHERE,
        (radius * 0.85, 0, 0),
        nail,
        at=rest * 0.98,
        turned=rotations.IDENTITY,
    )


def _add_thumb(root: mujoco.MjsBody, hand: Hand) -> None:
    """Add the thumb, bent outwards in the middle, and the ball of the thumb."""
    scale, thick, skin = hand.size, hand.size * hand.thickness, (*hand.skin, 1.0)
    mirror = np.array([1.0, _side(hand), 1.0])
    wrist = WRIST * scale
    base = wrist + THUMB_ROOT * mirror * scale
    tip = THUMB_TIP * mirror * scale - base
    bend = tip * 0.55 + np.array([0.0, 0.012, 0.0]) * mirror * scale
    thumb = _add_segment(root, "thumb", base, bend, 0.0115 * thick, skin)
    _add_capsule(thumb, bend, tip, 0.010 * thick, skin)
    _add_capsule(root, wrist + np.array([0.02, 0.016, -0.008]) * mirror * scale, base, 0.016 * thick, skin)


def _add_forearm(root: mujoco.MjsBody, hand: Hand) -> None:
    """Draw the forearm, thicker towards the elbow, and its sleeve, which goes on past the elbow."""
    pitch, yaw = hand.forearm_pitch, hand.forearm_yaw
    direction = np.array([-np.cos(pitch) * np.cos(yaw), -np.cos(pitch) * np.sin(yaw), np.sin(pitch)])
    wrist, length, thick = WRIST * hand.size, FOREARM_LENGTH * hand.size, hand.size * hand.thickness
    skin, sleeve = (*hand.skin, 1.0), (*hand.sleeve, 1.0)
    upper_sleeve = max(0.8, hand.sleeve_start)
    for start, end, radius, rgba in (
        (0.0, 0.5, 0.026, skin),
        (0.35, 0.95, 0.034, skin),
        (hand.sleeve_start, 1.3, 0.042 * hand.sleeve_width, sleeve),
        (upper_sleeve, 1.8, 0.048 * hand.sleeve_width, sleeve),
    ):
        _add_capsule(root, wrist + start * length * direction, wrist + end * length * direction, radius * thick, rgba)


def _side(hand: Hand) -> float:
    """Return the direction along y in which the index finger and the thumb lie."""
    return -1.0 if hand.left_handed else 1.0


def _add_segment(
    parent: mujoco.MjsBody,
    name: str,
    base: NDArray[np.float64],
    tip: NDArray[np.float64],
    radius: float,
    rgba: tuple[float, ...],
) -> mujoco.MjsBody:
    """Add a phalanx that turns about its base, towards the palm or away from it."""
    body = parent.add_body(
        name=name,
        pos=tuple(base),
        gravcomp=1.0,
        mass=0.02,
        inertia=(1e-5, 1e-5, 1e-5),
        explicitinertial=True,
    )
    body.add_joint(name=name, axis=_Y_AXIS, damping=1.0)
    _add_capsule(body, np.zeros(3), tip, radius, rgba)
    return body


def _add_capsule(
    body: mujoco.MjsBody, start: NDArray[np.float64], end: NDArray[np.float64], radius: float, rgba: tuple[float, ...]
) -> None:
    """Draw a capsule, without contact and without mass."""
    body.add_geom(
        type=mujoco.mjtGeom.mjGEOM_CAPSULE,
        fromto=(*start, *end),
        size=(radius, 0.0, 0.0),
        rgba=rgba,
        contype=0,
        conaffinity=0,
        mass=0.0,
    )


def _add_shape(
    body: mujoco.MjsBody,
    kind: mujoco.mjtGeom,
    size: tuple[float, float, float],
    rgba: tuple[float, ...],
    *,
    at: NDArray[np.float64],
    turned: rotations.Quaternion,
) -> None:
    """Draw another shape, without contact and without mass."""
    body.add_geom(type=kind, size=size, pos=tuple(at), quat=turned, rgba=rgba, contype=0, conaffinity=0, mass=0.0)
