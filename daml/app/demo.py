"""`daml demo`: the whole story on one test task, in some two minutes."""

from pathlib import Path

from daml import envs
from daml.evaluation.candidates import one_shot
from daml.evaluation.controls import no_demo
from daml.evaluation.evaluation import evaluate
from daml.evaluation.evaluation_config import EvaluationConfig
from daml.learners.methods import read_learner
from daml.progress import under_name
from daml.reporting.demonstration import describe, write_comparison
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
