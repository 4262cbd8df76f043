"""`daml evaluate`: the success rate of a prior, of a control, or of a prior adapted to somebody's film."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import tyro
from torch import Tensor

from daml import envs
from daml.app.judging import check_outputs, clip_path, judge, judge_chains, write_results
from daml.app.videos.film_evaluation import evaluate_film
from daml.collection.filming import PLAIN, Filming
from daml.evaluation.controls import CONTROLS, expert
from daml.evaluation.evaluation_config import EvaluationConfig, SceneConfig
from daml.learners.config import PriorConfig
from daml.learners.methods import read_learner
from daml.reporting.demonstration import write_comparison, write_performance
from daml.terminal.console import say
from daml.terminal.worker_options import WorkerOptions

__all__ = ["evaluate_film", "evaluate_scene", "evaluate_tasks"]

Control = Literal["none", "wrong-demo", "no-demo", "shuffled-demo", "reversed-demo", "robot-demo", "expert"]
"""What a policy is shown in place of a video of the task."""

Shift = Literal["none", "backgrounds", "camera", "light", "distractors", "tempo", "occlusion", "hand", "compression"]
"""How the world differs from that of training."""


def evaluate_tasks(
    *,
    output: Path,
    task: str = "all",
    split: str = "test",
    n_tasks: int = 100,
    first_task: int = 0,
    rollouts: int = 1,
    seed: int = 0,
    shots: int = 1,
    steps: int = 1,
    control: Control = "none",
    shift: Shift = "none",
    prior: str = "tabletop",
    videos: int = 0,
    filming: Annotated[Filming, tyro.conf.arg(name="")] = PLAIN,
    workers: Annotated[WorkerOptions, tyro.conf.arg(name="")] = WorkerOptions(),  # noqa: B008 - frozen
) -> None:
    """Judge a prior on tasks: film one human video per task (or several), adapt, roll out in new layouts, and count.

    With --scene the task is that of a scene file; with --video the prior is adapted to that film.

    Args:
        output: JSON file for the result; with --task all it holds one result under the name of each kind. The same
            in LeRobot's layout goes into NAME.eval_info.json beside it.
        task: Kind of task: place, push, pick-place, or all of these; or tabletop, the one table, whose tasks take turns
            in being of each.
        split: Split of the tasks: train, validation or test; the test split has objects never seen in training.
        n_tasks: Number of tasks of each kind.
        first_task: Index of the first task.
        rollouts: Rollouts of each task, each in another layout.
        seed: Seed of videos, layouts and looks.
        shots: Human videos of each task to adapt to.
        steps: Steps of each task: with more than one, a video and a policy for each, which act one after another in one
            scene, each until it has come to rest. Each brings another item to another destination.
        control: none: the method itself; wrong-demo: the video shows another target; no-demo: no adaptation;
            shuffled-demo, reversed-demo: the video's frames in random order, backwards; robot-demo: a video of the
            robot doing the task in place of the human; expert: no prior at all, but the scripted demonstrator, who
            knows the true state: the ceiling.
        shift: World that is filmed and judged in, beyond all that training varies: printed backgrounds; a moved
            camera; dim coloured light; distractors on the table; another tempo, an occlusion, or an unlike hand in the
            video; compression and noise of the video. `daml.envs.shifts` says by how much.
        prior: Name of a shipped prior, or a folder written by `daml train`, whatever its method.
        videos: Number of tasks to write clips of (what was shown, before, after) into a folder beside the output.
        filming: What films and scenes look like.
        workers: Who runs the episodes. A command that was stopped goes on where it was when it is run again.
    """
    check_outputs(output, videos=videos)
    kinds = envs.KINDS if task == "all" else (task,)
    configs = [EvaluationConfig(kind, split, n_tasks, first_task, rollouts, seed, shift, filming) for kind in kinds]
    if steps != 1:
        if (shots, control, videos, rollouts, len(kinds)) != (1, "none", 0, 1, 1):
            raise ValueError(
                f"--steps {steps} takes one --task, one rollout and one video of each step; leave --rollouts, --shots, "
                "--control and --videos out"
            )
        judge_chains(configs[0], prior, n_steps=steps, output=output, workers=workers)
        return
    _judge_prior(configs, prior, control, shots=shots, output=output, videos=videos, workers=workers)


def evaluate_scene(
    *,
    scene: Path,
    output: Path,
    rollouts: int = 1,
    seed: int = 0,
    shots: int = 1,
    control: Control = "none",
    shift: Shift = "none",
    prior: str = "tabletop",
    videos: int = 0,
    workers: Annotated[WorkerOptions, tyro.conf.arg(name="")] = WorkerOptions(),  # noqa: B008 - frozen
) -> None:
    """Judge a prior in a scene of your own: the simulated human is filmed there.

    Args:
        scene: TOML file that describes what lies on the table and what is to be done.
        output: JSON file for the result; the same in LeRobot's layout goes into NAME.eval_info.json beside it.
        rollouts: Rollouts, each in another layout.
        seed: Seed of videos, layouts and looks.
        shots: Human videos to adapt to.
        control: What the policy is shown in place of the video.
        shift: World that is filmed and judged in.
        prior: Name of a shipped prior, or a folder written by `daml train`, whatever its method.
        videos: 1 to write a clip (what was shown, before, after) into a folder beside the output.
        workers: Who runs the episodes. A command that was stopped goes on where it was when it is run again.
    """
    check_outputs(output, videos=videos)
    config = SceneConfig(envs.read_scene(scene), rollouts, seed, shift)
    _judge_prior([config], prior, control, shots=shots, output=output, videos=videos, workers=workers)


def _judge_prior(
    configs: Sequence[EvaluationConfig | SceneConfig],
    prior: str,
    control: Control,
    *,
    shots: int,
    output: Path,
    videos: int,
    workers: WorkerOptions,
) -> None:
    """Judge a prior, or what a control puts in its place, and write clips."""
    if shots < 1:
        raise ValueError(f"number of videos to adapt to is {shots}; expected at least 1")
    if shots > 1 and control in ("no-demo", "expert"):
        raise ValueError(f"--shots {shots} is about adapting to videos, but with --control {control} none is shown")
    world = configs[0].world()
    if control == "expert":
        image_size = PriorConfig().image_size[0]
        provenance = {"control": control}
        method, tensors = expert(), list[Tensor]()

        def write_clip(path: Path, task: envs.Assignment, seed: int) -> str:
            return write_performance(
                path, envs.find_expert(task.kind), task=task, seed=seed, image_size=image_size, shift=world
            )
    else:
        loaded = read_learner(prior)
        image_size = loaded.config.image_size[0]
        provenance = {"control": control, "shots": shots, "prior": prior, "method": loaded.config.method}
        method, tensors = CONTROLS[control](loaded, shots=shots, shift=world), list(loaded.state_dict().values())

        def write_clip(path: Path, task: envs.Assignment, seed: int) -> str:
            verdicts = write_comparison(path, loaded, task=task, control=control, shots=shots, seed=seed, shift=world)
            return f"before {verdicts.before}, after {verdicts.after}"

    evaluations = judge(
        method,
        configs,
        image_size=image_size,
        provenance=provenance,
        tensors=tensors,
        output=output,
        workers=workers.open(),
    )
    for config in configs:
        for task in config.tasks()[:videos]:
            path = clip_path(output, task)
            say(f"{path}: {write_clip(path, task, config.seed)}")
    write_results(evaluations, output)
