"""Evaluations for the terminal: a table of results."""

from collections.abc import Callable, Mapping, Sequence

from rich.table import Table

from daml.evaluation.evaluation import Evaluation
from daml.terminal.console import console


def show_evaluations(evaluations: Sequence[Evaluation]) -> None:
    """Print evaluations side by side, one column for each."""
    table = Table("", *(_title(evaluation) for evaluation in evaluations))
    for name, values in _ROWS.items():
        cells = [values(evaluation) for evaluation in evaluations]
        if any(cells):
            table.add_row(name, *cells)
    console.print(table)


def _title(evaluation: Evaluation) -> str:
    return f"{evaluation.settings['kind']}\n{evaluation.n_rollouts} rollouts, {evaluation.n_tasks} tasks"


def _optional(value: float | None, form: str) -> str:
    """Write a number, or nothing where nothing was measured."""
    return "" if value is None else form.format(value)


def _span(interval: tuple[float, float]) -> str:
    return "{:.1%} to {:.1%}".format(*interval)


_ROWS: Mapping[str, Callable[[Evaluation], str]] = {
    "success at end": lambda e: f"{e.success_rate:.1%}",
    "  95 % interval": lambda e: _span(e.interval),
    "  interval over tasks": lambda e: _span(e.interval_over_tasks) if 1 < e.n_tasks < e.n_rollouts else "",
    "success once": lambda e: f"{e.success_once_rate:.1%}",
    "wrong object": lambda e: f"{e.wrong_object_rate:.1%}",
    "wrong kind of task": lambda e: f"{e.wrong_kind_rate:.1%}" if e.wrong_kind_rate else "",
    "wrong container": lambda e: f"{e.wrong_container_rate:.1%}",
    "right target, not completed": lambda e: f"{e.not_completed_rate:.1%}",
    "done what the video showed": lambda e: _optional(e.shown_target_rate, "{:.1%}"),
    "right kind of task": lambda e: f"{e.right_kind_rate:.1%}",
    "  place, push, pick-place": lambda e: ", ".join(
        f"{e.success_of_manners[name]:.1%}" for name in ("place", "push", "pick-place") if name in e.success_of_manners
    ),
    "chance": lambda e: f"{e.chance_rate:.1%}",
    "adapting": lambda e: _optional(e.adapt_ms_median, "{:.0f} ms"),
    "one control step": lambda e: f"{e.step_ms_median:.1f} ms",
}
"""What is shown of an evaluation; a row that is empty in every column is left out."""
