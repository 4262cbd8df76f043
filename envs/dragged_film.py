"""A simulated person whose hand somebody else has led over the picture of a table: a film like any other."""

from collections.abc import Sequence
from dataclasses import replace

import mujoco
import numpy as np
from numpy.typing import NDArray

from daml.envs.human.choreography import Choreography, Waypoint
from daml.envs.human_film import FRAME_RATE_HZ, Performance
from daml.envs.objects.task_objects import Objects
from daml.envs.rendering.quality import PERSON_QUALITY
from daml.envs.rendering.renderer import OffscreenRenderer
from daml.envs.scene.cameras import Camera
from daml.envs.scene.specification import TABLE_CENTRE, TABLE_HALF_EXTENTS
from daml.envs.tasks.kinds import draw_objects
from daml.envs.tasks.task import Task

BODIES = "test"
"""Split of the people whose hand is led."""
_REACH_S, _LOWER_S, _GRIP_S, _LEAVE_S, _STILL_S = 0.9, 0.35, 0.25, 0.8, 0.5
"""Times of what is not led: coming, lowering, taking or letting go, leaving, and the empty table at the end."""
_HOVER = 0.10
"""Height of the hand over where it takes and lets go, in metres."""
_FASTEST, _SHORTEST_S, _LONGEST_S = 0.25, 0.8, 8.0
"""Speed of the hand at most, in m/s, and times of the way that is led: a mouse is faster than an arm."""
_MOST_POINTS = 2000

Places = NDArray[np.float64]


def picture_table(task: Task, *, seed: int, image_size: int) -> NDArray[np.uint8]:
    """Draw a task's table before anything is done, RGB `(image_size, image_size, 3)`."""
    performance = Performance.draw(task, seed=seed, bodies=BODIES)
    next(performance.play())
    with OffscreenRenderer(image_size, image_size) as renderer:
        renderer.load(performance.model)
        return renderer.render(performance.data, performance.camera.name, quality=PERSON_QUALITY)


def film_dragged(
    task: Task, way: Sequence[Sequence[float]], *, seed: int, image_size: int
) -> tuple[NDArray[np.uint8], float]:
    """Film a simulated person whose hand takes the item where a way begins, and lets go of it where the way ends.

    Args:
        task: Whose table it is.
        way: Moments of the way: time in seconds, x and y as shares of the picture that `picture_table` draws.
        seed: Seed of the same picture.
        image_size: Height and width of the film, in pixels.

    Returns:
        Frames, RGB, `(T, image_size, image_size, 3)`, and their rate in Hz.

    Raises:
        ValueError: The way is none: not two moments or more, or not of finite numbers.
    """
    if not 2 <= len(way) <= _MOST_POINTS or any(len(moment) != 3 for moment in way):
        raise ValueError(f"way: expected 2 to {_MOST_POINTS} moments of time, x and y; lead the hand over the table")
    moments: Places = np.array(way, np.float64)
    if not np.isfinite(moments).all():
        raise ValueError("way: expected finite numbers; lead the hand over the table")
    objects = draw_objects(task)
    table = Performance.draw(task, seed=seed, bodies=BODIES)
    mujoco.mj_forward(table.model, table.data)
    places = _on_table(table.camera, moments[:, 1:])
    slot = _nearest_slot(objects, table.data, places)
    drawn = Performance.draw(task, seed=seed, target=slot, bodies=BODIES)
    mujoco.mj_forward(drawn.model, drawn.data)
    performance = replace(drawn, choreography=_led(drawn, task.kind, moments[:, 0], places))
    with OffscreenRenderer(image_size, image_size) as renderer:
        renderer.load(performance.model)
        frames = [
            renderer.render(performance.data, performance.camera.name, quality=PERSON_QUALITY)
            for _ in performance.play()
        ]
    return np.stack(frames), FRAME_RATE_HZ


def _on_table(camera: Camera, shares: Places) -> Places:
    """Return where on the table places of a square picture are, `(n, 2)`, in metres."""
    rays = camera.rays(2 * shares - 1)
    # What is above the horizon goes to the table's far edge.
    rays[:, 2] = np.minimum(rays[:, 2], -0.05)
    points = np.array(camera.position) - rays * (camera.position[2] / rays[:, 2])[:, None]
    centre, half = np.array(TABLE_CENTRE)[:2], np.array(TABLE_HALF_EXTENTS)[:2]
    return np.clip(points[:, :2], centre - 0.9 * half, centre + 0.9 * half)


def _nearest_slot(objects: Objects, data: mujoco.MjData, places: Places) -> int:
    """Return the slot of the item nearest to where a way begins, and the container nearest to where it ends."""

    def nearest(name: str, n: int, place: Places) -> int:
        ways = [float(np.linalg.norm(data.body(f"{name}{number}").xpos[:2] - place)) for number in range(n)]
        return int(np.argmin(ways)) if ways else 0

    item = nearest("item", len(objects.items), places[0]) if len(objects.items) > 1 else 0
    return objects.slot(item, nearest("container", len(objects.containers), places[-1]))


def _led(performance: Performance, kind: str, times_s: Places, places: Places) -> Choreography:
    """Return a course of the hand that goes along a way between taking and letting go."""
    own = performance.choreography
    taken, let_go = own.position(own.grasped), own.position(own.released)
    is_carried, holds = kind != "push", performance.starts_holding
    start = own.waypoints[0].position
    opened = 0.0 if holds or not is_carried else 1.0
    up = np.array([0.0, 0.0, _HOVER])
    begin = np.array([*places[0], let_go[2]]) if holds else taken
    points = [Waypoint(0.0, start, opened), Waypoint(_REACH_S, begin + up, opened)]
    if not holds:
        points.append(Waypoint(points[-1].time + _LOWER_S, taken, opened))
        if is_carried:
            points.append(Waypoint(points[-1].time + _GRIP_S, taken, 0.0))
    grasped = 0.0 if holds else points[-1].time
    if is_carried and not holds:
        points.append(Waypoint(points[-1].time + _LOWER_S, taken + up, 0.0))
    height = float(points[-1].position[2])
    shift = points[-1].position[:2] - places[0]
    led = _resampled(times_s, places)
    for number, place in enumerate(led, 1):
        # A carried thing ends where the way does; a pushing hand stays behind its thing.
        share = 1 - number / len(led) if is_carried else 1.0
        points.append(Waypoint(points[-1].time + 1 / FRAME_RATE_HZ, np.array([*(place + share * shift), height]), 0.0))
    if is_carried:
        down = np.array([*points[-1].position[:2], let_go[2]])
        points.append(Waypoint(points[-1].time + _LOWER_S, down, 0.0))
        points.append(Waypoint(points[-1].time + _GRIP_S, down, 1.0))
    released = points[-1].time - (_GRIP_S / 2 if is_carried else 0.0)
    away = points[-1].position + start - begin
    points.append(Waypoint(points[-1].time + _LEAVE_S, away, points[-1].openness))
    points.append(Waypoint(points[-1].time + _STILL_S, away, points[-1].openness))
    return Choreography(tuple(points), own.entry, grasped, released)


def _resampled(times_s: Places, places: Places) -> Places:
    """Return a way at the film's rate, `(n, 2)`, no faster than an arm moves."""
    steps = np.linalg.norm(np.diff(places, axis=0), axis=1)
    taken_s = np.maximum(np.diff(times_s), steps / _FASTEST)
    passed_s = np.concatenate([[0.0], np.cumsum(np.maximum(taken_s, 0.0))])
    duration_s = float(np.clip(passed_s[-1], _SHORTEST_S, _LONGEST_S))
    n_moments = max(2, round(duration_s * FRAME_RATE_HZ))
    moments: Places = np.linspace(0.0, max(float(passed_s[-1]), 1e-9), n_moments)
    return np.column_stack([np.interp(moments, passed_s, places[:, axis]) for axis in (0, 1)])
