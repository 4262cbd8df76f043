"""A report in words: tables of results, tests of their differences, what they were made with, and a page of clips."""

import html
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from daml.reporting.comparison import Comparison, Row, distinct_titles, kinds_of, prior_marks
from daml.reporting.recorded_results import RecordedResult

_FAILURES = {
    "wrong_object": "wrong object",
    "wrong_kind": "wrong kind of task",
    "wrong_container": "wrong container",
    "not_completed": "not completed",
}
"""Verdicts other than success, in the order in which a cell names them."""

_ONLY_WHERE_FOUND = "wrong_kind"
"""Verdict that only the one table has."""

_HOW_TO_READ = (
    "Each cell: success at the end of the episode and its 95 % Wilson interval, in percent; the number of episodes n; "
    "how many of them went wrong, and how."
)

_ABOUT_TESTS = (
    "Pairs are episodes that both were judged on: same task, same seed, hence same objects in the same places. The "
    "test is an exact sign-flip test on the differences of tasks, or of episodes where all are of one task; with one "
    "episode of each task it is McNemar's exact test. "
    "Rows are compared that differ in one setting; controls with the method, shifts with the world of training. The "
    "last column is adjusted for the number of tests (Holm)."
)

_ROLLOUTS_CAVEAT = (
    "Some tasks were judged in several episodes. These are not independent: there the second interval holds, which "
    "counts as many episodes as those of all tasks are worth."
)

_STYLE = "body{font-family:sans-serif;margin:2em}figure{display:inline-block;margin:1em}video,img{max-width:46em}"


def report_text(
    rows: Sequence[Row],
    comparisons: Sequence[Comparison],
    *,
    root: Path,
    plots: Mapping[str, str],
    clips: str | None = None,
) -> str:
    """Write a report in Markdown.

    Args:
        rows: What was judged; may be empty.
        comparisons: Tests of differences between them.
        root: Folder that paths are told from.
        plots: Name of the file of each plot, by its title.
        clips: Name of the page of clips, if there is one.

    Returns:
        The text.
    """
    parts = ["# Report\n"]
    if rows:
        parts += ["## Success\n", _success_table(rows), _HOW_TO_READ + "\n"]
        if any(1 < result.n_tasks < result.n for row in rows for result in row.results.values()):
            parts.append(_ROLLOUTS_CAVEAT + "\n")
    if comparisons:
        parts += ["## Paired tests\n", _test_table(rows, comparisons), _ABOUT_TESTS + "\n"]
    parts += [f"## {title}\n\n![{title}]({quote(name)})\n" for title, name in plots.items()]
    if clips is not None:
        parts.append(f"## Clips\n\n[{clips}]({quote(clips)})\n")
    if rows:
        results = [result for row in rows for result in row.results.values()]
        parts += ["## What was judged\n", _settings_table(rows, root), "## Made with\n", _versions(results, root)]
    return "\n".join(parts)


def clips_page(clips: Sequence[Path], *, root: Path, page: Path) -> str:
    """Write a page, in HTML, that plays clips.

    Args:
        clips: Videos and animated pictures.
        root: Folder that their names are told from.
        page: Where the page will lie: the clips are linked to from there.

    Returns:
        The page.
    """
    figures: list[str] = []
    for clip in clips:
        link = quote(os.fsencode(os.path.relpath(clip, page.parent)))  # bytes: a name need not be UTF-8
        name = html.escape(clip.relative_to(root).as_posix())
        shown = f'<img src="{link}" alt="{name}">'
        if clip.suffix.lower() != ".gif":
            shown = f'<video src="{link}" controls loop muted preload="metadata"></video>'
        figures.append(f"<figure>{shown}<figcaption>{name}</figcaption></figure>")
    head = f'<meta charset="utf-8"><title>Clips</title><style>{_STYLE}</style>'
    return f"<!doctype html>\n<html><head>{head}</head><body>\n" + "\n".join(figures) + "\n</body></html>\n"


def _success_table(rows: Sequence[Row]) -> str:
    kinds = kinds_of(rows)
    lines = [["shown", "world", *map(_escaped, kinds)]]
    for row, mark in zip(rows, prior_marks(rows), strict=True):
        cells = [_cell(row.results[kind]) if kind in row.results else "" for kind in kinds]
        lines.append([_escaped(row.method + mark), _world(row), *cells])
    chance = {kind: next(row.results[kind].chance_rate for row in rows if kind in row.results) for kind in kinds}
    lines.append(["a choice at random", "", *(_percent(chance[kind]) for kind in kinds)])
    return _table(lines)


def _cell(result: RecordedResult) -> str:
    counts = {verdict: result.count(verdict) for verdict in _FAILURES}
    shown = [verdict for verdict, count in counts.items() if count or verdict != _ONLY_WHERE_FOUND]
    wrong = ", ".join(f"{_FAILURES[verdict]} {counts[verdict]}" for verdict in shown)
    success = f"**{_percent(result.share('success'))}** [{_span(result.interval)}]"
    n = f"n = {result.n}" if result.n == result.n_tasks else f"n = {result.n} of {result.n_tasks} tasks"
    if 1 < result.n_tasks < result.n:
        success += f" [{_span(result.interval_over_tasks)}]"
    cell = f"{success}<br>{n}<br>{wrong}"
    if result.settings.get("control") == "wrong-demo" and result.shown_target_rate is not None:
        cell += f"<br>what was shown done: {_percent(result.shown_target_rate)}"
    return cell


def _test_table(rows: Sequence[Row], comparisons: Sequence[Comparison]) -> str:
    titles = {id(row): _escaped(title) for row, title in zip(rows, distinct_titles(rows), strict=True)}
    lines = [["kind", "first", "second", "pairs", "tasks", "only first", "only second", "p", "p adjusted"]]
    lines += [
        [
            _escaped(pair.kind),
            titles[id(pair.first)],
            titles[id(pair.second)],
            f"{pair.n_pairs}",
            f"{pair.n_tasks}",
            f"{pair.only_first}",
            f"{pair.only_second}",
            f"{pair.p_value:.2g}",
            f"{pair.adjusted_p_value:.2g}",
        ]
        for pair in comparisons
    ]
    return _table(lines)


def _world(row: Row) -> str:
    return "as in training" if row.shift == "none" else _escaped(row.shift)


def _settings_table(rows: Sequence[Row], root: Path) -> str:
    lines = [["shown", "world", "prior", "split", "tasks", "rollouts", "seed", "files"]]
    for row in rows:
        files = sorted({result.path.relative_to(root).as_posix() for result in row.results.values()})
        tasks = "a scene" if "scene" in row.settings else f"{row.value('n_tasks')} from {row.value('first_task')}"
        figures = [row.value("split"), tasks, row.value("rollouts"), row.value("seed")]
        cells = [row.method, row.prior, *figures, ", ".join(files)]
        method, *others = map(_escaped, cells)
        lines.append([method, _world(row), *others])
    return _table(lines)


def _versions(results: Sequence[RecordedResult], root: Path) -> str:
    """List every set of versions, with the files that were made with it where there are several."""
    files: dict[str, set[str]] = {}
    for result in results:
        made_with = json.dumps(result.versions, sort_keys=True)
        files.setdefault(made_with, set()).add(result.path.relative_to(root).as_posix())
    lines: list[str] = []
    for made_with, names in files.items():
        named: dict[str, str] = json.loads(made_with)
        text = ", ".join(f"{name} {version}" for name, version in named.items())
        lines.append("- " + _escaped(text + (f": {', '.join(sorted(names))}" if len(files) > 1 else "")))
    return "\n".join(lines) + "\n"


def _table(lines: Sequence[Sequence[str]]) -> str:
    head, *body = ("| " + " | ".join(cells) + " |" for cells in lines)
    rule = "|" + "---|" * len(lines[0])
    return "\n".join([head, rule, *body]) + "\n"


def _escaped(text: str) -> str:
    """Keep text from ending a table's cell or being taken for markup."""
    plain = "".join(letter if letter.isprintable() else "?" for letter in " ".join(text.split()))
    return html.escape(plain, quote=False).replace("|", "\\|").replace("_", "\\_").replace("*", "\\*")


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _span(interval: tuple[float, float]) -> str:
    return "{:.1f} to {:.1f}".format(*(100 * bound for bound in interval))
