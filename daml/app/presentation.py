"""Evaluations for the terminal: a progress bar while one runs, a table of the result."""

from rich.progress import Progress
from rich.table import Table

from daml.app.console import console
from daml.episode import Episode
from daml.evaluation import Evaluation, Observer


def follow(progress: Progress, title: str, *, total: int) -> Observer:
    """Add a bar with the success rate so far.

    Args:
        progress: Where to add it.
        title: What stands before the bar.
        total: Number of rollouts.

    Returns:
        What the evaluation tells its episodes to.
    """
    bar = progress.add_task(title, total=total, figures="")
    won: list[bool] = []

    def observe(episode: Episode) -> None:
        won.append(episode.success)
        progress.update(bar, advance=1, figures=f"success {sum(won) / len(won):.1%}")

    return observe


def show_evaluation(evaluation: Evaluation) -> None:
    """Print an evaluation."""
    low, high = evaluation.interval
    low_tasks, high_tasks = evaluation.interval_over_tasks
    table = Table(show_header=False, title=f"rollouts: {evaluation.n_rollouts}, tasks: {evaluation.n_tasks}")
    table.add_row("success at end", f"{evaluation.success_rate:.1%}  (95 % interval {low:.1%} to {high:.1%})")
    if evaluation.n_tasks > 1:
        table.add_row("  interval over tasks", f"{low_tasks:.1%} to {high_tasks:.1%}")
    table.add_row("success once", f"{evaluation.success_once_rate:.1%}")
    table.add_row("wrong target", f"{evaluation.wrong_target_rate:.1%}")
    table.add_row("right target, not completed", f"{evaluation.control_failure_rate:.1%}")
    if evaluation.shown_target_rate is not None:
        table.add_row("placed where the video showed", f"{evaluation.shown_target_rate:.1%}")
    if evaluation.adapt_ms_median is not None:
        table.add_row("adapting", f"{evaluation.adapt_ms_median:.0f} ms")
    table.add_row("one control step", f"{evaluation.step_ms_median:.1f} ms")
    console.print(table)
