"""The scripted robot filmed while it does a task: what a demonstration would be without the change of embodiment."""

from contextlib import closing

import numpy as np
from numpy.typing import NDArray

from daml.envs.experts import find_expert
from daml.envs.robot.control import CONTROL_TIMESTEP
from daml.envs.shot import Shot
from daml.envs.tabletop import TabletopEnv

FRAME_RATE_HZ = 1 / CONTROL_TIMESTEP
"""Frames per second of the film: one for each control step, since what lies between two is not observed."""

AFTERMATH_STEPS = 3
"""Control steps that are filmed after the task is done: long enough to see that it stays done."""

MOST_TRIES = 20
"""Layouts that are tried before there counts as no success: the expert fails on fewer than one in twenty."""


def film_robot(shot: Shot) -> tuple[NDArray[np.uint8], float]:
    """Film the robot's expert doing a task, through the camera that films humans.

    Args:
        shot: What is filmed, and how. Where the expert fails, another layout is drawn from its seed; the robot has no
            body to choose, and its camera is the policy's.

    Returns:
        Frames, RGB, `(T, image_size, image_size, 3)`, and their rate in Hz. The film ends when the task is done.

    Raises:
        ValueError: There is no such slot, or no room for the objects of a scene.
        RuntimeError: The expert failed on every try.
    """
    others = np.random.default_rng(shot.seed).integers(2**31, size=MOST_TRIES - 1).tolist()
    options: dict[str, object] = {"task": shot.task, "target": shot.target, "shift": shot.shift}
    with closing(TabletopEnv(shot.task.kind, image_size=shot.image_size, quality=shot.quality)) as env:
        for layout_seed in (shot.seed, *others):
            frames = _film(env, seed=int(layout_seed), options=options)
            if frames is not None:
                return shot.shift.spoil(frames, seed=shot.seed), FRAME_RATE_HZ
    raise RuntimeError(f"task {shot.task}: the expert failed in {MOST_TRIES} layouts; film another task")


def _film(env: TabletopEnv, *, seed: int, options: dict[str, object]) -> NDArray[np.uint8] | None:
    """Film one episode until shortly after the task is done; None when it is not done in the end."""
    expert = find_expert(env.kind)
    observation, info = env.reset(seed=seed, options=options)
    frames, remaining, truncated = [observation["image"]], AFTERMATH_STEPS, False
    while remaining and not truncated:
        observation, _, _, truncated, info = env.step(expert(info))
        frames.append(observation["image"])
        remaining = remaining - 1 if info["is_success"] else AFTERMATH_STEPS
    return np.stack(frames) if info["is_success"] else None
