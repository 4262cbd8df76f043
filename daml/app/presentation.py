"""Results as tables for the terminal."""

from rich.console import Console
from rich.table import Table

from daml.evaluation import Evaluation


def show_evaluation(console: Console, evaluation: Evaluation) -> None:
    """Print an evaluation."""
    low, high = evaluation.interval
    low_tasks, high_tasks = evaluation.interval_over_tasks
    table = Table(show_header=False, title=f"{evaluation.n_rollouts} rollouts over {evaluation.n_tasks} tasks")
    table.add_row("success at end", f"{evaluation.success_rate:.1%}  (95 % interval {low:.1%} to {high:.1%})")
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
