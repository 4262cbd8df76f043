"""`daml demo`: the whole story on one test task, in under two minutes."""

from pathlib import Path

import envs
from daml.app.console import console, progress_bar
from daml.app.presentation import show_evaluation
from daml.demonstration import describe, write_comparison
from daml.episode import Episode
from daml.evaluation import EvaluationConfig, evaluate, no_demo, one_shot
from daml.prior import Prior
from daml.shipped import find_prior


def demo(
    *, output: Path = Path("demo.mp4"), prior: str = "place", index: int = 0, seed: int = 7, rollouts: int = 40
) -> None:
    """Film a human on a task with objects never seen in training, adapt, run both policies and count.

    Args:
        output: Video to write: human, before adapting, after adapting.
        prior: Name of a shipped prior, or a folder written by `daml train`.
        index: Number of the test task that is filmed.
        seed: Seed of videos, layouts and looks.
        rollouts: Test tasks to count successes over, one rollout each, before and after adapting.
    """
    loaded = Prior.from_pretrained(find_prior(prior))
    task = envs.Task("place", "test", index)
    console.print(f"task {task}: filming a human, adapting to the video, running the policy before and after ...")
    verdicts = write_comparison(output, loaded, task, control="none", seed=seed)
    console.print(f"before adapting: {describe(verdicts.before)}; after adapting: {describe(verdicts.after)}")
    console.print(f"watch {output}")
    config = EvaluationConfig("place", "test", n_tasks=rollouts, seed=seed)
    with progress_bar() as progress:
        results = []
        for title, method in (("before adapting", no_demo(loaded)), ("after adapting", one_shot(loaded))):
            bar = progress.add_task(title, total=rollouts, figures="")
            won: list[bool] = []

            def observe(episode: Episode, won: list[bool] = won, bar: object = bar) -> None:
                won.append(episode.success)
                progress.update(bar, advance=1, figures=f"success {sum(won) / len(won):.0%}")  # type: ignore[arg-type]

            image_size = loaded.config.image_size[0]
            results.append(evaluate(method, config, image_size=image_size, observers=(observe,)))
    console.print(f"before adapting: {results[0].success_rate:.0%} of {rollouts} test tasks; after:")
    show_evaluation(console, results[1])
