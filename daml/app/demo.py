"""`daml demo`: the whole story on one test task, or on a person's film, in some two minutes."""

import math
from pathlib import Path

from daml import envs
from daml.app.videos.excerpt import Excerpt
from daml.app.videos.imitation import imitate
from daml.evaluation.candidates import one_shot
from daml.evaluation.controls import no_demo
from daml.evaluation.evaluation import evaluate
from daml.evaluation.evaluation_config import EvaluationConfig, SceneConfig
from daml.evaluation.film_judgement import AdaptOn, judge_film
from daml.learners.methods import read_learner
from daml.progress import under_name
from daml.reporting.demonstration import describe, write_comparison
from daml.reporting.film_story import write_film_story
from daml.storage.result_files import VIDEO_SUFFIXES, check_output_file
from daml.terminal.console import say
from daml.terminal.evaluations import show_evaluations
from daml.terminal.progress_bars import ProgressBars


def demo(
    *,
    output: Path = Path("demo.mp4"),
    task: str = "pick-place",
    prior: str = "tabletop",
    index: int = 0,
    seed: int = 7,
    rollouts: int = 30,
) -> None:
    """Film a human on a task with objects never seen in training, adapt, run both policies and count.

    Args:
        output: Video to write: human, before adapting, after adapting (.mp4, .webm or .gif).
        task: Kind of task: place, push or pick-place.
        prior: Name of a shipped prior, or a folder written by `daml train`.
        index: Number of the test task that is filmed.
        seed: Seed of videos, layouts and looks.
        rollouts: Test tasks to count successes over, one rollout each, before and after adapting.
    """
    check_output_file(output, suffixes=VIDEO_SUFFIXES)
    config = EvaluationConfig(task, "test", n_tasks=rollouts, seed=seed)
    filmed = envs.Task(task, "test", index)
    loaded = read_learner(prior)
    say(f"task {filmed}: filming a human, adapting to the video, running the policy before and after ...")
    verdicts = write_comparison(output, loaded, task=filmed, control="none", seed=seed)
    say(f"before adapting: {describe(verdicts.before)}; after adapting: {describe(verdicts.after)}")
    say(f"watch {output}")
    image_size = loaded.config.image_size[0]
    with ProgressBars() as bars:
        before, after = (
            evaluate(method, config, image_size=image_size, workers=None, observers=under_name(stage, [bars]))
            for stage, method in (("before adapting", no_demo(loaded)), ("after adapting", one_shot(loaded)))
        )
    say(f"success before adapting: {before.success_rate:.0%} of {rollouts} test tasks; after adapting, as many:")
    show_evaluations([after])


def demo_film(
    *,
    video: Path,
    output: Path = Path("demo.mp4"),
    prior: str = "tabletop",
    adapt_on: AdaptOn = "retold",
    step: int = 1,
    start: float = 0.0,
    end: float = math.inf,
    seed: int = 7,
    rollouts: int = 10,
    workers: int | None = None,
) -> None:
    """Tell a person's film in one clip: what was read, its scene, the robot there before adapting and after; and count.

    Args:
        video: Video of a human.
        output: Video to write (.mp4, .webm or .gif).
        prior: Name of a shipped prior, or a folder written by `daml train`.
        adapt_on: retold: a simulated person does in the film's scene what the real one did, and the prior adapts to
            that; raw: the prior adapts to the film itself.
        step: Number of the step that is imitated, where the film shows several.
        start: Second of the video at which the demonstration begins.
        end: Second of the video at which the demonstration ends.
        seed: Seed of the retold film, layouts and looks.
        rollouts: Rollouts to count successes over, each in another layout, before and after adapting.
        workers: Processes; all cores when not given.
    """
    check_output_file(output, suffixes=VIDEO_SUFFIXES)
    loaded = read_learner(prior)
    imitation = imitate(
        loaded, video, excerpt=Excerpt(start, end), adapt_on=adapt_on, step=step, seed=seed, otherwise=""
    )
    if imitation.understanding is None:
        raise RuntimeError("a film was not understood, though it must be")
    understanding = imitation.understanding
    verdicts = write_film_story(output, loaded, understanding, film=imitation.film, seed=seed)
    say(f"before adapting: {describe(verdicts.before)}; after adapting: {describe(verdicts.after)}")
    say(f"watch {output}")
    config = SceneConfig(understanding.twin.scene, rollouts, seed)
    image_size = loaded.config.image_size[0]
    with ProgressBars() as bars:
        before = evaluate(
            no_demo(loaded),
            config,
            image_size=image_size,
            workers=workers,
            observers=under_name("before adapting", [bars]),
        )
        after = judge_film(
            understanding,
            rollouts=rollouts,
            seed=seed,
            workers=workers,
            observers=under_name("after adapting", [bars]),
        )
    say(f"success before adapting: {before.success_rate:.0%} of {rollouts} rollouts; after adapting, as many:")
    show_evaluations([after])
