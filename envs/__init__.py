"""Where a policy is judged: tabletop scenes, a robot, a simulated human, tasks, success and scripted experts."""

from daml.envs.rendering import backend

# MuJoCo reads MUJOCO_GL when it is first imported.
backend.configure()

from daml.envs.experts import Expert, NoiseInjection, PositionError, find_expert  # noqa: E402
from daml.envs.human_film import FRAME_RATE_HZ as HUMAN_FRAME_RATE_HZ  # noqa: E402
from daml.envs.human_film import READ_MARGIN_S, film_guided, film_human  # noqa: E402
from daml.envs.picture import CLASSES, Picture, picture_scene  # noqa: E402
from daml.envs.rendering.quality import PERSON_QUALITY, POLICY_QUALITY, RenderQuality  # noqa: E402
from daml.envs.rendering.scene_recording import SceneRecording  # noqa: E402
from daml.envs.robot_film import film_robot  # noqa: E402
from daml.envs.scene.assets import Assets  # noqa: E402
from daml.envs.scene_files.scene_file import read_scene, write_scene  # noqa: E402
from daml.envs.shifts import PEOPLE, SHIFTS, UNSHIFTED, Shift, find_shift  # noqa: E402
from daml.envs.shot import Shot  # noqa: E402
from daml.envs.tabletop import TabletopEnv  # noqa: E402
from daml.envs.tasks.chance import Chances, chance_rate, chances  # noqa: E402
from daml.envs.tasks.description import Assignment, Scene  # noqa: E402
from daml.envs.tasks.goal import true_goal  # noqa: E402
from daml.envs.tasks.kinds import TASK_KINDS, describe, manner_of, n_targets, target_slot  # noqa: E402
from daml.envs.tasks.task import ALL_KINDS, KINDS, ONE_TABLE, SPLITS, Task  # noqa: E402

__all__ = [
    "ALL_KINDS",
    "CLASSES",
    "HUMAN_FRAME_RATE_HZ",
    "KINDS",
    "ONE_TABLE",
    "PEOPLE",
    "PERSON_QUALITY",
    "POLICY_QUALITY",
    "READ_MARGIN_S",
    "SHIFTS",
    "SPLITS",
    "TASK_KINDS",
    "UNSHIFTED",
    "Assets",
    "Assignment",
    "Chances",
    "Expert",
    "NoiseInjection",
    "Picture",
    "PositionError",
    "RenderQuality",
    "Scene",
    "SceneRecording",
    "Shift",
    "Shot",
    "TabletopEnv",
    "Task",
    "chance_rate",
    "chances",
    "describe",
    "film_guided",
    "film_human",
    "film_robot",
    "find_expert",
    "find_shift",
    "manner_of",
    "n_targets",
    "picture_scene",
    "read_scene",
    "target_slot",
    "true_goal",
    "write_scene",
]
