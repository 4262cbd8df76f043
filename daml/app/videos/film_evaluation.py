"""`daml evaluate --video`: the success rate of a prior that adapts to a film, in the scene that the film shows."""

import math
from pathlib import Path
from typing import Annotated

import tyro

from daml import envs
from daml.app.judging import check_outputs, clip_path, judge, kept_chains, write_chains, write_results
from daml.app.videos.excerpt import Excerpt
from daml.app.videos.imitation import Imitation, imitate, show_understanding
from daml.app.videos.sidecars import read_video_scene, scene_file
from daml.chains.film_chain import judge_steps, understand_steps
from daml.demos import Fit
from daml.deployment.adaptation import unadapted
from daml.evaluation.candidates import fixed
from daml.evaluation.evaluation_config import SceneConfig
from daml.evaluation.film_judgement import AdaptOn
from daml.learners.methods import read_learner
from daml.reporting.demonstration import write_performance
from daml.storage.digest import digest
from daml.storage.versions import versions
from daml.terminal.console import say
from daml.terminal.progress_bars import ProgressBars
from daml.terminal.worker_options import WorkerOptions


def evaluate_film(
    *,
    video: Path,
    output: Path,
    scene: Path | None = None,
    adapt_on: AdaptOn = "retold",
    step: int = 1,
    all_steps: bool = False,
    start: float = 0.0,
    end: float = math.inf,
    fit: Fit = "crop",
    rollouts: int = 10,
    seed: int = 0,
    prior: str = "tabletop",
    videos: int = 0,
    workers: Annotated[WorkerOptions, tyro.conf.arg(name="")] = WorkerOptions(),  # noqa: B008 - frozen
) -> None:
    """Judge a prior that adapts to a film: read the film, build its scene, adapt, act there, and count.

    Args:
        video: Video of a human.
        output: JSON file for the result; the same in LeRobot's layout goes into NAME.eval_info.json beside it. What was
            understood of the film is drawn into NAME.understood.png, and its scene written to NAME.scene.toml.
        scene: TOML file that describes another scene to act in than the one that the film shows; the file
            FILE.scene.toml beside the video when not given, if there is one.
        adapt_on: retold: a simulated person does in the film's scene what the real one did, and the prior adapts to
            that; raw: the prior adapts to the film itself.
        step: Number of the step that is imitated, where the film shows several.
        all_steps: All steps are imitated, one after another, in the one scene that the film shows: a policy for each,
            the next begins where the last has come to rest. Each has to carry something.
        start: Second of the video at which the demonstration begins.
        end: Second of the video at which the demonstration ends.
        fit: How pictures of a video that is not read are brought to the prior's aspect ratio: crop keeps the centre,
            pad keeps everything.
        rollouts: Rollouts, each in another layout.
        seed: Seed of retold films, layouts and looks.
        prior: Name of a shipped prior, or a folder written by `daml train`, whatever its method.
        videos: 1 to write a clip (the film, before, after) into a folder beside the output.
        workers: Who runs the episodes. A command that was stopped goes on where it was when it is run again.
    """
    check_outputs(output, videos=videos)
    excerpt = Excerpt(start, end, fit)
    if all_steps:
        if (scene, adapt_on, step, videos) != (None, "retold", 1, 0):
            raise ValueError(
                "--all-steps does all that the film shows, in its own scene; leave --scene, --adapt-on, --step and "
                "--videos out"
            )
        _evaluate_all_steps(video, excerpt, output, prior=prior, rollouts=rollouts, seed=seed)
        return
    described = read_video_scene(video) if scene is None else envs.read_scene(scene)
    loaded = read_learner(prior)
    name = scene_file(video).name
    otherwise = f"or describe what lies on the table in a TOML file, given with --scene or named {name}"
    imitation = imitate(
        loaded,
        video,
        excerpt=excerpt,
        adapt_on=adapt_on,
        step=step,
        seed=seed,
        otherwise=otherwise if described is None else None,
    )
    shown = _show(imitation, output, is_needed=described is None) or described
    if shown is None:
        raise RuntimeError("a film without a scene was not understood, though it must be")
    image_size = loaded.config.image_size[0]
    provenance = {"prior": prior, "video": str(video), **excerpt.provenance()}
    if imitation.understanding is not None:
        provenance["understood"] = imitation.understanding.to_json()
    evaluations = judge(
        fixed(imitation.policy, shown_slot=envs.target_slot(shown), adapt_ms=imitation.adapt_ms),
        [SceneConfig(shown, rollouts, seed)],
        image_size=image_size,
        provenance=provenance,
        tensors=imitation.policy.tensors(),
        output=output,
        workers=workers.open(),
    )
    if videos:
        path, before = clip_path(output, shown), unadapted(loaded)
        verdict = write_performance(
            path,
            imitation.policy,
            task=shown,
            seed=seed,
            image_size=image_size,
            video=imitation.film,
            before=before,
        )
        say(f"{path}: {verdict}")
    write_results(evaluations, output)


def _evaluate_all_steps(video: Path, excerpt: Excerpt, output: Path, *, prior: str, rollouts: int, seed: int) -> None:
    """Judge the policies of all steps of a film, which act one after another."""
    if rollouts < 1:
        raise ValueError(f"number of rollouts is {rollouts}; expected at least 1")
    reading = excerpt.read(video)
    provenance = {"prior": prior, "video": str(video), **excerpt.provenance()}
    with ProgressBars() as bars:
        try:
            understandings = understand_steps(read_learner(prior), reading, seed=seed, observers=[bars])
        except ValueError as error:
            raise ValueError(f"{video}: {error}") from error
        understood = [understanding.to_json() for understanding in understandings]
        tensors = [tensor for understanding in understandings for tensor in understanding.policy.tensors()]
        with kept_chains(output, digest(provenance, understood, seed, versions(), tensors=tensors)) as kept:
            result = judge_steps(
                understandings, rollouts=rollouts, seed=seed, provenance=provenance, kept=kept, observers=[bars]
            )
    output.parent.mkdir(parents=True, exist_ok=True)
    path = output.with_suffix(".scene.toml")
    understandings[0].twin.write(path)
    say(f"the scene that it shows: {path}")
    write_chains(result, output)


def _show(imitation: Imitation, output: Path, *, is_needed: bool) -> envs.Scene | None:
    """Show what was understood of a film; return its scene if that is needed, and write it."""
    if imitation.understanding is None:
        return None
    output.parent.mkdir(parents=True, exist_ok=True)
    show_understanding(imitation.understanding, picture=output.with_suffix(".understood.png"))
    if not is_needed:
        return None
    path = output.with_suffix(".scene.toml")
    imitation.understanding.twin.write(path)
    say(f"the scene that it shows: {path}")
    return imitation.understanding.twin.scene
