"""`daml evaluate-policy`: the success rate of a policy that was adapted and saved."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import tyro

from daml import envs
from daml.app.judging import check_outputs, clip_path, judge, write_results
from daml.app.videos.excerpt import Excerpt
from daml.demos import HumanDemo, read_video
from daml.deployment.adapted_policy import AdaptedPolicy
from daml.evaluation.candidates import fixed
from daml.evaluation.evaluation_config import EvaluationConfig, SceneConfig
from daml.reporting.demonstration import write_performance
from daml.terminal.console import say
from daml.terminal.worker_options import WorkerOptions


def evaluate_policy_on_tasks(
    policy: Annotated[Path, tyro.conf.Positional],
    /,
    *,
    output: Path,
    task: str | None = None,
    split: str = "test",
    n_tasks: int = 1,
    first_task: int = 0,
    rollouts: int = 1,
    seed: int = 0,
    videos: int = 0,
    workers: Annotated[WorkerOptions, tyro.conf.arg(name="")] = WorkerOptions(),  # noqa: B008 - frozen
) -> None:
    """Judge a saved policy on the task that its video shows.

    For a video of unknown origin name the task that comes closest, or describe the scene with --scene.

    Args:
        policy: Folder written by `daml adapt`.
        output: JSON file for the result; the same in LeRobot's layout goes into NAME.eval_info.json beside it.
        task: Kind of task, for a video of unknown origin: place, push or pick-place.
        split: Split of the task, likewise: train, validation or test.
        n_tasks: Number of tasks, likewise.
        first_task: Index of the first task, likewise.
        rollouts: Rollouts of each task, each in another layout.
        seed: Seed of layouts and looks.
        videos: Number of tasks to write clips of into a folder beside the output.
        workers: Who runs the episodes. A command that was stopped goes on where it was when it is run again.
    """
    check_outputs(output, videos=videos)
    read = AdaptedPolicy.from_pretrained(policy)
    shown = read.config.provenance.get("task")
    if shown is not None:
        known = envs.Task.parse(shown)
        say(f"the policy's video shows task {known}: judged on that task alone")
        config = EvaluationConfig(known.kind, known.split, 1, known.index, rollouts, seed)
    elif task is None:
        raise ValueError(
            "the policy's video is of unknown origin; say what it shows with --task, one of "
            f"{', '.join(envs.ALL_KINDS)}, or with --scene"
        )
    else:
        config = EvaluationConfig(task, split, n_tasks, first_task, rollouts, seed)
        tasks = config.tasks()
        asked_for = str(tasks[0]) if len(tasks) == 1 else f"{tasks[0]} to {tasks[-1]}"
        say(f"the policy's video is of unknown origin: judged on {asked_for}, as asked for")
    _judge_policy(read, policy, config, output=output, videos=videos, workers=workers)


def evaluate_policy_in_scene(
    policy: Annotated[Path, tyro.conf.Positional],
    /,
    *,
    scene: Path,
    output: Path,
    rollouts: int = 1,
    seed: int = 0,
    videos: int = 0,
    workers: Annotated[WorkerOptions, tyro.conf.arg(name="")] = WorkerOptions(),  # noqa: B008 - frozen
) -> None:
    """Judge a saved policy in a scene of your own.

    Args:
        policy: Folder written by `daml adapt`.
        scene: TOML file that describes what lies on the table and what is to be done.
        output: JSON file for the result; the same in LeRobot's layout goes into NAME.eval_info.json beside it.
        rollouts: Rollouts, each in another layout.
        seed: Seed of layouts and looks.
        videos: 1 to write a clip into a folder beside the output.
        workers: Who runs the episodes. A command that was stopped goes on where it was when it is run again.
    """
    check_outputs(output, videos=videos)
    config = SceneConfig(envs.read_scene(scene), rollouts, seed)
    _judge_policy(AdaptedPolicy.from_pretrained(policy), policy, config, output=output, videos=videos, workers=workers)


def _judge_policy(
    policy: AdaptedPolicy,
    folder: Path,
    config: EvaluationConfig | SceneConfig,
    *,
    output: Path,
    videos: int,
    workers: WorkerOptions,
) -> None:
    """Judge a policy and write clips, beside the video that it was adapted to."""
    image_size, origin = policy.config.image_size[0], policy.config.provenance
    provenance = {"policy": str(folder), "video": origin.get("video"), "video_shows": origin.get("task")}
    evaluations = judge(
        fixed(policy),
        [config],
        image_size=image_size,
        provenance=provenance,
        tensors=policy.tensors(),
        output=output,
        workers=workers.open(),
    )
    for task in config.tasks()[:videos]:
        path, video = clip_path(output, task), _read_if_there(origin)
        verdict = write_performance(path, policy, task=task, seed=config.seed, image_size=image_size, video=video)
        say(f"{path}: {verdict}")
    write_results(evaluations, output)


def _read_if_there(origin: Mapping[str, Any]) -> HumanDemo | None:
    """Read of the video what a policy was adapted to; None when it is gone or no longer a video."""
    if origin.get("video") is None:
        return None
    excerpt = Excerpt.from_provenance(origin)
    try:
        return read_video(origin["video"], start_s=excerpt.start, end_s=excerpt.end)
    except (ValueError, OSError):
        return None
