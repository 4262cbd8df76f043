"""The robot: a 7-joint arm with the Franka Panda's published kinematics and an 80 mm parallel gripper."""

from collections.abc import Iterable
from typing import NamedTuple

import mujoco

Vector3 = tuple[float, float, float]

HALF_TURN = 0.7071067811865476
"""sin and cos of 45 degrees: half of the quarter turns between the joints' axes."""


class Joint(NamedTuple):
    """One joint of the arm and the frame of its link in the previous one; SI units, quaternion w first."""

    position: Vector3
    quaternion_wxyz: tuple[float, float, float, float]
    lower: float
    upper: float
    torque: float


JOINTS = (
    Joint((0.0, 0.0, 0.333), (1.0, 0.0, 0.0, 0.0), -2.8973, 2.8973, 87.0),
    Joint((0.0, 0.0, 0.0), (HALF_TURN, -HALF_TURN, 0.0, 0.0), -1.7628, 1.7628, 87.0),
    Joint((0.0, -0.316, 0.0), (HALF_TURN, HALF_TURN, 0.0, 0.0), -2.8973, 2.8973, 87.0),
    Joint((0.0825, 0.0, 0.0), (HALF_TURN, HALF_TURN, 0.0, 0.0), -3.0718, -0.0698, 87.0),
    Joint((-0.0825, 0.384, 0.0), (HALF_TURN, -HALF_TURN, 0.0, 0.0), -2.8973, 2.8973, 12.0),
    Joint((0.0, 0.0, 0.0), (HALF_TURN, HALF_TURN, 0.0, 0.0), -0.0175, 3.7525, 12.0),
    Joint((0.088, 0.0, 0.0), (HALF_TURN, HALF_TURN, 0.0, 0.0), -2.8973, 2.8973, 12.0),
)
"""Kinematics, limits in radians and torque limits in N m, as published by Franka Emika."""

FINGER_JOINTS = ("finger_left", "finger_right")
"""Names of the fingers' joints."""

ROBOT_JOINTS = (*(f"joint{number}" for number in range(1, len(JOINTS) + 1)), *FINGER_JOINTS)
"""Names of all joints of arm and gripper, in the order of a posture."""

HOME = (0.0, -0.35, 0.0, -2.35, 0.0, 2.0, 0.785)
"""Joint angles in radians with the gripper over the table, pointing down: the start of every inverse kinematics."""

FLANGE_LENGTH = 0.107
"""Distance from the last joint to the hand, in metres (published)."""

TOOL_LENGTH = 0.1034
"""Distance from the hand's origin to the point between the fingertips, in metres (published)."""

HAND_TURN_WXYZ = (0.9238795, 0.0, 0.0, -0.3826834)
"""Turn of the hand on the flange: 45 degrees about the last joint's axis (published)."""

FINGER_ROOT = 0.0584
"""Distance from the hand's origin to where the fingers slide, in metres (published)."""

FINGER_TRAVEL = 0.04
"""Travel of each finger, in metres: an opening of 80 mm."""

GRIP_STIFFNESS = 900.0
"""Finger servo stiffness in N/m: about 20 N on an item of 40 mm, within the 70 N the real gripper holds with."""

ARM_STIFFNESS = (4500.0, 4500.0, 3500.0, 3500.0, 2000.0, 2000.0, 2000.0)
"""Joint servo stiffness in N m/rad."""

ARM_DAMPING = (450.0, 450.0, 350.0, 350.0, 200.0, 200.0, 200.0)
"""Joint servo damping in N m s/rad: near critical for the arm's inertia."""

LINK_MASS = 2.0
LINK_INERTIA = (0.02, 0.02, 0.02)
"""One mass in kg and one round inertia in kg m^2 for all links.

Gravity is compensated, so only the servos' response depends on them.
"""

WHITE = (0.93, 0.94, 0.95, 1.0)
GREY = (0.42, 0.44, 0.47, 1.0)
DARK = (0.14, 0.15, 0.17, 1.0)

FINGER_PAD_FRICTION = (1.5, 0.05, 0.001)
"""Friction of the rubber finger pads."""


class Shape(NamedTuple):
    """A drawn capsule of a link, in the link's frame: no contact, no mass."""

    start: Vector3
    end: Vector3
    radius: float
    rgba: tuple[float, float, float, float]


BASE_SHAPES = (
    Shape((-0.09, 0.0, 0.03), (0.03, 0.0, 0.03), 0.075, WHITE),
    Shape((0.0, 0.0, 0.06), (0.0, 0.0, 0.18), 0.065, WHITE),
    Shape((0.0, 0.0, 0.195), (0.0, 0.0, 0.215), 0.066, GREY),
)

LINK_SHAPES: tuple[tuple[Shape, ...], ...] = (
    (
        Shape((0.0, 0.0, -0.10), (0.0, 0.0, -0.03), 0.062, WHITE),
        Shape((0.0, -0.06, 0.0), (0.0, 0.06, 0.0), 0.062, WHITE),
    ),
    (
        Shape((0.0, 0.0, 0.07), (0.0, 0.0, 0.085), 0.058, GREY),
        Shape((0.0, 0.0, 0.0), (0.0, -0.14, 0.0), 0.060, WHITE),
        Shape((0.0, -0.19, 0.0), (0.0, -0.20, 0.0), 0.059, GREY),
    ),
    (
        Shape((0.0, 0.0, -0.10), (0.0, 0.0, -0.04), 0.055, WHITE),
        Shape((0.0825, -0.055, 0.0), (0.0825, 0.055, 0.0), 0.055, WHITE),
        Shape((0.0, 0.0, -0.05), (0.0825, 0.0, 0.0), 0.050, WHITE),
    ),
    (
        Shape((0.0, 0.0, -0.075), (0.0, 0.0, 0.075), 0.048, GREY),
        Shape((0.0, 0.0, 0.0), (-0.0825, 0.095, 0.0), 0.052, WHITE),
        Shape((-0.0825, 0.11, 0.0), (-0.0825, 0.20, 0.0), 0.054, WHITE),
    ),
    (
        Shape((0.0, 0.0, -0.23), (0.0, 0.0, -0.10), 0.053, WHITE),
        Shape((0.0, 0.06, -0.10), (0.0, 0.07, -0.02), 0.042, WHITE),
        Shape((0.0, -0.05, 0.0), (0.0, 0.05, 0.0), 0.050, GREY),
    ),
    (
        Shape((0.02, 0.0, -0.03), (0.088, 0.0, 0.0), 0.046, WHITE),
        Shape((0.088, 0.0, -0.03), (0.088, 0.0, 0.04), 0.050, WHITE),
    ),
    (Shape((0.0, 0.0, 0.055), (0.0, 0.0, 0.085), 0.044, GREY),),
)
"""What each link looks like."""


def add_robot(spec: mujoco.MjSpec) -> None:
    """Add the arm with its gripper and servos to a scene; its base stands at the origin."""
    base = spec.worldbody.add_body(name="base")
    _draw(base, BASE_SHAPES)
    parent = base
    for number, (joint, shapes) in enumerate(zip(JOINTS, LINK_SHAPES, strict=True), start=1):
        parent = parent.add_body(
            name=f"link{number}",
            pos=joint.position,
            quat=joint.quaternion_wxyz,
            gravcomp=1.0,
            mass=LINK_MASS,
            inertia=LINK_INERTIA,
            explicitinertial=True,
        )
        parent.add_joint(
            name=f"joint{number}", axis=(0, 0, 1), range=(joint.lower, joint.upper), limited=True, armature=0.1
        )
        _draw(parent, shapes)
        _add_servo(
            spec,
            f"joint{number}",
            stiffness=ARM_STIFFNESS[number - 1],
            damping=ARM_DAMPING[number - 1],
            limit=joint.torque,
            control_range=(joint.lower, joint.upper),
        )
    hand = parent.add_body(
        name="hand",
        pos=(0.0, 0.0, FLANGE_LENGTH),
        quat=HAND_TURN_WXYZ,
        gravcomp=1.0,
        mass=0.7,
        inertia=(0.002, 0.002, 0.002),
        explicitinertial=True,
    )
    hand.add_geom(
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=(0.030, 0.100, 0.022),
        pos=(0, 0, 0.034),
        rgba=WHITE,
        contype=0,
        conaffinity=0,
    )
    hand.add_geom(
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=(0.026, 0.092, 0.006),
        pos=(0, 0, 0.060),
        rgba=DARK,
        contype=0,
        conaffinity=0,
    )
    hand.add_site(name="tool", pos=(0.0, 0.0, TOOL_LENGTH), size=(0.005, 0.005, 0.005), rgba=(0, 0, 0, 0))
    for side, sign in (("left", 1.0), ("right", -1.0)):
        _add_finger(spec, hand, side, sign)
    equality = spec.add_equality(
        name="fingers",
        type=mujoco.mjtEq.mjEQ_JOINT,
        name1="finger_left",
        name2="finger_right",
        objtype=mujoco.mjtObj.mjOBJ_JOINT,
    )
    equality.data[:5] = (0.0, 1.0, 0.0, 0.0, 0.0)


def _add_finger(spec: mujoco.MjSpec, hand: mujoco.MjsBody, side: str, sign: float) -> None:
    """Add a finger that slides along y, and its servo.

    Args:
        spec: Scene that the servo is added to.
        hand: Body that the finger slides on.
        side: `left` or `right`.
        sign: 1 or -1: the direction along y in which it opens.
    """
    finger = hand.add_body(
        name=f"finger_{side}",
        pos=(0.0, 0.0, FINGER_ROOT),
        gravcomp=1.0,
        mass=0.05,
        inertia=(2e-5, 2e-5, 2e-5),
        explicitinertial=True,
    )
    finger.add_joint(
        name=f"finger_{side}",
        type=mujoco.mjtJoint.mjJNT_SLIDE,
        axis=(0.0, sign, 0.0),
        range=(0.0, FINGER_TRAVEL),
        limited=True,
        armature=0.05,
        damping=5.0,
    )
    finger.add_geom(
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=(0.011, 0.007, 0.016),
        pos=(0.0, sign * 0.014, 0.014),
        rgba=DARK,
        contype=0,
        conaffinity=0,
    )
    finger.add_geom(
        name=f"pad_{side}",
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=(0.011, 0.006, 0.016),
        pos=(0.0, sign * 0.006, 0.038),
        rgba=GREY,
        friction=FINGER_PAD_FRICTION,
        condim=6,
        priority=2,
        solref=(0.01, 1.0),
    )
    _add_servo(
        spec, f"finger_{side}", stiffness=GRIP_STIFFNESS, damping=30.0, limit=35.0, control_range=(0.0, FINGER_TRAVEL)
    )


def _add_servo(
    spec: mujoco.MjSpec,
    joint: str,
    *,
    stiffness: float,
    damping: float,
    limit: float,
    control_range: tuple[float, float],
) -> None:
    """Add a position servo with the name of its joint.

    Args:
        spec: Scene to add to.
        joint: Name of the joint.
        stiffness: Force per distance, in N/m or N m/rad.
        damping: Force per velocity, in N s/m or N m s/rad.
        limit: Largest force, in N or N m.
        control_range: Least and largest position that it may be sent to, in metres or radians.
    """
    servo = spec.add_actuator(
        name=joint,
        target=joint,
        trntype=mujoco.mjtTrn.mjTRN_JOINT,
        forcelimited=True,
        forcerange=(-limit, limit),
        ctrllimited=True,
        ctrlrange=control_range,
    )
    servo.set_to_position(kp=stiffness, kv=damping)


def _draw(body: mujoco.MjsBody, shapes: Iterable[Shape]) -> None:
    for shape in shapes:
        body.add_geom(
            type=mujoco.mjtGeom.mjGEOM_CAPSULE,
            fromto=(*shape.start, *shape.end),
            size=(shape.radius, 0.0, 0.0),
            rgba=shape.rgba,
            contype=0,
            conaffinity=0,
            mass=0.0,
        )
