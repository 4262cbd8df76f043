"""`daml evaluate`: the success rate of the method, of a control, or of one adapted policy."""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

from daml import envs
from daml.app.adapt import Reading, adapt_to_video
from daml.app.sidecars import read_video_scene, scene_file
from daml.demos import Fit, HumanDemo, read_video
from daml.deployment.adaptation import unadapted
from daml.deployment.adapted_policy import AdaptedPolicy
from daml.evaluation.controls import CONTROLS, expert
from daml.evaluation.eval_info import eval_info, eval_info_file
from daml.evaluation.evaluation import Candidate, Evaluation, EvaluationConfig, Method, SceneConfig, fixed
from daml.evaluation.evaluation import evaluate as evaluate_method
from daml.evaluation.expert import ExpertPolicy
from daml.learners.config import PriorConfig
from daml.learners.methods import read_learner
from daml.reporting.demonstration import write_comparison, write_performance
from daml.storage.result_files import check_output_file, write_json
from daml.storage.shipped import find_prior
from daml.terminal.console import progress_bar, say
from daml.terminal.evaluations import follow, show_evaluations

_Config = EvaluationConfig | SceneConfig


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
    control: Literal[
        "none", "wrong-demo", "no-demo", "shuffled-demo", "reversed-demo", "robot-demo", "expert"
    ] = "none",
    shift: Literal[
        "none", "backgrounds", "camera", "light", "distractors", "tempo", "occlusion", "hand", "compression"
    ] = "none",
    prior: str = "tabletop",
    policy: Path | None = None,
    video: Path | None = None,
    scene: Path | None = None,
    start: float = 0.0,
    end: float = math.inf,
    fit: Fit = "crop",
    videos: int = 0,
) -> None:
    """Film one human video per task (or several), adapt, roll out in new layouts, and count.

    Args:
        output: JSON file for the result; with --task all it holds one result under the name of each kind. The same
            in LeRobot's layout goes into NAME.eval_info.json beside it.
        task: Kind of task: place, push, pick-place, or all of them.
        split: Split of the tasks: train, validation or test; the test split has objects never seen in training.
        n_tasks: Number of tasks of each kind; 100 when not given, 1 with --policy.
        first_task: Index of the first task.
        rollouts: Rollouts of each task, each in another layout.
        seed: Seed of videos, layouts and looks.
        shots: Human videos of each task to adapt to.
        control: none: the method itself; wrong-demo: the video shows another target; no-demo: no adaptation;
            shuffled-demo, reversed-demo: the video's frames in random order, backwards; robot-demo: a video of the
            robot doing the task in place of the human; expert: no prior at all, but the scripted demonstrator, who
            knows the true state: the ceiling.
        shift: World that is filmed and judged in, beyond all that training varies: printed backgrounds; a moved
            camera; dim coloured light; distractors on the table; another tempo, an occlusion, or an unlike hand in the
            video; compression and noise of the video. `daml.envs.shifts` says by how much.
        prior: Name of a shipped prior, or a folder written by `daml train`, whatever its method.
        policy: Folder written by `daml adapt`: judge this policy, on the task that its video shows. For a video of
            unknown origin, describe its --scene, or name the task that comes closest with --split and --first-task.
        video: Video of a human: adapt the prior to it, and judge in the scene that it shows.
        scene: TOML file that describes what lies on the table and what is to be done, in place of the tasks of a split.
            With --video, the file FILE.scene.toml beside the video when not given.
        start: Second of the --video at which the demonstration begins; its first frame should show no hand.
        end: Second of the --video at which the demonstration ends.
        fit: How pictures of the --video are brought to the prior's aspect ratio; see `daml adapt --help`.
        videos: Number of tasks to write clips of (what was shown, before, after) into a folder beside the output.
    """
    check_output_file(output, suffixes=(".json",))
    has_scene = scene is not None or video is not None
    for refused, why in (
        (videos < 0, f"number of videos is {videos}; expected at least 0"),
        (shots < 1, f"number of videos to adapt to is {shots}; expected at least 1"),
        (
            policy is not None and control != "none",
            f"--control {control} is about adapting a prior, but --policy is adapted; leave one of them out",
        ),
        (
            shots > 1 and (policy is not None or control in ("no-demo", "expert")),
            f"--shots {shots} is about adapting to videos, and nothing is adapted here; leave it out",
        ),
        (
            video is not None and (policy is not None or control != "none" or shots > 1),
            "--video adapts the prior to that one video; leave out --policy, --control and --shots",
        ),
        (
            shift != "none" and (policy is not None or video is not None),
            f"--shift {shift} is about the video as well as the rollouts, but the video is there; leave it out",
        ),
        (
            video is None and Reading(start, end, fit) != Reading(),
            "--start, --end and --fit are about a --video, and none is given",
        ),
        (
            has_scene and (split, n_tasks, first_task) != ("test", None, 0),
            "a scene takes the place of a split's tasks; leave out --split, --n-tasks and --first-task",
        ),
    ):
        if refused:
            raise ValueError(why)
    described = None if scene is None else _of_kind(envs.read_scene(scene), task, path=scene)
    if video is not None:
        _judge_video(
            video,
            Reading(start, end, fit),
            described,
            prior=prior,
            task=task,
            rollouts=rollouts,
            seed=seed,
            output=output,
            videos=videos,
        )
        return
    kinds = envs.KINDS if task == "all" else (task,)
    default_n_tasks = 100 if policy is None else 1
    configs: Sequence[_Config] = [
        EvaluationConfig(
            kind, split, default_n_tasks if n_tasks is None else n_tasks, first_task, rollouts, seed, shift
        )
        for kind in kinds
    ]
    if described is not None:
        configs = [SceneConfig(described, rollouts, seed, shift)]
    if policy is not None:
        _judge_policy(policy, configs, output=output, videos=videos)
        return
    if control == "expert":
        _judge_expert(configs, output=output, videos=videos)
        return
    loaded = read_learner(find_prior(prior))
    provenance = {"control": control, "shots": shots, "prior": prior, "method": loaded.config.method}
    world = envs.find_shift(shift)
    method, image_size = CONTROLS[control](loaded, shots=shots, shift=world), loaded.config.image_size[0]
    evaluations = [_run(method, config, image_size=image_size, provenance=provenance) for config in configs]
    for config in configs:
        for filmed in config.tasks()[:videos]:
            path = _clip_path(output, filmed)
            verdicts = write_comparison(
                path, loaded, task=filmed, control=control, shots=shots, seed=config.seed, shift=world
            )
            say(f"{path}: before {verdicts.before}, after {verdicts.after}")
    _report(evaluations, output)


def _judge_video(
    video: Path,
    reading: Reading,
    scene: envs.Scene | None,
    *,
    prior: str,
    task: str,
    rollouts: int,
    seed: int,
    output: Path,
    videos: int,
) -> None:
    """Adapt a prior to a video, and judge it in the scene that the video shows."""
    loaded = read_learner(find_prior(prior))
    seen = reading.of(video)
    if scene is None:
        scene = _of_kind(_scene_beside(video), task, path=scene_file(video))
    config = SceneConfig(scene, rollouts, seed)
    adapted, milliseconds = adapt_to_video(loaded, seen, video=video, fit=reading.fit)
    candidate = Candidate(adapted, scene.objects.target, milliseconds)
    provenance = {"prior": prior, "video": str(video), **reading.provenance()}
    image_size = loaded.config.image_size[0]
    evaluation = _run(lambda _task, _seed: candidate, config, image_size=image_size, provenance=provenance)
    if videos:
        path, before = _clip_path(output, scene), unadapted(loaded)
        verdict = write_performance(
            path, adapted, task=scene, seed=seed, image_size=image_size, video=seen, before=before
        )
        say(f"{path}: {verdict}")
    _report([evaluation], output)


def _scene_beside(video: Path) -> envs.Scene:
    """Return the scene that the file beside a video describes."""
    scene = read_video_scene(video)
    if scene is None:
        raise ValueError(
            f"{video}: nothing says what lies on the table; describe it in a TOML file (`daml record --simulate` "
            f"writes one to start from) and give it with --scene, or name it {scene_file(video).name}"
        )
    return scene


def _of_kind(scene: envs.Scene, task: str, *, path: Path) -> envs.Scene:
    """Return a scene if it is of the kind that was asked for, or any was."""
    if task not in ("all", scene.kind):
        raise ValueError(f"{path}: expected a scene of kind {task}, as --task says, got one of kind {scene.kind}")
    return scene


def _judge_policy(folder: Path, configs: Sequence[_Config], *, output: Path, videos: int) -> None:
    """Judge one adapted policy."""
    policy = AdaptedPolicy.from_pretrained(folder)
    image_size, origin = policy.config.image_size[0], policy.config.provenance
    config = _on_the_task_shown(origin.get("task"), configs)
    provenance = {"policy": str(folder), "video": origin.get("video"), "video_shows": origin.get("task")}
    evaluation = _run(fixed(policy), config, image_size=image_size, provenance=provenance)
    for task in config.tasks()[:videos]:
        path, video = _clip_path(output, task), _read_if_there(origin)
        verdict = write_performance(path, policy, task=task, seed=config.seed, image_size=image_size, video=video)
        say(f"{path}: {verdict}")
    _report([evaluation], output)


def _judge_expert(configs: Sequence[_Config], *, output: Path, videos: int) -> None:
    """Judge the scripted expert, which sees no images."""
    image_size = PriorConfig().image_size[0]
    run = partial(_run, expert(), image_size=image_size, provenance={"control": "expert"})
    evaluations = [run(config) for config in configs]
    for config in configs:
        world = envs.find_shift(config.shift)
        for task in config.tasks()[:videos]:
            path, actor = _clip_path(output, task), ExpertPolicy(task.kind)
            verdict = write_performance(path, actor, task=task, seed=config.seed, image_size=image_size, shift=world)
            say(f"{path}: {verdict}")
    _report(evaluations, output)


def _on_the_task_shown(shown: str | None, configs: Sequence[_Config]) -> _Config:
    """Return the settings for the one task that a policy's video shows, if that is known and no scene is asked for."""
    config = configs[0]
    if isinstance(config, SceneConfig):
        return config
    if shown is not None:
        task = envs.Task.parse(shown)
        say(f"the policy's video shows task {task}: judged on that task alone")
        return EvaluationConfig(task.kind, task.split, 1, task.index, config.rollouts, config.seed)
    if len(configs) > 1:
        kinds = ", ".join(config.kind for config in configs)
        raise ValueError(
            f"the policy's video is of unknown origin; say what it shows with --task, one of {kinds}, or with --scene"
        )
    tasks = config.tasks()
    asked_for = str(tasks[0]) if len(tasks) == 1 else f"{tasks[0]} to {tasks[-1]}"
    say(f"the policy's video is of unknown origin: judged on {asked_for}, as asked for")
    return config


def _run(method: Method, config: _Config, *, image_size: int, provenance: Mapping[str, Any]) -> Evaluation:
    with progress_bar() as progress:
        observer = follow(progress, config.kind, total=len(config.tasks()) * config.rollouts)
        return evaluate_method(method, config, image_size=image_size, provenance=provenance, observers=(observer,))


def _report(evaluations: Sequence[Evaluation], output: Path) -> None:
    """Write one evaluation as it is, or several by their kinds, and show them: last, so that who finds it has all."""
    results = {evaluation.settings["kind"]: evaluation.to_json() for evaluation in evaluations}
    write_json(eval_info_file(output), eval_info(evaluations))
    write_json(output, results if len(results) > 1 else next(iter(results.values())))
    show_evaluations(evaluations)
    say(f"written to {output}")


def _clip_path(output: Path, task: envs.Assignment) -> Path:
    name = f"{task.index:04d}" if isinstance(task, envs.Task) else "scene"
    return output.with_suffix(".videos") / f"{task.kind}-{name}.mp4"


def _read_if_there(origin: Mapping[str, Any]) -> HumanDemo | None:
    """Read of the video what a policy was adapted to; None when it is gone or no longer a video."""
    if origin.get("video") is None:
        return None
    reading = Reading.from_provenance(origin)
    try:
        return read_video(origin["video"], start_s=reading.start, end_s=reading.end)
    except (ValueError, OSError):
        return None
