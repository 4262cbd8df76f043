"""Plots of a report: success with intervals, how episodes ended, and learning curves."""

import importlib
import io
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from daml.reporting.comparison import Row, distinct_titles, kinds_of
from daml.reporting.drawn_text import drawn_text
from daml.reporting.recorded_results import Curve

ENDINGS = {
    "success": ("success", "#3a7d44"),
    "not_completed": ("right target, not completed", "#d9a441"),
    "wrong_container": ("wrong container", "#c8553d"),
    "wrong_kind": ("wrong kind of task", "#6b6f80"),
    "wrong_object": ("wrong object", "#8f2d56"),
}
"""Verdicts from the best to the worst, with their names and colours."""

CURVES = {
    "loss": "loss",
    "item_error_m": "error of the item's place [m]",
    "validation_success_rate": "success on validation tasks",
}
"""Figures of a training run that are drawn, where a run has them, with their names."""

_COLOURS = ("#264653", "#2a9d8f", "#e76f51", "#6d597a", "#b56576", "#457b9d", "#8d99ae", "#bc6c25")

_STROKES = ("-", "--", ":", "-.")
"""How the lines of runs are drawn whose colours are the same."""

_DPI = 120

MOST_INCHES = (48, 96)
"""Width and height of the largest picture, in inches: 265 MB while it is drawn. More moves closer together."""


def plot_success(rows: Sequence[Row]) -> bytes:
    """Draw the success rate of each row with its Wilson interval, one panel for each kind of task.

    Args:
        rows: At least one.

    Returns:
        A PNG picture.

    Raises:
        ImportError: Matplotlib is not installed.
    """

    def draw(axes: Any, kind: str, shown: Sequence[Row]) -> None:  # noqa: ANN401 - Matplotlib's, which is an extra
        places = np.arange(len(shown))
        results = [row.results[kind] for row in shown]
        rates = np.array([result.share("success") for result in results])
        bounds = np.array([result.interval for result in results])
        colours = [_COLOURS[0] if row.shift == "none" else _COLOURS[1] for row in shown]
        axes.barh(places, rates, color=colours, height=0.65)
        axes.errorbar(rates, places, xerr=np.abs(bounds.T - rates), fmt="none", ecolor="black", capsize=3)
        axes.axvline(results[0].chance_rate, color="grey", linestyle=":", label="a choice at random")
        axes.set_xlabel("success at end, 95 % Wilson interval")

    return _panels(rows, draw)


def plot_endings(rows: Sequence[Row]) -> bytes:
    """Draw how the episodes of each row ended, stacked, one panel for each kind of task.

    Args:
        rows: At least one.

    Returns:
        A PNG picture.

    Raises:
        ImportError: Matplotlib is not installed.
    """

    def draw(axes: Any, kind: str, shown: Sequence[Row]) -> None:  # noqa: ANN401 - likewise
        left = np.zeros(len(shown))
        for verdict, (name, colour) in ENDINGS.items():
            shares = np.array([row.results[kind].share(verdict) for row in shown])
            axes.barh(np.arange(len(shown)), shares, left=left, color=colour, height=0.65, label=name)
            left += shares
        axes.set_xlabel("share of the episodes")

    return _panels(rows, draw)


def plot_curves(curves: Sequence[Curve], *, root: Path) -> bytes | None:
    """Draw the learning curves of training runs, one panel for each figure.

    Args:
        curves: Of all runs.
        root: Folder that the runs' names are told from.

    Returns:
        A PNG picture; None where no run has any figure that is drawn.

    Raises:
        ImportError: Matplotlib is not installed.
    """
    names = [name for name in CURVES if any(name in curve.figures for curve in curves)]
    if not names:
        return None
    figure = _figure(4.4 * len(names) + 2.4, max(3.8, 0.6 + 0.21 * len(curves)))
    lines: dict[str, Any] = {}
    for axes, name in zip(figure.subplots(1, len(names), squeeze=False)[0], names, strict=True):
        for number, curve in enumerate(curves):
            if name in curve.figures:
                steps, values = np.array(curve.figures[name]).T
                run = curve.path.parent.relative_to(root).as_posix()
                stroke = _STROKES[number // len(_COLOURS) % len(_STROKES)]
                looks = {"color": _COLOURS[number % len(_COLOURS)], "linestyle": stroke}
                (lines[drawn_text(run)],) = axes.plot(steps, values, **looks, marker=_marker(len(steps)), linewidth=1.2)
        axes.set_title(CURVES[name], fontsize="medium")
        axes.set_xlabel("meta-step")
        if name == "loss" and any(value > 0 for curve in curves for _, value in curve.figures.get(name, ())):
            axes.set_yscale("log")
    figure.legend(lines.values(), lines.keys(), loc="outside right upper", fontsize="small")
    return _png(figure)


def _panels(rows: Sequence[Row], draw: Callable[[Any, str, Sequence[Row]], None]) -> bytes:
    """Draw one panel for each kind, with the rows that were judged on it from top to bottom."""
    kinds = kinds_of(rows)
    most = max(sum(kind in row.results for row in rows) for kind in kinds)
    figure = _figure(3 + 4.2 * len(kinds), 1.8 + 0.34 * most)
    panels = figure.subplots(1, len(kinds), squeeze=False)[0]
    for axes, kind in zip(panels, kinds, strict=True):
        shown = [row for row in rows if kind in row.results]
        draw(axes, kind, shown)
        titles = [drawn_text(title) for title in distinct_titles(shown)]
        axes.set_yticks(np.arange(len(shown)), titles, fontsize="small")
        axes.invert_yaxis()
        axes.set_xlim(0, 1)
        axes.set_title(drawn_text(kind))
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize="small")
    return _png(figure)


def _marker(n_points: int) -> str:
    """Return how points are marked: a single one would be no line."""
    return "o" if n_points == 1 else ""


def _figure(width: float, height: float) -> Any:  # noqa: ANN401 - likewise
    """Return an empty figure, in inches, without the state that pyplot keeps."""
    try:
        module = importlib.import_module("matplotlib.figure")
    except ImportError as error:
        raise ImportError("plots need the extra: pip install 'daml-imitation[report]'") from error
    return module.Figure(figsize=(min(width, MOST_INCHES[0]), min(height, MOST_INCHES[1])), layout="constrained")


def _png(figure: Any) -> bytes:  # noqa: ANN401 - likewise
    file, metadata = io.BytesIO(), {"Software": None}  # the same bytes each time
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # letters that the font has not are drawn as boxes
        figure.savefig(file, format="png", dpi=_DPI, metadata=metadata)
    return file.getvalue()
