"""Where a policy is judged: tabletop scenes, a robot, a simulated human, tasks, success and scripted experts."""

from envs import backend

# MuJoCo reads MUJOCO_GL when it is first imported.
backend.configure()

import gymnasium  # noqa: E402 - after the backend has been chosen

from envs.description import Assignment, Scene  # noqa: E402
from envs.experts import Expert, Misbelief, NoiseInjection, make_expert  # noqa: E402
from envs.human import FRAME_RATE_HZ as HUMAN_FRAME_RATE_HZ  # noqa: E402
from envs.human import film_human  # noqa: E402
from envs.kinds import TASK_KINDS, describe, n_targets, target_slot  # noqa: E402
from envs.picture import CLASSES, Picture, picture_scene  # noqa: E402
from envs.rendering import PERSON_LOOK, POLICY_LOOK, Look  # noqa: E402
from envs.robot_film import film_robot  # noqa: E402
from envs.scene_file import read_scene, write_scene  # noqa: E402
from envs.shifts import SHIFTS, UNSHIFTED, Shift, find_shift  # noqa: E402
from envs.tabletop import TabletopEnv  # noqa: E402
from envs.task import KINDS, SPLITS, Task  # noqa: E402
from envs.whereabouts import whereabouts  # noqa: E402

ENV_IDS = {"place": "daml/Place-v0", "push": "daml/Push-v0", "pick-place": "daml/PickPlace-v0"}
"""Gymnasium id of each task kind."""

for _kind, _id in ENV_IDS.items():
    if _id not in gymnasium.registry:
        gymnasium.register(  # pyright: ignore[reportUnknownMemberType] - Gymnasium leaves its kwargs untyped
            _id, entry_point="envs.tabletop:TabletopEnv", kwargs={"kind": _kind}
        )

__all__ = [
    "CLASSES",
    "ENV_IDS",
    "HUMAN_FRAME_RATE_HZ",
    "KINDS",
    "PERSON_LOOK",
    "POLICY_LOOK",
    "SHIFTS",
    "SPLITS",
    "TASK_KINDS",
    "UNSHIFTED",
    "Assignment",
    "Expert",
    "Look",
    "Misbelief",
    "NoiseInjection",
    "Picture",
    "Scene",
    "Shift",
    "TabletopEnv",
    "Task",
    "describe",
    "film_human",
    "film_robot",
    "find_shift",
    "make_expert",
    "n_targets",
    "picture_scene",
    "read_scene",
    "target_slot",
    "whereabouts",
    "write_scene",
]
