"""`daml evaluate`: the success rate of the method, of a control, or of one adapted policy."""

from pathlib import Path
from typing import Literal

import envs
from daml.adapted_policy import AdaptedPolicy
from daml.app.console import progress_bar, say
from daml.app.presentation import follow, show_evaluation
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
    task: str = "place",
    split: str = "test",
    n_tasks: int | None = None,
    first_task: int = 0,
    rollouts: int = 1,
    seed: int = 0,
    control: Literal["none", "wrong-demo", "no-demo"] = "none",
    prior: str = "place",
    policy: Path | None = None,
    videos: int = 0,
) -> None:
    """Film one human video per task, adapt, roll out in new layouts, and count.

    Args:
        output: JSON file for the result.
        task: Kind of task: place.
        split: Split of the tasks: train, validation or test; the test split has objects never seen in training.
        n_tasks: Number of tasks; 100 when not given, 1 with --policy.
        first_task: Index of the first task.
        rollouts: Rollouts of each task, each in another layout.
        seed: Seed of videos, layouts and looks.
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
    default_n_tasks = 100 if policy is None else 1
    config = EvaluationConfig(task, split, default_n_tasks if n_tasks is None else n_tasks, first_task, rollouts, seed)
    if policy is None:
        _judge_prior(prior, config, control=control, output=output, videos=videos)
    else:
        _judge_policy(policy, config, output=output, videos=videos)


def _judge_prior(name: str, config: EvaluationConfig, *, control: str, output: Path, videos: int) -> None:
    """Judge the method or one of its controls."""
    prior = Prior.from_pretrained(find_prior(name))
    method, image_size = CONTROLS[control](prior), prior.config.image_size[0]
    evaluation = _run(method, config, image_size=image_size, provenance={"control": control, "prior": name})
    _report(evaluation, output)
    for task in config.tasks()[:videos]:
        path = _clip_path(output, task)
        verdicts = write_comparison(path, prior, task=task, control=control, seed=config.seed)
        say(f"{path}: before {verdicts.before}, after {verdicts.after}")


def _judge_policy(folder: Path, config: EvaluationConfig, *, output: Path, videos: int) -> None:
    """Judge one adapted policy."""
    policy = AdaptedPolicy.from_pretrained(folder)
    image_size, origin = policy.config.image_size[0], policy.config.provenance
    config = _on_the_task_shown(origin.get("task"), config)
    provenance = {"policy": str(folder), "video": origin.get("video"), "video_shows": origin.get("task")}
    _report(_run(fixed(policy), config, image_size=image_size, provenance=provenance), output)
    for task in config.tasks()[:videos]:
        path = _clip_path(output, task)
        verdict = write_performance(
            path, policy, task=task, seed=config.seed, image_size=image_size, video=_read_if_there(origin.get("video"))
        )
        say(f"{path}: {verdict}")


def _on_the_task_shown(shown: str | None, config: EvaluationConfig) -> EvaluationConfig:
    """Return the settings for the one task that a policy's video shows, if that is known."""
    if shown is None:
        tasks = config.tasks()
        asked_for = str(tasks[0]) if len(tasks) == 1 else f"{tasks[0]} to {tasks[-1]}"
        say(f"the policy's video is of unknown origin: judged on {asked_for}, as asked for")
        return config
    task = envs.Task.parse(shown)
    say(f"the policy's video shows task {task}: judged on that task alone")
    return EvaluationConfig(task.kind, task.split, 1, task.index, config.rollouts, config.seed)


def _run(method: Method, config: EvaluationConfig, *, image_size: int, provenance: dict[str, str | None]) -> Evaluation:
    with progress_bar() as progress:
        observer = follow(progress, "rollouts", total=config.n_tasks * config.rollouts)
        return evaluate_method(method, config, image_size=image_size, provenance=provenance, observers=(observer,))


def _report(evaluation: Evaluation, output: Path) -> None:
    write_json(output, evaluation.to_json())
    show_evaluation(evaluation)
    say(f"written to {output}")


def _clip_path(output: Path, task: envs.Task) -> Path:
    return output.with_suffix(".videos") / f"{task.kind}-{task.index:04d}.mp4"


def _read_if_there(video: str | None) -> HumanDemo | None:
    """Read the video that a policy was adapted to; None when it is gone or no longer a video."""
    try:
        return None if video is None else read_video(video)
    except (ValueError, OSError):
        return None
