"""How a human does a task: a course of the hand through a few points, its fingers, and when it holds the item."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from daml.envs.objects.task_objects import Objects
from daml.envs.tasks.judging import LIFTED
from daml.envs.tasks.layout import Layout

OUT_OF_VIEW = 0.60
"""Distance from the first point at which the hand begins, in metres: outside the image."""

ENTRY_RANGE = (0.9, 2 * np.pi - 0.9)
"""Directions that the arm comes in from, in radians from the camera's side: not between the camera and the table."""

UNOBSTRUCTED = 0.9
"""Least angle between a person and a camera anywhere about the table, in radians: nobody's back hides what they do.

As in `ENTRY_RANGE`. A detector of real hands finds 4 % of those seen from behind the wrist, and 82 % of all.
"""

ALREADY_THERE, STAYING = 0.25, 0.25
"""Shares of the films that begin with the hand in view, and that end with it: people press the button with it there."""

PUSHING_GAP = 0.012
"""Distance between the fingertips' middle and the side of an item that they push, in metres."""


@dataclass(frozen=True)
class Style:
    """One person's way: times in seconds, lengths in metres, angles in radians.

    Args:
        entry: Direction that the arm comes in from, about the vertical; 0 is the camera's side.
        turn: Turn of the hand away from that direction.
        pitch: Downward tilt of the hand.
        roll: Sideways tilt of the hand.
        reach_time: From out of view to above the first point.
        hover_time: Pause above it.
        lower_time: Down to the point.
        grip_time: Closing or opening the fingers.
        carry_speed: Speed at which an item is carried or pushed, in m/s.
        linger_time: Pause after letting go.
        withdraw_time: Back to where it came from.
        still_time: After that.
        withdrawal: Share of the way back that the film shows.
        hover_height: Height of the pauses above the points.
        bend: Sideways bend of the way in.
        offset: Miss of the item's place from the middle of the target, `(2,)`.
        approach: Share of the way in that the film shows.
        sides: Directions that the arm may come in from, the lowest and the highest, like `entry`.
    """

    entry: float
    turn: float
    pitch: float
    roll: float
    reach_time: float
    hover_time: float
    lower_time: float
    grip_time: float
    carry_speed: float
    linger_time: float
    withdraw_time: float
    still_time: float
    withdrawal: float
    hover_height: float
    bend: float
    offset: NDArray[np.float64]
    approach: float = 1.0
    sides: tuple[float, float] = ENTRY_RANGE


def draw_style(rng: np.random.Generator) -> Style:
    """Draw one way of doing it."""
    return Style(
        entry=rng.uniform(*ENTRY_RANGE),
        turn=rng.uniform(-0.35, 0.35),
        pitch=rng.uniform(-0.15, 0.45),
        roll=rng.uniform(-0.3, 0.3),
        reach_time=rng.uniform(0.7, 1.3),
        hover_time=rng.choice([0.0, rng.uniform(0.0, 0.4)]),
        lower_time=rng.uniform(0.25, 0.5),
        grip_time=rng.uniform(0.15, 0.3),
        carry_speed=rng.uniform(0.15, 0.35),
        linger_time=rng.choice([0.0, rng.uniform(0.0, 0.25)]),
        withdraw_time=rng.uniform(0.5, 0.9),
        still_time=rng.choice([0.0, rng.uniform(0.0, 0.4)]),
        withdrawal=rng.uniform(0.5, 1.0),
        hover_height=rng.uniform(0.05, 0.12),
        bend=rng.uniform(-0.08, 0.08),
        offset=rng.uniform(-0.012, 0.012, 2),
    )


def draw_free_style(rng: np.random.Generator, *, camera_side: float) -> Style:
    """Draw a way of doing it in front of a camera anywhere: from any other side, there from the start, staying.

    Args:
        rng: Random numbers.
        camera_side: Where the camera stands, in radians about the vertical from the x axis.
    """
    sides = (camera_side + UNOBSTRUCTED, camera_side + 2 * np.pi - UNOBSTRUCTED)
    return replace(
        draw_style(rng),
        entry=rng.uniform(*sides),
        sides=sides,
        approach=rng.uniform(0.0, 0.3) if rng.random() < ALREADY_THERE else 1.0,
        withdrawal=rng.uniform(0.0, 0.3) if rng.random() < STAYING else rng.uniform(0.5, 1.0),
    )


class Waypoint(NamedTuple):
    """Where the hand is at one time."""

    time: float
    """Seconds from the start of the film."""
    position: NDArray[np.float64]
    """Point between the fingers, `(3,)`, in metres."""
    openness: float
    """0 holds an item, 1 has let it go."""
    bend: float = 0.0
    """Sideways bend of the way here, in metres."""


@dataclass(frozen=True)
class Choreography:
    """A course of the hand.

    Args:
        waypoints: Where it passes, in the order of their times; the film ends at the last.
        entry: Direction that the arm comes in from, in radians.
        grasped: Time from which the item moves with the hand, in seconds.
        released: Time from which it no longer does.
    """

    waypoints: tuple[Waypoint, ...]
    entry: float
    grasped: float
    released: float

    @property
    def end(self) -> float:
        """Length of the film, in seconds."""
        return self.waypoints[-1].time

    def retimed(self, factor: float) -> "Choreography":
        """Return the same course in so many times the time."""
        waypoints = tuple(point._replace(time=factor * point.time) for point in self.waypoints)
        return replace(self, waypoints=waypoints, grasped=factor * self.grasped, released=factor * self.released)

    def openness(self, now: float) -> float:
        """Return how far the hand has let go, in [0, 1]."""
        return float(np.interp(now, [point.time for point in self.waypoints], [p.openness for p in self.waypoints]))

    def position(self, now: float) -> NDArray[np.float64]:
        """Return the point between the fingers, `(3,)`, in metres: at rest at every waypoint."""
        for before, after in zip(self.waypoints, self.waypoints[1:], strict=False):
            if now < after.time:
                share = _minimum_jerk((now - before.time) / (after.time - before.time))
                way = after.position - before.position
                aside = np.array([-way[1], way[0], 0.0]) / max(float(np.linalg.norm(way)), 1e-9)
                return before.position + share * way + aside * after.bend * np.sin(np.pi * share)
        return self.waypoints[-1].position


class _Course:
    """Waypoints that are being gathered."""

    def __init__(self, start: NDArray[np.float64], openness: float) -> None:
        self.waypoints = [Waypoint(0.0, start, openness)]

    @property
    def now(self) -> float:
        return self.waypoints[-1].time

    def go(self, position: NDArray[np.float64], duration: float, *, bend: float = 0.0) -> None:
        """Move to a point in a time; no time, no move."""
        if duration > 0:
            self.waypoints.append(Waypoint(self.now + duration, position, self.waypoints[-1].openness, bend))

    def grip(self, openness: float, duration: float) -> None:
        """Open or close the fingers where the hand is."""
        self.waypoints.append(Waypoint(self.now + duration, self.waypoints[-1].position, openness))

    def rest(self, duration: float) -> None:
        """Stay."""
        self.go(self.waypoints[-1].position, duration)

    def leave(self, style: Style, entry: float) -> None:
        """Go back, as far as the film shows, and stay there."""
        self.rest(style.linger_time)
        away = (_away(entry) + np.array([0.0, 0.0, 0.06])) * style.withdrawal
        self.go(self.waypoints[-1].position + away, style.withdraw_time)
        self.rest(style.still_time)


def choreograph(kind: str, objects: Objects, layout: Layout, *, target: int, style: Style) -> Choreography:
    """Plan how the hand does a task.

    Args:
        kind: One of `task.KINDS`.
        objects: What lies on the table.
        layout: Where.
        target: Slot of what is to be done.
        style: The person's way.
    """
    plans = {"place": _plan_place, "push": _plan_push, "pick-place": _plan_pick_place}
    plan = plans[objects.choice(target).manner or kind]
    return plan(objects, layout, target=target, style=style)


def _plan_place(objects: Objects, layout: Layout, *, target: int, style: Style) -> Choreography:
    release = _release_point(objects, layout, target=target, style=style)
    above = np.array([0.0, 0.0, style.hover_height])
    hover = release + above
    course = _Course(hover + style.approach * _away(style.entry), openness=0.0)
    course.go(hover, style.reach_time, bend=style.bend)
    course.rest(style.hover_time)
    course.go(release, style.lower_time)
    course.grip(1.0, style.grip_time)
    released = course.now - style.grip_time / 2
    course.leave(style, style.entry)
    return Choreography(tuple(course.waypoints), style.entry, 0.0, released)


def _plan_pick_place(objects: Objects, layout: Layout, *, target: int, style: Style) -> Choreography:
    number = objects.choice(target).item
    height = objects.items[number].half_extents[2]
    item = np.array([*layout.item_positions[number], height])
    release = _release_point(objects, layout, target=target, style=style)
    lifted = item + np.array([0.0, 0.0, max(style.hover_height, LIFTED + height)])
    over = release + np.array([0.0, 0.0, style.hover_height])
    course = _Course(lifted + style.approach * _away(style.entry), openness=1.0)
    course.go(lifted, style.reach_time, bend=style.bend)
    course.rest(style.hover_time)
    course.go(item, style.lower_time)
    course.grip(0.0, style.grip_time)
    grasped = course.now
    course.go(lifted, style.lower_time)
    # Half a second is the least: a short way is not done in no time.
    course.go(over, max(0.5, float(np.linalg.norm(over - lifted)) / style.carry_speed), bend=style.bend / 2)
    course.go(release, style.lower_time)
    course.grip(1.0, style.grip_time)
    released = course.now - style.grip_time / 2
    course.leave(style, style.entry)
    return Choreography(tuple(course.waypoints), style.entry, grasped, released)


def _plan_push(objects: Objects, layout: Layout, *, target: int, style: Style) -> Choreography:
    number, container, _ = objects.choice(target)
    item = objects.items[number]
    start = layout.item_positions[number]
    end = (layout.container_positions[container] if objects.containers else layout.zone_position) + style.offset
    ahead = (end - start) / np.linalg.norm(end - start)
    # The arm comes from behind the item, as far as that is not the camera's side.
    least = sum(style.sides) / 2 - np.pi
    behind = float((np.arctan2(-ahead[1], -ahead[0]) - least) % (2 * np.pi) + least)
    entry = float(np.clip(behind + style.turn, *style.sides))
    height = max(0.6 * item.half_extents[2], 0.014)
    gap = item.half_extents[1] + PUSHING_GAP
    touch, stop = (np.array([*(place - gap * ahead), height]) for place in (start, end))
    before = touch - np.array([*(0.03 * ahead), -style.hover_height])
    course = _Course(before + style.approach * _away(entry), openness=0.0)
    course.go(before, style.reach_time, bend=style.bend)
    course.rest(style.hover_time)
    course.go(touch, style.lower_time)
    grasped = course.now
    course.go(stop, max(0.5, float(np.linalg.norm(stop - touch)) / style.carry_speed))
    released = course.now
    course.leave(style, entry)
    return Choreography(tuple(course.waypoints), entry, grasped, released)


def _release_point(objects: Objects, layout: Layout, *, target: int, style: Style) -> NDArray[np.float64]:
    """Return where the hand lets go of an item over a container, `(3,)`, in metres."""
    choice = objects.choice(target)
    rim = objects.containers[choice.container].height
    above = rim + objects.items[choice.item].half_extents[2] + 0.012
    return np.array([*(layout.container_positions[choice.container] + style.offset), above])


def _away(entry: float) -> NDArray[np.float64]:
    """Return the way out of view, `(3,)`, in metres."""
    return np.array([np.cos(entry), np.sin(entry), 0.35]) * OUT_OF_VIEW


def _minimum_jerk(share: float) -> float:
    """Return a minimum-jerk course from 0 to 1."""
    share = float(np.clip(share, 0.0, 1.0))
    return share**3 * (10 - 15 * share + 6 * share**2)
