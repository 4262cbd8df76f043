"""`daml evaluate`: the success rate of the method, of a control, or of one adapted policy."""

from pathlib import Path
from typing import Literal

import envs
from daml.adapted_policy import AdaptedPolicy
from daml.app.console import console, progress_bar
from daml.app.presentation import show_evaluation
from daml.demonstration import write_comparison
from daml.episode import Episode
from daml.evaluation import CONTROLS, Evaluation, EvaluationConfig, fixed
from daml.evaluation import evaluate as evaluate_method
from daml.prior import Prior
from daml.result_files import write_json
from daml.shipped import find_prior


def evaluate(
    *,
    output: Path,
    task: Literal["place"] = "place",
    split: Literal["train", "validation", "test"] = "test",
    n_tasks: int = 100,
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
        task: Kind of task.
        split: Split of the tasks; the test split has objects never seen in training.
        n_tasks: Number of tasks.
        first_task: Index of the first task.
        rollouts: Rollouts of each task, each in another layout.
        seed: Seed of videos, layouts and looks.
        control: none: the method itself; wrong-demo: the video shows another target; no-demo: no adaptation.
        prior: Name of a shipped prior, or a folder written by `daml train`.
        policy: Folder written by `daml adapt`: judge this policy, on the task that its video shows.
        videos: Number of tasks to write clips of (human video, before, after) into a folder beside the output.
    """
    config = EvaluationConfig(task, split, n_tasks, first_task, rollouts, seed)
    if policy is not None:
        adapted = AdaptedPolicy.from_pretrained(policy)
        config = _task_of(adapted, policy, config)
        evaluation = _run(config, name=f"policy {policy}", method=fixed(adapted), image_size=adapted.config.image_size[0])
        loaded = None
    else:
        loaded = Prior.from_pretrained(find_prior(prior))
        evaluation = _run(
            config, name=control, method=CONTROLS[control](loaded), image_size=loaded.config.image_size[0]
        )
    write_json(output, evaluation.to_json())
    show_evaluation(console, evaluation)
    console.print(f"written to {output}")
    if videos and loaded is not None:
        folder = output.with_suffix(".videos")
        for chosen in config.tasks()[:videos]:
            path = folder / f"{chosen.kind}-{chosen.index:04d}.mp4"
            verdicts = write_comparison(path, loaded, chosen, control=control, seed=seed)
            console.print(f"{path}: before {verdicts.before}, after {verdicts.after}")


def _run(config: EvaluationConfig, *, name: str, method: object, image_size: int) -> Evaluation:
    won = tried = 0
    with progress_bar() as progress:
        bar = progress.add_task("rollouts", total=config.n_tasks * config.rollouts, figures="")

        def observe(episode: Episode) -> None:
            nonlocal won, tried
            won, tried = won + episode.success, tried + 1
            progress.update(bar, advance=1, figures=f"success {won / tried:.1%}")

        return evaluate_method(method, config, image_size=image_size, name=name, observers=(observe,))  # type: ignore[arg-type]


def _task_of(adapted: AdaptedPolicy, folder: Path, config: EvaluationConfig) -> EvaluationConfig:
    """Return the settings for the one task that a policy was adapted to."""
    text = adapted.config.provenance.get("task")
    if text is None:
        # A person's own video: the user says which simulated task comes closest.
        return EvaluationConfig(config.kind, config.split, 1, config.first_task, config.rollouts, config.seed)
    task = envs.Task.parse(text)
    return EvaluationConfig(task.kind, task.split, 1, task.index, config.rollouts, config.seed)
