"""A simulated human who does a task in front of the camera, filmed as a person would be: no robot, no actions."""

from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from envs import rotations
from envs.appearance import draw_appearance
from envs.cameras import POLICY_CAMERA
from envs.hand import JOINT_NAMES, add_hand, draw_hand
from envs.place import draw_layout, draw_objects
from envs.rendering import POLICY_LOOK, Look, OffscreenRenderer
from envs.scene import TIMESTEP, add_containers, add_item, build_scene
from envs.task import Task

FRAME_RATE_HZ = 12.0
"""Frames per second of the film: not the robot's control rate, since a human shares no time base with it."""

ENTRY_RANGE = (0.9, 2 * np.pi - 0.9)
"""Directions that the arm comes in from, in radians from the camera's side: not between the camera and the table."""

OUT_OF_VIEW = 0.60
"""Distance from the target at which the hand begins, in metres: outside the image."""


@dataclass(frozen=True)
class Performance:
    """How a human does it: times in seconds, lengths in metres, angles in radians.

    Args:
        entry: Direction that the arm comes in from, about the vertical; 0 is the camera's side.
        turn: Turn of the hand away from that direction.
        pitch: Downward tilt of the hand.
        roll: Sideways tilt of the hand.
        reach_time: From out of view to above the target.
        hover_time: Pause above it.
        lower_time: Down to where the item is let go.
        open_time: Letting go.
        linger_time: Pause after it.
        withdraw_time: Back to where it came from.
        still_time: After that.
        withdrawal: Share of the way back that the film shows.
        hover_height: Height above the rim of the pause.
        bend: Sideways bend of the path.
        offset: Miss of the item's place from the middle of the target, `(2,)`.
    """

    entry: float
    turn: float
    pitch: float
    roll: float
    reach_time: float
    hover_time: float
    lower_time: float
    open_time: float
    linger_time: float
    withdraw_time: float
    still_time: float
    withdrawal: float
    hover_height: float
    bend: float
    offset: NDArray[np.float64]


def draw_performance(rng: np.random.Generator) -> Performance:
    """Draw one way of doing it."""
    return Performance(
        entry=rng.uniform(*ENTRY_RANGE),
        turn=rng.uniform(-0.35, 0.35),
        pitch=rng.uniform(-0.15, 0.45),
        roll=rng.uniform(-0.3, 0.3),
        reach_time=rng.uniform(0.7, 1.5),
        hover_time=rng.choice([0.0, rng.uniform(0.0, 0.4)]),
        lower_time=rng.uniform(0.25, 0.5),
        open_time=rng.uniform(0.15, 0.3),
        linger_time=rng.choice([0.0, rng.uniform(0.0, 0.25)]),
        withdraw_time=rng.uniform(0.5, 0.9),
        still_time=rng.choice([0.0, rng.uniform(0.0, 0.4)]),
        withdrawal=rng.uniform(0.5, 1.0),
        hover_height=rng.uniform(0.05, 0.12),
        bend=rng.uniform(-0.08, 0.08),
        offset=rng.uniform(-0.012, 0.012, 2),
    )


def film_human(
    task: Task, *, seed: int, image_size: int, target: int | None = None, look: Look = POLICY_LOOK
) -> tuple[NDArray[np.uint8], float]:
    """Film a simulated human doing a task.

    Args:
        task: What to do, with which objects.
        seed: Determines layout, looks, camera, hand and movement.
        image_size: Height and width of the film, in pixels.
        target: Slot of another container to put the item into.
        look: How it is drawn.

    Returns:
        Frames, RGB, `(T, image_size, image_size, 3)`, and their rate in Hz.

    Raises:
        ValueError: There is no such slot.
    """
    rng = np.random.default_rng(seed)
    objects = draw_objects(task)
    slot = objects.target if target is None else target
    if not 0 <= slot < len(objects.containers):
        raise ValueError(f"target slot is {slot}; expected 0 to {len(objects.containers) - 1}")
    layout = draw_layout(objects.containers, rng)
    spec = build_scene(draw_appearance(rng))
    POLICY_CAMERA.jittered(rng).add_to(spec)
    add_containers(spec, objects.containers, positions=layout.positions, yaws=layout.yaws)
    add_item(spec, "item", objects.item)
    add_hand(spec, hand := draw_hand(rng))
    performance = draw_performance(rng)
    model = spec.compile()
    data = mujoco.MjData(model)
    rim = objects.containers[slot].height
    release = np.array([*(layout.positions[slot] + performance.offset), rim + objects.item.half_extents[2] + 0.012])
    orientation = _hand_orientation(performance)
    times = _Timetable(performance)
    renderer = OffscreenRenderer(image_size, image_size)
    renderer.load(model)
    frames: list[NDArray[np.uint8]] = []
    for number in range(int(times.end * FRAME_RATE_HZ) + 1):
        now = number / FRAME_RATE_HZ
        position, openness = times.position(now, release), times.openness(now)
        data.mocap_pos[0], data.mocap_quat[0] = position, orientation
        for name, angle in zip(JOINT_NAMES, hand.joint_angles(openness), strict=True):
            data.joint(name).qpos, data.joint(name).qvel = angle, 0.0
        if now < times.opened:
            yaw = performance.entry + performance.turn + np.pi / 2
            data.joint("item").qpos = [*position, *rotations.about_z(yaw)]
            data.joint("item").qvel = 0.0
            mujoco.mj_forward(model, data)
        else:
            mujoco.mj_step(model, data, round(1 / FRAME_RATE_HZ / TIMESTEP))
        frames.append(renderer.render(data, POLICY_CAMERA.name, look=look))
    renderer.close()
    return np.stack(frames), FRAME_RATE_HZ


class _Timetable:
    """When the hand is where."""

    def __init__(self, performance: Performance) -> None:
        self._performance = performance
        self._reached = performance.reach_time
        self._lowering = self._reached + performance.hover_time
        self._lowered = self._lowering + performance.lower_time
        self.opened = self._lowered + performance.open_time / 2
        self._leaving = self._lowered + performance.open_time + performance.linger_time
        self.end = self._leaving + performance.withdraw_time + performance.still_time

    def openness(self, now: float) -> float:
        """Return how far the hand has let go, in [0, 1]."""
        return float(np.clip((now - self._lowered) / self._performance.open_time, 0.0, 1.0))

    def position(self, now: float, release: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the point between the fingers, `(3,)`, in metres."""
        performance = self._performance
        hover = release + np.array([0.0, 0.0, performance.hover_height])
        away = np.array([np.cos(performance.entry), np.sin(performance.entry), 0.35]) * OUT_OF_VIEW
        if now < self._lowering:
            share = _ease(now / self._reached)
            sideways = np.array([-away[1], away[0], 0.0]) * performance.bend * np.sin(np.pi * share)
            return hover + away * (1 - share) + sideways
        if now < self._leaving:
            return hover + (release - hover) * _ease((now - self._lowering) / performance.lower_time)
        share = _ease((now - self._leaving) / performance.withdraw_time) * performance.withdrawal
        return release + (away + np.array([0.0, 0.0, 0.06])) * share


def _ease(share: float) -> float:
    """Return a minimum-jerk course from 0 to 1."""
    share = float(np.clip(share, 0.0, 1.0))
    return share**3 * (10 - 15 * share + 6 * share**2)


def _hand_orientation(performance: Performance) -> rotations.Quaternion:
    """Return the hand's quaternion, w first: fingers away from the entry, tilted down, rolled."""
    heading = rotations.about_z(performance.entry + performance.turn + np.pi)
    tilted = rotations.compose(heading, rotations.about_y(performance.pitch))
    return rotations.compose(tilted, rotations.about_x(performance.roll))
