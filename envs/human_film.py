"""A simulated human who does a task in front of the camera, filmed as a person would be: no robot, no actions."""

from collections.abc import Iterator
from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from daml.envs.human.choreography import Choreography, Style, choreograph, draw_style
from daml.envs.human.hand import JOINT_NAMES, Hand, add_hand, draw_hand
from daml.envs.rendering.renderer import POLICY_QUALITY, OffscreenRenderer, RenderQuality
from daml.envs.scene import rotations
from daml.envs.scene.appearance import draw_appearance
from daml.envs.scene.cameras import POLICY_CAMERA, Camera
from daml.envs.scene.distractors import add_distractors, draw_distractors, place_distractors
from daml.envs.scene.specification import TIMESTEP, add_objects, build_scene, place_items
from daml.envs.shifts import UNSHIFTED, Shift
from daml.envs.tasks.description import Assignment
from daml.envs.tasks.kinds import TASK_KINDS, draw_objects

FRAME_RATE_HZ = 12.0
"""Frames per second of the film: not the robot's control rate, since a human shares no time base with it."""


def film_human(
    task: Assignment,
    *,
    seed: int,
    image_size: int,
    target: int | None = None,
    quality: RenderQuality = POLICY_QUALITY,
    shift: Shift = UNSHIFTED,
) -> tuple[NDArray[np.uint8], float]:
    """Film a simulated human doing a task.

    Args:
        task: What to do, with which objects: a task, or a scene of somebody's own.
        seed: Determines layout, looks, camera, hand and movement.
        image_size: Height and width of the film, in pixels.
        target: Slot of another choice to carry out.
        quality: How it is drawn.
        shift: How the world, the human and the film differ from those of training.

    Returns:
        Frames, RGB, `(T, image_size, image_size, 3)`, and their rate in Hz.

    Raises:
        ValueError: There is no such slot, or no room for the objects of a scene.
    """
    performance = Performance.draw(task, seed=seed, target=target, shift=shift)
    with OffscreenRenderer(image_size, image_size) as renderer:
        renderer.load(performance.model)
        frames = [renderer.render(performance.data, POLICY_CAMERA.name, quality=quality) for _ in performance.play()]
    return shift.spoil(np.stack(frames), seed=seed), FRAME_RATE_HZ


@dataclass(frozen=True, eq=False)
class Performance:
    """One human about to do one task in one scene.

    Args:
        model: The compiled scene with the hand.
        data: Its state.
        camera: The camera that films it.
        choreography: What the hand does.
        hand: Whose it is.
        style: How they do it.
        item: Slot of the item that is moved.
        starts_holding: Whether that item is in the hand from the start.
    """

    model: mujoco.MjModel
    data: mujoco.MjData
    camera: Camera
    choreography: Choreography
    hand: Hand
    style: Style
    item: int
    starts_holding: bool

    @classmethod
    def draw(cls, task: Assignment, *, seed: int, target: int | None = None, shift: Shift = UNSHIFTED) -> "Performance":
        """Set the scene: layout, looks, camera, hand and movement all come from the seed.

        Raises:
            ValueError: There is no such slot.
        """
        rng = np.random.default_rng(seed)
        shift_rng = rng.spawn(1)[0]
        kind, objects = TASK_KINDS[task.kind], draw_objects(task)
        slot = objects.checked_target(target)
        layout = kind.draw_layout(objects, rng)
        spec = build_scene(shift.appearance(draw_appearance(rng), shift_rng))
        camera = shift.camera(POLICY_CAMERA.jittered(rng), shift_rng)
        camera.add_to(spec)
        add_objects(spec, objects, layout)
        add_hand(spec, hand := shift.hand(draw_hand(rng), shift_rng))
        style = draw_style(rng)
        distractors = draw_distractors(objects, layout, shift_rng, count=shift.n_distractors)
        add_distractors(spec, distractors)
        model = spec.compile()
        data = mujoco.MjData(model)
        place_items(data, objects, layout)
        place_distractors(data, distractors)
        course = choreograph(task.kind, objects, layout, target=slot, style=style)
        return cls(
            model=model,
            data=data,
            camera=camera,
            choreography=shift.choreography(course, shift_rng),
            hand=hand,
            style=style,
            item=objects.choice(slot).item,
            starts_holding=kind.starts_holding,
        )

    def play(self) -> Iterator[float]:
        """Do it: yield the time of each frame, in seconds, with the state of that moment in `data`."""
        course, joint = self.choreography, self.data.joint(f"item{self.item}")
        orientation = self._orientation()
        held_from: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
        for number in range(int(course.end * FRAME_RATE_HZ) + 1):
            now = number / FRAME_RATE_HZ
            position = course.position(now)
            self.data.mocap_pos[0], self.data.mocap_quat[0] = position, orientation
            for name, angle in zip(JOINT_NAMES, self.hand.joint_angles(course.openness(now)), strict=True):
                self.data.joint(name).qpos, self.data.joint(name).qvel = angle, 0.0
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

    def _take_hold(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the held item's place from the point between the fingers, and its quaternion, w first."""
        if self.starts_holding:
            yaw = self.choreography.entry + self.style.turn + np.pi / 2
            return np.zeros(3), np.array(rotations.about_z(yaw))
        # The hand has come a little further since it took hold, at most a frame's way.
        grasp = self.choreography.position(self.choreography.grasped)
        pose = self.data.joint(f"item{self.item}").qpos
        return pose[:3] - grasp, pose[3:].copy()

    def _orientation(self) -> rotations.Quaternion:
        """Return the hand's quaternion, w first: fingers away from the entry, tilted down, rolled."""
        heading = rotations.about_z(self.choreography.entry + self.style.turn + np.pi)
        tilted = rotations.compose(heading, rotations.about_y(self.style.pitch))
        return rotations.compose(tilted, rotations.about_x(self.style.roll))
