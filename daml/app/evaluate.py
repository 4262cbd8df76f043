"""`daml evaluate`: the success rate of the method, of a control, or of one adapted policy."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import envs
from daml.adapted_policy import AdaptedPolicy
from daml.app.console import progress_bar, say
from daml.app.presentation import follow, show_evaluations
from daml.demonstration import write_comparison, write_performance
from daml.evaluation import CONTROLS, Evaluation, EvaluationConfig, Method, fixed
from daml.evaluation import evaluate as evaluate_method
from daml.prior import Prior
from daml.result_files import check_output_file, write_json
from daml.shipped import find_prior
from demos import HumanDemo, read_video


def evaluate(
    *,
    output: Path,
    task: str = "all",
    split: str = "test",
    n_tasks: int | None = None,
    first_task: int = 0,
    rollouts: int = 1,
    seed: int = 0,
    shots: int = 1,
    control: Literal["none", "wrong-demo", "no-demo"] = "none",
    prior: str = "tabletop",
    policy: Path | None = None,
    videos: int = 0,
) -> None:
    """Film one human video per task (or several), adapt, roll out in new layouts, and count.

    Args:
        output: JSON file for the result; with --task all it holds one result under the name of each kind.
        task: Kind of task: place, push, pick-place, or all of them.
        split: Split of the tasks: train, validation or test; the test split has objects never seen in training.
        n_tasks: Number of tasks of each kind; 100 when not given, 1 with --policy.
        first_task: Index of the first task.
        rollouts: Rollouts of each task, each in another layout.
        seed: Seed of videos, layouts and looks.
        shots: Human videos of each task to adapt to.
        control: none: the method itself; wrong-demo: the video shows another target; no-demo: no adaptation.
        prior: Name of a shipped prior, or a folder written by `daml train`.
        policy: Folder written by `daml adapt`: judge this policy, on the task that its video shows. For a video of
            unknown origin, name the task that comes closest with --split and --first-task.
        videos: Number of tasks to write clips of (what was shown, before, after) into a folder beside the output.
    """
    check_output_file(output)
    if videos < 0:
        raise ValueError(f"number of videos is {videos}; expected at least 0")
    if policy is not None and control != "none":
        raise ValueError(
            f"--control {control} is about adapting a prior, but --policy is adapted; leave one of them out"
        )
    if shots < 1:
        raise ValueError(f"number of videos to adapt to is {shots}; expected at least 1")
    kinds = envs.KINDS if task == "all" else (task,)
    default_n_tasks = 100 if policy is None else 1
    configs = [
        EvaluationConfig(kind, split, default_n_tasks if n_tasks is None else n_tasks, first_task, rollouts, seed)
        for kind in kinds
    ]
    if policy is not None:
        _judge_policy(policy, configs, output=output, videos=videos)
        return
    loaded = Prior.from_pretrained(find_prior(prior))
    provenance = {"control": control, "shots": shots, "prior": prior}
    method, image_size = CONTROLS[control](loaded, shots=shots), loaded.config.image_size[0]
    _report([_run(method, config, image_size=image_size, provenance=provenance) for config in configs], output)
    for config in configs:
        for filmed in config.tasks()[:videos]:
            path = _clip_path(output, filmed)
            verdicts = write_comparison(path, loaded, task=filmed, control=control, shots=shots, seed=config.seed)
            say(f"{path}: before {verdicts.before}, after {verdicts.after}")


def _judge_policy(folder: Path, configs: Sequence[EvaluationConfig], *, output: Path, videos: int) -> None:
    """Judge one adapted policy."""
    policy = AdaptedPolicy.from_pretrained(folder)
    image_size, origin = policy.config.image_size[0], policy.config.provenance
    config = _on_the_task_shown(origin.get("task"), configs)
    provenance = {"policy": str(folder), "video": origin.get("video"), "video_shows": origin.get("task")}
    _report([_run(fixed(policy), config, image_size=image_size, provenance=provenance)], output)
    for task in config.tasks()[:videos]:
        path = _clip_path(output, task)
        verdict = write_performance(
            path, policy, task=task, seed=config.seed, image_size=image_size, video=_read_if_there(origin.get("video"))
        )
        say(f"{path}: {verdict}")


def _on_the_task_shown(shown: str | None, configs: Sequence[EvaluationConfig]) -> EvaluationConfig:
    """Return the settings for the one task that a policy's video shows, if that is known."""
    config = configs[0]
    if shown is not None:
        task = envs.Task.parse(shown)
        say(f"the policy's video shows task {task}: judged on that task alone")
        return EvaluationConfig(task.kind, task.split, 1, task.index, config.rollouts, config.seed)
    if len(configs) > 1:
        kinds = ", ".join(config.kind for config in configs)
        raise ValueError(f"the policy's video is of unknown origin; say what it shows with --task, one of {kinds}")
    tasks = config.tasks()
    asked_for = str(tasks[0]) if len(tasks) == 1 else f"{tasks[0]} to {tasks[-1]}"
    say(f"the policy's video is of unknown origin: judged on {asked_for}, as asked for")
    return config


def _run(method: Method, config: EvaluationConfig, *, image_size: int, provenance: Mapping[str, Any]) -> Evaluation:
    with progress_bar() as progress:
        observer = follow(progress, config.kind, total=config.n_tasks * config.rollouts)
        return evaluate_method(method, config, image_size=image_size, provenance=provenance, observers=(observer,))


def _report(evaluations: Sequence[Evaluation], output: Path) -> None:
    """Write one evaluation as it is, or several by their kinds, and show them."""
    results = {evaluation.settings["kind"]: evaluation.to_json() for evaluation in evaluations}
    write_json(output, results if len(results) > 1 else next(iter(results.values())))
    show_evaluations(evaluations)
    say(f"written to {output}")


def _clip_path(output: Path, task: envs.Task) -> Path:
    return output.with_suffix(".videos") / f"{task.kind}-{task.index:04d}.mp4"


def _read_if_there(video: str | None) -> HumanDemo | None:
    """Read the video that a policy was adapted to; None when it is gone or no longer a video."""
    try:
        return None if video is None else read_video(video)
    except (ValueError, OSError):
        return None
