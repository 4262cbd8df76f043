"""The Gymnasium environment that owns the MuJoCo model and data of one episode."""

from dataclasses import replace
from typing import Any

import gymnasium
import mujoco
import numpy as np
from gymnasium.error import ClosedEnvironmentError, ResetNeeded
from numpy.typing import NDArray

from daml.envs.arguments import checked_action, checked_size, parse_options
from daml.envs.objects.task_objects import Objects
from daml.envs.rendering.quality import PERSON_QUALITY, POLICY_QUALITY, RenderQuality
from daml.envs.rendering.renderer import OffscreenRenderer
from daml.envs.rendering.scene_recording import SceneRecording
from daml.envs.robot.arm import FINGER_JOINTS, JOINTS, ROBOT_JOINTS, add_robot
from daml.envs.robot.control import CONTROL_TIMESTEP, GripperController
from daml.envs.scene.appearance import draw_appearance
from daml.envs.scene.cameras import PERSON_CAMERA, POLICY_CAMERA
from daml.envs.scene.distractors import add_distractors, draw_distractors, place_distractors
from daml.envs.scene.dressing import Dresser, objects_of, split_of_task
from daml.envs.scene.specification import TIMESTEP, add_objects, build_scene, place_items
from daml.envs.shifts import Shift
from daml.envs.tasks.description import Assignment
from daml.envs.tasks.judging import NO_BEHAVIOUR, NO_SLOT, Reading, told_behaviour, verdict
from daml.envs.tasks.kinds import TASK_KINDS
from daml.envs.tasks.layout import Layout
from daml.envs.tasks.task import ALL_KINDS, Task
from daml.envs.tasks.telling import tell_target, tell_things

IMAGE_SIZE = 96
"""Default height and width of the policy's image, in pixels."""

PERSON_VIEW = (480, 640)
"""Height and width of the picture that `render` returns, in pixels."""

SETTLING_STEPS = 50
"""Physics steps at reset in which the fingers take hold of an item."""

STATE_BOUND = 2.0
"""Largest absolute value of a component of the robot's state, in metres: the arm is 0.86 m long."""

Observation = dict[str, Any]


class TabletopEnv(gymnasium.Env[Observation, np.ndarray]):
    """A robot arm over a table, judged on one task an episode.

    Observation: `image`, RGB, `(image_size, image_size, 3)` uint8, and `state`, gripper x, y, z and opening in metres,
    `(4,)` float32. Action: gripper velocity along x, y, z (1 is `control.MAXIMUM_SPEED`) and gripper command (negative
    opens, else closes), `(4,)` float32 in [-1, 1], at 10 Hz. The reward is 1 while the task is done, else 0. Episodes
    are never terminated, and truncated after the kind's horizon: what counts is the state at the end.

    A copy (`copy.deepcopy`, `pickle`) goes on to the same states and images as the original.

    Args:
        kind: Task kind.
        image_size: Height and width of the policy's image, in pixels.
        render_mode: `"rgb_array"` for pictures of `PERSON_VIEW`, or None.
        quality: How the policy's image is drawn.

    Raises:
        ValueError: The kind or the render mode is unknown, or the image size is no number of pixels.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": round(1 / CONTROL_TIMESTEP)}  # noqa: RUF012 - Gymnasium's

    def __init__(
        self,
        kind: str = "place",
        *,
        image_size: int = IMAGE_SIZE,
        render_mode: str | None = None,
        quality: RenderQuality = POLICY_QUALITY,
    ) -> None:
        if render_mode not in (None, "rgb_array"):
            raise ValueError(f"render_mode {render_mode!r} is unknown; expected None or 'rgb_array'")
        if kind not in ALL_KINDS:
            raise ValueError(f"task kind {kind!r} is unknown; valid kinds: {', '.join(ALL_KINDS)}")
        image_size = checked_size(image_size)
        self.render_mode = render_mode
        self.kind = kind
        self._quality = quality
        self._rules = TASK_KINDS[kind]
        self._renderer = OffscreenRenderer(image_size, image_size)
        self._person_renderer: OffscreenRenderer | None = None
        self._controller = GripperController()
        image = gymnasium.spaces.Box(0, 255, (image_size, image_size, 3), np.uint8)
        state = gymnasium.spaces.Box(-STATE_BOUND, STATE_BOUND, (4,), np.float32)
        self.observation_space = gymnasium.spaces.Dict({"image": image, "state": state})
        self.action_space = gymnasium.spaces.Box(-1.0, 1.0, (4,), np.float32)
        self._status = "new"
        self._task: Assignment
        self._objects: Objects
        self._layout: Layout
        self._target: int
        self._model: mujoco.MjModel
        self._data: mujoco.MjData

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Start an episode.

        Args:
            seed: Determines layout, looks and camera.
            options: `task`, a `Task` or a `Scene` (default: a training task drawn from the seed); `target`, the slot
                of another choice to count as the target; `shift`, a `Shift` (default: the world of training).

        Returns:
            Observation and info; see `step`.

        Raises:
            ValueError: An option is unknown or of another type, the task is of another kind; there is no such slot, or
                no room for a scene's objects.
        """
        super().reset(seed=seed)
        wanted = parse_options(options, kind=self.kind)
        self._status = "new"  # until all is there: a reset that fails leaves no half of an episode
        self._task = wanted.task or Task(self.kind, "train", int(self.np_random.integers(1_000_000)))
        self._objects = objects_of(self._task, wanted.shift.assets)
        self._target = self._objects.checked_target(wanted.target)
        self._layout = self._rules.draw_layout(self._objects, self.np_random)
        self._build(wanted.shift)
        self._status = "running"
        return self._begin()

    def go_on(self, target: int) -> tuple[Observation, dict[str, Any]]:
        """Ask for another choice in the scene as it is now: the next of several steps, with as much time as the first.

        Args:
            target: Slot of the choice.

        Returns:
            Observation and info; see `step`. Things count as moved from where they are now.

        Raises:
            ValueError: There is no such slot. Other errors are those of `step`.
        """
        self._check_running("go_on")
        self._target = self._objects.checked_target(target)
        return self._begin()

    def step(self, action: NDArray[np.floating]) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Move for one control step.

        Args:
            action: Gripper velocity and command, `(4,)`; what is beyond [-1, 1] is clipped.

        Returns:
            Observation, reward, terminated (always False), truncated and info: `is_success` and `success` (at this
            moment) and, under `state`, what experts and failure analysis may know. Every value keeps its type from step
            to step: `completed_slot` is `NO_SLOT` while no choice has been carried out, `behaviour` is `NO_BEHAVIOUR`
            while nothing was moved.

        Raises:
            ValueError: The action has another shape or is not finite.
            ResetNeeded: The environment has not been reset.
            ClosedEnvironmentError: It has been closed.
        """
        self._check_running("step")
        goal = self._controller.step(np.clip(checked_action(action), -1.0, 1.0))
        substeps = round(CONTROL_TIMESTEP / TIMESTEP)
        start = self._data.ctrl.copy()
        for substep in range(1, substeps + 1):
            # The arm's targets move evenly over the control step; the fingers are commanded at once.
            self._data.ctrl[: len(JOINTS)] = start[:7] + (goal[:7] - start[:7]) * substep / substeps
            self._data.ctrl[len(JOINTS) :] = goal[len(JOINTS) :]
            mujoco.mj_step(self._model, self._data)
        self._steps += 1
        info = self._inform()
        return self._observe(), float(info["is_success"]), False, self._steps >= self._rules.horizon, info

    def render(self) -> NDArray[np.uint8] | None:
        """Return `picture()`, or None without a render mode."""
        return None if self.render_mode is None else self.picture()

    def picture(self) -> NDArray[np.uint8]:
        """Draw the scene for people, with shadows, `(480, 640, 3)`; errors are those of `step`."""
        self._check_running("render")
        if self._person_renderer is None:
            self._person_renderer = OffscreenRenderer(*PERSON_VIEW)
            self._person_renderer.load(self._model)
        return self._person_renderer.render(self._data, PERSON_CAMERA.name, quality=PERSON_QUALITY)

    def record(self, recording: SceneRecording) -> None:
        """Add this moment to a recording of the scene; errors are those of `picture`."""
        self._check_running("record")
        recording.add(self._model, self._data)

    def close(self) -> None:
        """Free the rendering contexts; a reset opens the environment again."""
        self._status = "closed"
        self._renderer.close()
        if self._person_renderer is not None:
            self._person_renderer.close()
            self._person_renderer = None

    def _begin(self) -> tuple[Observation, dict[str, Any]]:
        """Begin to count: steps, and what is moved."""
        self._steps = 0
        self._first_positions = self._item_positions()
        self._closest = np.full(len(self._objects.items), np.inf)
        self._behaviour = NO_BEHAVIOUR
        return self._observe(), self._inform()

    def _check_running(self, what: str) -> None:
        """Refuse what needs an episode where there is none."""
        if self._status == "closed":
            raise ClosedEnvironmentError(f"{what}: the environment is closed; make a new one, or call reset first")
        if self._status == "new":
            raise ResetNeeded(f"{what}: there is no episode yet; call reset first")

    def _build(self, shift: Shift) -> None:
        """Compile the scene of this episode, with the gripper around the item where the kind starts so."""
        rng = self.np_random.spawn(1)[0]
        dresser = Dresser(shift.assets, split_of_task(self._task), rng)
        spec = build_scene(dresser.surroundings(shift.appearance(draw_appearance(self.np_random), rng)))
        shift.camera(POLICY_CAMERA.jittered(self.np_random), rng).add_to(spec)
        PERSON_CAMERA.add_to(spec)
        add_robot(spec)
        add_objects(spec, self._objects, self._layout)
        n, more = shift.n_distractors, self._rules.most_distractors
        distractors = draw_distractors(self._objects, self._layout, rng, count=n, up_to_more=more, dress=dresser.item)
        add_distractors(spec, distractors)
        self._model = spec.compile()
        self._data = mujoco.MjData(self._model)
        place_items(self._data, self._objects, self._layout)
        place_distractors(self._data, distractors)
        holds = self._rules.starts_holding(self._objects)
        width = 2 * self._objects.items[0].half_extents[1] * holds
        posture = self._controller.reset(self._layout.gripper, opening=width)
        for name, value in zip(ROBOT_JOINTS, posture, strict=True):
            self._data.joint(name).qpos = value
        self._data.ctrl[:] = [*posture[: len(JOINTS)], 0.0, 0.0]
        if holds:
            self._data.joint("item0").qpos = [*self._layout.gripper, 1.0, 0.0, 0.0, 0.0]
            # The item floats until the fingers hold it.
            self._model.opt.gravity[:] = 0.0
        mujoco.mj_step(self._model, self._data, SETTLING_STEPS)
        self._model.opt.gravity[:] = (0.0, 0.0, -9.81)
        self._data.time = 0.0
        self._renderer.load(self._model)
        if self._person_renderer is not None:
            self._person_renderer.load(self._model)

    def _observe(self) -> Observation:
        state = np.array([*self._data.site("tool").xpos, self._opening()], dtype=np.float32)
        return {"image": self._renderer.render(self._data, POLICY_CAMERA.name, quality=self._quality), "state": state}

    def _opening(self) -> float:
        """Return the distance between the fingers, in metres."""
        return sum(float(self._data.joint(name).qpos[0]) for name in FINGER_JOINTS)

    def _item_positions(self) -> NDArray[np.float64]:
        """Return the items' centres, `(n, 3)`, in metres."""
        return np.stack([self._data.body(f"item{slot}").xpos for slot in range(len(self._objects.items))])

    def _read(self) -> Reading:
        positions = self._item_positions()
        joints = [self._data.joint(f"item{slot}") for slot in range(len(positions))]
        distances = np.linalg.norm(positions - self._data.site("tool").xpos, axis=1)
        self._closest = np.minimum(self._closest, distances)
        return Reading(
            item_positions=positions,
            item_speeds=np.array([float(np.linalg.norm(joint.qvel[:3])) for joint in joints]),
            displacements=np.linalg.norm((positions - self._first_positions)[:, :2], axis=1),
            distances=distances,
            closest=self._closest,
            opening=self._opening(),
        )

    def _note_behaviour(self, reading: Reading) -> Reading:
        """Note which kind of thing the robot has done so far."""
        held = self._objects.items[0] if self._rules.starts_holding(self._objects) else None
        rises = (reading.item_positions - self._first_positions)[:, 2]
        self._behaviour = told_behaviour(reading, before=self._behaviour, rises=rises, held=held)
        return replace(reading, behaviour=self._behaviour)

    def _inform(self) -> dict[str, Any]:
        objects, reading = self._objects, self._note_behaviour(self._read())
        judgement = self._rules.judge(objects, self._layout, reading, target=self._target)
        outcome = verdict(objects, judgement, target=self._target)
        done = outcome == "success"
        state = {
            **tell_things(objects, self._layout, reading, most=self._rules.most_things),
            "gripper_position": self._data.site("tool").xpos.copy(),
            "gripper_opening": reading.opening,
            **tell_target(objects, self._target, kind=self.kind),
            "reached_slot": judgement.reached,
            "completed_slot": NO_SLOT if judgement.completed is None else judgement.completed,
            "behaviour": self._behaviour,
            "verdict": outcome,
        }
        return {"is_success": done, "success": done, "task": str(self._task), "state": state}
