"""`daml report`: tables, plots and tests of all results below a folder."""

from pathlib import Path
from typing import Annotated

import tyro

from daml.demos.disk import written_whole
from daml.reporting.comparison import arrange, compare
from daml.reporting.plots import plot_curves, plot_endings, plot_success
from daml.reporting.recorded_results import find_clips, read_curves, read_results
from daml.reporting.report import clips_page, report_text
from daml.terminal.console import say

REPORT_FOLDER = "report"
"""Where the report lies, in the folder that it is about."""


def report(folder: Annotated[Path, tyro.conf.Positional], /) -> None:
    """Write a report on every result of `daml evaluate` and every training run below a folder.

    Into FOLDER/report go report.md (success with intervals, paired tests, failures, versions), plots as PNG, and
    clips.html where there are clips. Needs the extra `report`.

    Args:
        folder: Where the results are.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder}: expected a folder with results of `daml evaluate`, found none")
    output = folder / REPORT_FOLDER
    rows, curves, clips = arrange(read_results(folder)), read_curves(folder), find_clips(folder)
    if not rows and not curves:
        raise ValueError(
            f"{folder}: expected results of `daml evaluate --output {folder / 'NAME.json'}`, or the metrics.jsonl of a "
            "training run; found neither"
        )
    files: dict[str, bytes] = {}
    plots: dict[str, str] = {}
    if rows:
        plots |= {"Success with intervals": "success.png", "How episodes ended": "endings.png"}
        files |= {"success.png": plot_success(rows), "endings.png": plot_endings(rows)}
    drawn = plot_curves(curves, root=folder)
    if drawn is not None:
        plots["Learning curves"], files["learning.png"] = "learning.png", drawn
    if clips:
        files["clips.html"] = clips_page(clips, root=folder, page=output / "clips.html").encode(errors="replace")
    comparisons = compare(rows)
    page = "clips.html" if clips else None
    files["report.md"] = report_text(rows, comparisons, root=folder, plots=plots, clips=page).encode(errors="replace")
    for name, content in files.items():
        with written_whole(output / name) as part:
            part.write_bytes(content)
    n_results = sum(len(row.results) for row in rows)
    say(f"{n_results} results, {len(comparisons)} paired tests, {len(curves)} training runs, {len(clips)} clips")
    say(f"read {output / 'report.md'}")
