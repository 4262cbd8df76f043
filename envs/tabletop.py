"""The Gymnasium environment that owns the MuJoCo model and data of one episode."""

from typing import Any

import gymnasium
import mujoco
import numpy as np
from numpy.typing import NDArray

from envs.appearance import draw_appearance
from envs.cameras import PERSON_CAMERA, POLICY_CAMERA
from envs.control import CONTROL_TIMESTEP, GripperController
from envs.place import Layout, PlaceObjects, completed_slot, container_holding, draw_layout, draw_objects
from envs.rendering import PERSON_LOOK, OffscreenRenderer
from envs.robot import JOINTS, add_robot
from envs.scene import TIMESTEP, add_containers, add_item, build_scene
from envs.task import KINDS, Task

HORIZON = 36
"""Control steps of an episode: twice what the expert needs on average."""

IMAGE_SIZE = 64
"""Default height and width of the policy's image, in pixels."""

PERSON_VIEW = (480, 640)
"""Height and width of the picture that `render` returns, in pixels."""

SETTLING_STEPS = 50
"""Physics steps at reset in which the fingers take hold of the item."""

_FINGERS = ("finger_left", "finger_right")
_ROBOT_JOINTS = (*(f"joint{number}" for number in range(1, len(JOINTS) + 1)), *_FINGERS)

STATE_BOUND = 2.0
"""Largest absolute value of a component of the robot's state, in metres: the arm is 0.86 m long."""

Observation = dict[str, Any]


class TabletopEnv(gymnasium.Env[Observation, np.ndarray]):
    """A robot arm over a table, judged on one task an episode.

    Observation: `image`, RGB, `(image_size, image_size, 3)` uint8, and `state`, gripper x, y, z and opening in metres,
    `(4,)` float32. Action: gripper velocity along x, y, z (1 is `control.MAXIMUM_SPEED`) and gripper command (negative
    opens, else closes), `(4,)` float32 in [-1, 1], at 10 Hz. The reward is 1 while the task is done, else 0. Episodes
    are never terminated, and truncated after `HORIZON` steps: what counts is the state at the end.

    Args:
        kind: Task kind.
        image_size: Height and width of the policy's image, in pixels.
        render_mode: `"rgb_array"` for pictures of `PERSON_VIEW`, or None.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": round(1 / CONTROL_TIMESTEP)}  # noqa: RUF012 - Gymnasium's

    def __init__(self, kind: str = "place", *, image_size: int = IMAGE_SIZE, render_mode: str | None = None) -> None:
        if render_mode not in (None, "rgb_array"):
            raise ValueError(f"render_mode {render_mode!r} is unknown; expected None or 'rgb_array'")
        if kind not in KINDS:
            raise ValueError(f"task kind {kind!r} is unknown; valid kinds: {', '.join(KINDS)}")
        self.render_mode = render_mode
        self._kind = kind
        self._renderer = OffscreenRenderer(image_size, image_size)
        self._person_renderer: OffscreenRenderer | None = None
        self._controller = GripperController()
        self.observation_space = gymnasium.spaces.Dict(
            {
                "image": gymnasium.spaces.Box(0, 255, (image_size, image_size, 3), np.uint8),
                "state": gymnasium.spaces.Box(-STATE_BOUND, STATE_BOUND, (4,), np.float32),
            }
        )
        self.action_space = gymnasium.spaces.Box(-1.0, 1.0, (4,), np.float32)
        self._steps = 0
        self._task: Task
        self._objects: PlaceObjects
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
            options: `task`, a `Task` (default: a training task drawn from the seed); `target`, the slot of another
                container to count as the target.

        Returns:
            Observation and info; see `step`.

        Raises:
            ValueError: The task is none, or of another kind, or there is no such slot.
        """
        super().reset(seed=seed)
        options = options or {}
        task = options.get("task") or Task(self._kind, "train", int(self.np_random.integers(1_000_000)))
        if not isinstance(task, Task):
            raise ValueError(f"options['task'] is {task!r}; expected an envs.Task, such as Task.parse('place/test/0')")  # noqa: TRY004
        if task.kind != self._kind:
            raise ValueError(f"task {task} cannot be done here; expected a task of kind {self._kind}")
        self._task = task
        self._objects = draw_objects(task)
        target = options.get("target")
        self._target = self._objects.target if target is None else int(target)
        if not 0 <= self._target < len(self._objects.containers):
            raise ValueError(f"target slot is {target}; expected 0 to {len(self._objects.containers) - 1}")
        self._layout = draw_layout(self._objects.containers, self.np_random)
        self._build()
        self._steps = 0
        return self._observe(), self._inform()

    def step(self, action: NDArray[np.floating]) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Move for one control step.

        Args:
            action: Gripper velocity and command, `(4,)`; what is beyond [-1, 1] is clipped.

        Returns:
            Observation, reward, terminated (always False), truncated and info: `is_success` and `success` (at this
            moment) and, under `state`, what experts and failure analysis may know.

        Raises:
            ValueError: The action has another shape or is not finite.
        """
        action = np.asarray(action, dtype=np.float64)
        if action.shape != (4,) or not np.isfinite(action).all():
            raise ValueError(f"action is {action}; expected 4 finite numbers in [-1, 1]")
        goal = self._controller.step(np.clip(action, -1.0, 1.0))
        substeps = round(CONTROL_TIMESTEP / TIMESTEP)
        start = self._data.ctrl.copy()
        for substep in range(1, substeps + 1):
            # The arm's targets move evenly over the control step; the fingers are commanded at once.
            self._data.ctrl[: len(JOINTS)] = start[:7] + (goal[:7] - start[:7]) * substep / substeps
            self._data.ctrl[len(JOINTS) :] = goal[len(JOINTS) :]
            mujoco.mj_step(self._model, self._data)
        self._steps += 1
        info = self._inform()
        return self._observe(), float(info["is_success"]), False, self._steps >= HORIZON, info

    def render(self) -> NDArray[np.uint8] | None:
        """Return `picture()`, or None without a render mode."""
        return None if self.render_mode is None else self.picture()

    def picture(self) -> NDArray[np.uint8]:
        """Draw the scene for people, with shadows, `(480, 640, 3)`."""
        if self._person_renderer is None:
            self._person_renderer = OffscreenRenderer(*PERSON_VIEW)
            self._person_renderer.load(self._model)
        return self._person_renderer.render(self._data, PERSON_CAMERA.name, look=PERSON_LOOK)

    def close(self) -> None:
        """Free the rendering contexts."""
        self._renderer.close()
        if self._person_renderer is not None:
            self._person_renderer.close()
            self._person_renderer = None

    def _build(self) -> None:
        """Compile the scene of this episode and put the item between the fingers."""
        spec = build_scene(draw_appearance(self.np_random))
        POLICY_CAMERA.jittered(self.np_random).add_to(spec)
        PERSON_CAMERA.add_to(spec)
        add_containers(spec, self._objects.containers, positions=self._layout.positions, yaws=self._layout.yaws)
        add_robot(spec)
        add_item(spec, "item", self._objects.item)
        self._model = spec.compile()
        self._data = mujoco.MjData(self._model)
        width = 2 * self._objects.item.half_extents[1]
        posture = self._controller.reset(self._layout.gripper, opening=width)
        for name, value in zip(_ROBOT_JOINTS, posture, strict=True):
            self._data.joint(name).qpos = value
        self._data.ctrl[:] = [*posture[: len(JOINTS)], 0.0, 0.0]
        self._data.joint("item").qpos = [*self._layout.gripper, 1.0, 0.0, 0.0, 0.0]
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
        return {"image": self._renderer.render(self._data, POLICY_CAMERA.name), "state": state}

    def _opening(self) -> float:
        """Return the distance between the fingers, in metres."""
        return sum(float(self._data.joint(name).qpos[0]) for name in _FINGERS)

    def _inform(self) -> dict[str, Any]:
        item = self._data.body("item")
        position = item.xpos.copy()
        opening = self._opening()
        held_by = container_holding(position, self._objects.item, self._objects.containers, self._layout)
        distances = np.linalg.norm(self._layout.positions - position[:2], axis=1)
        completed = completed_slot(
            held_by=held_by,
            speed=float(np.linalg.norm(self._data.joint("item").qvel[:3])),
            slack=opening - 2 * self._objects.item.half_extents[1],
        )
        done = completed == self._target
        reached = int(np.argmin(distances)) if held_by is None else held_by
        verdict = "success" if done else "not_completed" if reached == self._target else "wrong_target"
        state = {
            "item_position": position,
            "item_half_extents": np.array(self._objects.item.half_extents),
            "gripper_position": self._data.site("tool").xpos.copy(),
            "gripper_opening": opening,
            "container_positions": self._layout.positions.copy(),
            "container_heights": np.array([container.height for container in self._objects.containers]),
            "target_slot": self._target,
            "reached_slot": reached,
            "completed_slot": completed,
            "n_targets": len(self._objects.containers),
            "verdict": verdict,
        }
        return {"is_success": done, "success": done, "task": str(self._task), "state": state}
