"""Task-space control: a gripper velocity becomes joint targets through differential inverse kinematics."""

from functools import cache

import mujoco
import numpy as np
from numpy.typing import NDArray

from daml.envs.robot.arm import FINGER_TRAVEL, HOME, JOINTS, add_robot

CONTROL_TIMESTEP = 0.1
"""Duration of one action, in seconds."""

MAXIMUM_SPEED = 0.35
"""Gripper speed along each axis at an action of 1, in m/s."""

REACH = ((0.30, -0.28, 0.014), (0.70, 0.28, 0.30))
"""Corners of the box that the gripper's target stays in, in metres: every corner within the arm's own reach."""

POINTING_DOWN_WXYZ = (0.0, 1.0, 0.0, 0.0)
"""Orientation of the gripper: its axis downwards, its fingers closing along y."""

SOLVER_ITERATIONS = 2
"""Inverse-kinematics steps per action; two leave up to 3 mm at full speed, three less than 1 mm."""


@cache
def _arm_model() -> mujoco.MjModel:
    """Return the robot alone: inverse kinematics need nothing of the scene."""
    spec = mujoco.MjSpec()
    spec.compiler.degree = False
    add_robot(spec)
    return spec.compile()


class GripperController:
    """Holds the gripper's target and turns velocities into joint targets within the joint limits."""

    def __init__(self) -> None:
        import mink  # noqa: PLC0415 - with SciPy a fifth of a second, which commands without a robot save

        model = _arm_model()
        self._configuration = mink.Configuration(model)
        self._frame = mink.FrameTask("tool", "site", position_cost=1.0, orientation_cost=0.3, lm_damping=1e-6)
        self._posture = mink.PostureTask(model, cost=1e-3)
        self._limits = [mink.ConfigurationLimit(model)]
        self._target = np.zeros(3)

    @property
    def target(self) -> NDArray[np.float64]:
        """Where the gripper is sent, `(3,)` in metres."""
        return self._target.copy()

    def reset(self, position: NDArray[np.float64], *, opening: float) -> NDArray[np.float64]:
        """Put the gripper at a position at once, for the start of an episode.

        Args:
            position: Where the point between the fingertips goes, `(3,)`, in metres.
            opening: Distance between the fingers, in metres.

        Returns:
            Joint positions: seven angles in radians, two finger positions in metres, `(9,)`.
        """
        posture = np.array([*HOME, opening / 2, opening / 2])
        self._configuration.update(posture)
        self._posture.set_target(posture)
        self._target = np.array(position, dtype=np.float64)
        for _ in range(40):
            self._solve()
        return np.array([*self._configuration.q[: len(JOINTS)], opening / 2, opening / 2])

    def step(self, action: NDArray[np.floating]) -> NDArray[np.float64]:
        """Move the target by one action.

        Args:
            action: Velocity along x, y, z and gripper command, each in [-1, 1], `(4,)`.

        Returns:
            Servo targets for the end of the control step, `(9,)`, as `reset` returns them.
        """
        moved = self._target + np.asarray(action[:3], dtype=np.float64) * MAXIMUM_SPEED * CONTROL_TIMESTEP
        self._target = np.clip(moved, REACH[0], REACH[1])
        for _ in range(SOLVER_ITERATIONS):
            self._solve()
        finger = FINGER_TRAVEL if action[3] < 0 else 0.0
        return np.array([*self._configuration.q[: len(JOINTS)], finger, finger])

    def _solve(self) -> None:
        import mink  # noqa: PLC0415 - likewise

        self._frame.set_target(
            mink.SE3.from_rotation_and_translation(mink.SO3(np.array(POINTING_DOWN_WXYZ)), self._target)
        )
        velocity = mink.solve_ik(  # pyright: ignore[reportUnknownMemberType] - mink leaves **kwargs untyped
            self._configuration,
            [self._frame, self._posture],
            CONTROL_TIMESTEP,
            solver="daqp",
            damping=1e-9,
            limits=self._limits,
        )
        self._configuration.integrate_inplace(velocity, CONTROL_TIMESTEP)
