"""Get a person ready for one course of the hand: where they are at the table, and how they hold what is moved."""

from dataclasses import dataclass

import numpy as np

from daml.envs.human.acting import Acting, Place
from daml.envs.human.choreography import Choreography
from daml.envs.human.grasps import FLAT, grasp, posture
from daml.envs.human.person import Person
from daml.envs.human.planning import Thing, find_lift, plan_hand
from daml.envs.human.skeleton import N_ANGLES, Vectors, unit
from daml.envs.human.stance import Stance, draw_stance
from daml.envs.objects.items import Item
from daml.envs.scene.specification import TABLE_CENTRE, TABLE_HALF_EXTENTS

OPENING = (0.2, 0.45)
"""By how much a hand opens wider than the thing it takes, in lengths of the palm."""

NARROW, WIDE = 0.25, 0.5
"""Widths in lengths of the palm below which a pinch will do, and beyond which all fingers are needed."""

ELONGATED = 1.15
"""Length over width from which a thing is taken across its narrow side."""

PUSHING_WIDTH = (0.0, 0.15)
"""Gap between thumb and fingers of a hand that pushes, in lengths of the palm."""

FLAT_PUSHES = 0.6
"""Share of people who push with outstretched fingers, and not with fingers and thumb together."""

ROUND_FAMILIES = ("cylinder", "ball", "disc", "stepped disc", "can", "jar", "bottle")
"""Items that are alike from all sides."""

_ABOVE_POINT = np.array([-0.08, 0.0, 0.12])
"""Roughly where the wrist is from what the hand does, in the person's frame, in metres."""


@dataclass(frozen=True)
class Handled:
    """What a person moves.

    Args:
        half_extents: Half lengths along its own x, y and z, in metres.
        is_round: Whether it is alike from all sides.
        yaw: Its turn about the vertical where it is taken, in radians; None where it is in the hand from the start.
        pushed: Whether it is pushed and not carried.
    """

    half_extents: tuple[float, float, float]
    is_round: bool
    yaw: float | None
    pushed: bool = False

    @classmethod
    def lying(cls, item: Item, *, yaw: float | None, pushed: bool = False) -> "Handled":
        """Return an item as it lies on the table, or as it is in the hand if it has no yaw yet."""
        return cls(item.half_extents, item.family in ROUND_FAMILIES, yaw, pushed)


def prepare(person: Person, course: Choreography, handled: Handled, rng: np.random.Generator) -> Acting:
    """Choose place, stance, grasp and turn of the hand for one course.

    Args:
        person: Who.
        course: What the hand does.
        handled: What it moves.
        rng: Random numbers.
    """
    taken, released = course.position(course.grasped), course.position(course.released)
    heading = course.entry + np.pi
    middle = np.array([*(taken + released)[:2] / 2, 0.0])
    place = Place(middle, heading, person.left_handed)
    stance = draw_stance(person.body, rng, wrist=_ABOVE_POINT, edge=_edge(middle, course.entry))
    closed, opened, name = _postures(person, handled, rng)
    thing = _thing(place, course, handled)
    held = grasp(person.skeleton, name, angles=closed)
    axes = plan_hand(stance, person.skeleton, held, thing, rng)
    idle_wrist, idle_axes = _idle_hand(person, stance, rng)
    return Acting(
        person=person,
        place=place,
        stance=stance,
        grasp_name=name,
        closed=closed,
        opened=opened,
        axes=axes,
        lift=find_lift(person.skeleton, held, thing, axes),
        work=place.inside(np.stack([taken, released])),
        holds=not handled.pushed,
        idle_wrist=idle_wrist,
        idle_axes=idle_axes,
        idle_angles=_relaxed(rng),
    )


def _postures(person: Person, handled: Handled, rng: np.random.Generator) -> tuple[Vectors, Vectors, str]:
    """Return the angles of the closed and of the open hand, and the name of the grasp."""
    skeleton, palm = person.skeleton, person.body.palm_length
    width = 2 * min(handled.half_extents[:2]) / palm
    if handled.pushed:
        if rng.random() < FLAT_PUSHES:
            flat = np.zeros(N_ANGLES)
            flat[3:15] = rng.uniform(0.0, 0.45) * np.tile([0.6, 1.0, 0.6], 4) + rng.normal(0.0, 0.03, 12)
            return flat, flat, FLAT
        width = rng.uniform(*PUSHING_WIDTH)
    names = ("pinch", "tripod") if width < NARROW else ("tripod", "whole") if width < WIDE else ("whole",)
    name = str(rng.choice(names))
    closed = posture(skeleton, name, width=width * palm)
    opened = closed if handled.pushed else posture(skeleton, name, width=(width + rng.uniform(*OPENING)) * palm)
    # Nobody's fingers are bent quite alike: those that hold nothing, least of all.
    habit = np.zeros(N_ANGLES)
    idle = {"pinch": slice(6, 15), "tripod": slice(9, 15), "whole": slice(0, 0)}[name]
    habit[idle] = rng.uniform(-0.3, 0.45)
    habit[:15] += rng.normal(0.0, 0.03, 15)
    return closed + habit, opened + habit, name


def _thing(place: Place, course: Choreography, handled: Handled) -> Thing:
    """Return what is taken or pushed, in the person's frame."""
    taken = course.position(course.grasped)
    position = place.inside(taken)
    if handled.pushed:
        way = (course.position(course.released) - taken) @ place.axes
        return Thing(position, pushed=float(np.arctan2(way[1], way[0])))
    length, width, _ = handled.half_extents
    if handled.is_round or handled.yaw is None:
        return Thing(position)
    across = [np.pi / 2] if length > ELONGATED * width else [0.0, np.pi / 2]
    directions = [
        np.array([np.cos(handled.yaw + turn), np.sin(handled.yaw + turn), 0.0]) @ place.axes for turn in across
    ]
    return Thing(position, sides=tuple(float(np.arctan2(side[1], side[0])) for side in directions))


def _edge(middle: Vectors, entry: float) -> float:
    """Return how far the table's edge is from a place, in a direction about the vertical, in metres."""
    direction = np.array([np.cos(entry), np.sin(entry)])
    side = np.where(direction > 0, 1.0, -1.0)
    gaps = np.add(TABLE_CENTRE[:2], side * TABLE_HALF_EXTENTS[:2]) - middle[:2]
    return float(np.min(gaps / np.where(np.abs(direction) < 1e-6, 1e-6 * side, direction)))


def _idle_hand(person: Person, stance: Stance, rng: np.random.Generator) -> tuple[Vectors, Vectors]:
    """Return where the other wrist is, and that hand's axes, both as if it were the right one's."""
    shoulder = stance.arm.shoulder - person.body.hips
    hips, length = stance.hips * (1, -1, 1), stance.arm.length
    ahead = {"lap": rng.uniform(0.3, 0.5), "table": rng.uniform(0.65, 0.9)}[person.idle_hand] * length
    height = {"lap": -rng.uniform(0.1, 0.2), "table": 0.035}[person.idle_hand]
    aside = {"lap": 0.08, "table": rng.uniform(-0.1, 0.1)}[person.idle_hand]
    wrist = np.array([hips[0] + ahead, hips[1] + shoulder[1] + aside, height])
    inwards = rng.uniform(0.2, 1.1)
    fingers = unit(np.array([np.cos(inwards), np.sin(inwards), -0.12]))
    thumb = unit(np.cross([0.0, 0.0, 1.0], fingers))
    return wrist, np.stack([fingers, thumb, np.cross(fingers, thumb)], axis=1)


def _relaxed(rng: np.random.Generator) -> Vectors:
    """Return the posture of a hand that does nothing."""
    angles = np.zeros(N_ANGLES)
    angles[3:15] = rng.uniform(-0.05, 0.5) * np.tile([1.0, 0.8, 0.5], 4)
    return angles
