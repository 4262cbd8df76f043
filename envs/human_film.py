"""A simulated human who does a task in front of the camera, filmed as a person would be: no robot, no actions."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import mujoco
import numpy as np
from numpy.typing import NDArray

from daml.envs.filming import as_people_see
from daml.envs.human.choreography import Choreography, Style, choreograph, draw_free_style, draw_style
from daml.envs.human.hand import Hand, PosedHand, add_hand, draw_hand
from daml.envs.human.person import add_person, draw_person
from daml.envs.human.preparation import Handled, prepare
from daml.envs.lens import draw_lens, frames_shown, shoot
from daml.envs.rendering.renderer import OffscreenRenderer
from daml.envs.scene import rotations
from daml.envs.scene.appearance import draw_appearance
from daml.envs.scene.cameras import POLICY_CAMERA, Camera
from daml.envs.scene.distractors import add_distractors, draw_distractors, place_distractors
from daml.envs.scene.dressing import Dresser, objects_of, split_of_task
from daml.envs.scene.specification import TIMESTEP, add_objects, build_scene, place_items
from daml.envs.scene.walls import add_walls
from daml.envs.shifts import UNSHIFTED, Shift
from daml.envs.shot import Shot
from daml.envs.tasks.description import Assignment
from daml.envs.tasks.kinds import TASK_KINDS

FRAME_RATE_HZ = 12.0
"""Frames per second of the film: not the robot's control rate, since a human shares no time base with it."""

_FILMING_STREAM = 2
"""Keeps the random numbers of how people film apart from those of what is done."""


READ_MARGIN_S = 0.25
"""Time before a step and after it that is kept of a film that was read, in seconds.

So little that the item is taken at the beginning of what is kept, and let go at its end, however long the step: a
temporal loss can count on it."""

_FAR_BELOW = -10.0
"""Height at which nothing is seen, in metres: below the floor."""


def film_human(shot: Shot) -> tuple[NDArray[np.uint8], float]:
    """Film a simulated human doing a task; in the world `PEOPLE` as people film.

    Args:
        shot: What is filmed, and how.

    Returns:
        Frames, RGB, `(T, image_size, image_size, 3)`, and their rate in Hz.

    Raises:
        ValueError: There is no such slot or split, or no room for the objects of a scene.
    """
    return _film(shot, is_guided=False)[:2]


def film_guided(shot: Shot) -> tuple[NDArray[np.uint8], float, NDArray[np.float32]]:
    """Film a simulated human as a film is handed on that was read: a clean first frame, the step, where the hand is.

    Args:
        shot: What is filmed, and how.

    Returns:
        What `film_human` returns, cut to `READ_MARGIN_S` about the step, after a first frame in which nobody is and
        nothing is held; and the point that thumb and fingers close upon, x and y in [-1, 1] from edge to edge,
        `(T, 2)`: NaN where it is out of view.

    Raises:
        ValueError: There is no such slot or split, or no room for the objects of a scene.
    """
    return _film(shot, is_guided=True)


def _film(shot: Shot, *, is_guided: bool) -> tuple[NDArray[np.uint8], float, NDArray[np.float32]]:
    rng = np.random.default_rng((shot.seed, _FILMING_STREAM))
    seen = as_people_see(shot, rng) if shot.shift.as_people else shot
    performance = Performance.of(seen)
    data, camera, course = performance.data, performance.camera, performance.choreography
    pictures: list[NDArray[np.uint8]] = []
    places: list[NDArray[np.float64]] = []
    with OffscreenRenderer(seen.image_size, seen.image_size) as renderer:
        renderer.load(performance.model)
        for now in performance.play():
            if is_guided and now == 0:
                with performance.nobody_there():
                    pictures.append(renderer.render(data, camera.name, quality=seen.quality))
            if is_guided and not course.grasped - READ_MARGIN_S <= now <= course.released + READ_MARGIN_S:
                continue
            pictures.append(renderer.render(data, camera.name, quality=seen.quality))
            places.append(data.mocap_pos[0].copy())
    frames, hand = np.stack(pictures), camera.project(np.stack(places))
    hand[np.abs(hand).max(axis=1) > 1] = np.nan
    if is_guided:
        hand = np.concatenate([np.full((1, 2), np.nan, np.float32), hand])
    if shot.shift.as_people:
        lens = draw_lens(rng)
        hand = hand[frames_shown(len(hand), lens, frame_rate_hz=FRAME_RATE_HZ)]
        frames = shoot(frames, lens, rng, frame_rate_hz=FRAME_RATE_HZ)
    return shot.shift.spoil(frames, seed=shot.seed), FRAME_RATE_HZ, hand


class Actor(Protocol):
    """Somebody whose hand can be put somewhere in a scene."""

    @property
    def held_yaw(self) -> float:
        """Turn about the vertical of an item that is in the hand from the start, in radians."""
        ...

    def pose(self, data: mujoco.MjData, position: NDArray[np.float64], *, openness: float) -> None:
        """Close the hand upon a point of the world, `(3,)`, in metres; openness 0 holds, 1 has let go."""
        ...


@dataclass(frozen=True, eq=False)
class Performance:
    """One human about to do one task in one scene.

    Args:
        model: The compiled scene with the hand.
        data: Its state.
        camera: The camera that films it.
        choreography: What the hand does.
        actor: Whose hand it is.
        item: Slot of the item that is moved.
        starts_holding: Whether that item is in the hand from the start.
    """

    model: mujoco.MjModel
    data: mujoco.MjData
    camera: Camera
    choreography: Choreography
    actor: Actor
    item: int
    starts_holding: bool

    @classmethod
    def of(cls, shot: Shot, *, is_cluttered: bool = True) -> "Performance":
        """Set the scene of a shot; see `draw`."""
        return cls.draw(
            shot.task,
            seed=shot.seed,
            target=shot.target,
            shift=shot.shift,
            bodies=shot.bodies,
            camera=shot.camera,
            is_cluttered=is_cluttered,
        )

    @classmethod
    def draw(
        cls,
        task: Assignment,
        *,
        seed: int,
        target: int | None = None,
        shift: Shift = UNSHIFTED,
        bodies: str | None = None,
        camera: Camera | None = None,
        is_cluttered: bool = True,
    ) -> "Performance":
        """Set the scene: layout, looks, camera, hand and movement all come from the seed; see `film_human`.

        Raises:
            ValueError: There is no such slot or split.
        """
        rng = np.random.default_rng(seed)
        shift_rng, person_rng, room_rng = rng.spawn(3)
        kind, objects = TASK_KINDS[task.kind], objects_of(task, shift.assets)
        slot = objects.checked_target(target)
        layout = kind.draw_layout(objects, rng)
        dresser = Dresser(shift.assets, split_of_task(task), room_rng)
        spec = build_scene(dresser.surroundings(shift.appearance(draw_appearance(rng), shift_rng)))
        usual = shift.camera(POLICY_CAMERA.jittered(rng), shift_rng)
        view = usual if camera is None else camera
        view.add_to(spec)
        if camera is not None:
            add_walls(spec, room_rng, pictures=dresser.wall_pictures())
        add_objects(spec, objects, layout)
        # The hand is drawn in any case, so that a person does what the hand would do.
        hand = shift.hand(draw_hand(rng), shift_rng)
        person = None if bodies is None else shift.person(draw_person(bodies, person_rng), person_rng)
        add_hand(spec, hand) if person is None else add_person(spec, person)
        style = draw_style(rng) if camera is None else draw_free_style(rng, camera_side=camera.side)
        distractors = draw_distractors(
            objects,
            layout,
            shift_rng,
            count=shift.n_distractors,
            up_to_more=kind.most_distractors if is_cluttered else 0,
            dress=dresser.item,
        )
        add_distractors(spec, distractors)
        model = spec.compile()
        data = mujoco.MjData(model)
        place_items(data, objects, layout)
        place_distractors(data, distractors)
        course = shift.choreography(choreograph(task.kind, objects, layout, target=slot, style=style), shift_rng)
        number, holds = objects.choice(slot).item, kind.starts_holding(objects)
        handled = Handled.lying(
            objects.items[number],
            yaw=None if holds else layout.item_yaws[number],
            pushed=(objects.choice(slot).manner or task.kind) == "push",
        )
        return cls(
            model=model,
            data=data,
            camera=view,
            choreography=course,
            actor=_hold(hand, course, style) if person is None else prepare(person, course, handled, person_rng),
            item=number,
            starts_holding=holds,
        )

    def play(self) -> Iterator[float]:
        """Do it: yield the time of each frame, in seconds, with the state of that moment in `data`."""
        course, joint = self.choreography, self.data.joint(f"item{self.item}")
        held_from: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
        for number in range(int(course.end * FRAME_RATE_HZ) + 1):
            now = number / FRAME_RATE_HZ
            position = course.position(now)
            self.actor.pose(self.data, position, openness=course.openness(now))
            if now >= course.released:
                mujoco.mj_step(self.model, self.data, round(1 / FRAME_RATE_HZ / TIMESTEP))
            else:
                if now >= course.grasped:
                    if held_from is None:
                        held_from = self._take_hold()
                    offset, quaternion = held_from
                    joint.qpos = [*(position + offset), *quaternion]
                    joint.qvel = 0.0
                mujoco.mj_forward(self.model, self.data)
            yield now

    @contextmanager
    def nobody_there(self) -> Generator[None]:
        """Let the person, and what is held from the start, be out of sight meanwhile."""
        joint, places = self.data.joint(f"item{self.item}"), self.data.mocap_pos.copy()
        pose = joint.qpos.copy()
        self.data.mocap_pos[:, 2] = _FAR_BELOW
        if self.starts_holding:
            joint.qpos[2] = _FAR_BELOW
        mujoco.mj_kinematics(self.model, self.data)
        yield
        joint.qpos, self.data.mocap_pos[:] = pose, places
        mujoco.mj_kinematics(self.model, self.data)

    def _take_hold(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the held item's place from the point between the fingers, and its quaternion, w first."""
        if self.starts_holding:
            return np.zeros(3), np.array(rotations.about_z(self.actor.held_yaw))
        # The hand has come a little further since it took hold, at most a frame's way.
        grasp = self.choreography.position(self.choreography.grasped)
        pose = self.data.joint(f"item{self.item}").qpos
        return pose[:3] - grasp, pose[3:].copy()


def _hold(hand: Hand, course: Choreography, style: Style) -> PosedHand:
    """Turn a hand away from where it comes from, tilted down and rolled."""
    towards = course.entry + style.turn
    tilted = rotations.compose(rotations.about_z(towards + np.pi), rotations.about_y(style.pitch))
    return PosedHand(hand, rotations.compose(tilted, rotations.about_x(style.roll)), held_yaw=towards + np.pi / 2)
