"""Results side by side: which belong in one row of a table, and which rows were judged on the same episodes."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

from daml.evaluation.statistics import holm, sign_flip_test
from daml.reporting.recorded_results import RecordedResult

KINDS_FIRST = ("place", "push", "pick-place")
"""Order of the columns; kinds of other names come after."""

CONTROL_NAMES = {
    "none": "one human video",
    "wrong-demo": "video of another choice",
    "no-demo": "no video",
    "shuffled-demo": "video, frames shuffled",
    "reversed-demo": "video, frames backwards",
    "robot-demo": "video of the robot",
    "expert": "no video, the scripted expert",
}
"""What a policy was shown under each control."""

_COMPARED = ("control", "shift", "prior", "shots", "policy", "video")
"""Settings that two rows may differ in, in one at a time, to be compared."""

_DEFAULTS = {"control": "none", "shift": "none"}
"""What it means where a setting is not named: a row with another value is held against the row with this one."""


_IN_A_RUN = ("best", "last")
"""Names of the priors within the folder of a training run."""


@dataclass(frozen=True)
class Row:
    """One way of being judged, on one or several kinds of task.

    Args:
        settings: What it was, but for the kind.
        results: By kind; at least one.
    """

    settings: Mapping[str, Any]
    results: Mapping[str, RecordedResult]

    @property
    def method(self) -> str:
        """What the policy was shown, and by what method it learned from it where that is not DAML."""
        for name in ("policy", "video"):
            if self.settings.get(name) is not None:
                return f"{name} {Path(str(self.settings[name])).name}"
        control, shots = self.value("control"), self.settings.get("shots", 1)
        name = CONTROL_NAMES.get(control, control)
        if shots != 1 and control != "no-demo":
            name = f"{shots} human videos" if control == "none" else f"{name}, {shots} of them"
        learner = self.settings.get("method", "daml")
        return name if learner == "daml" else f"{learner}, {name}"

    @property
    def shift(self) -> str:
        """World that it was judged in."""
        return self.value("shift")

    @property
    def title(self) -> str:
        """Both, as few words as will do."""
        return self.method if self.shift == "none" else f"{self.method}; {self.shift}"

    @property
    def prior(self) -> str:
        """Name of the prior, that of its run where it is the best or last of one; empty where a policy was judged."""
        if not self.settings.get("prior"):
            return ""
        path = Path(str(self.settings["prior"]))
        return path.parent.name if path.name in _IN_A_RUN and path.parent.name else path.name

    @property
    def n_episodes(self) -> int:
        """Number of episodes, of all kinds together."""
        return sum(result.n for result in self.results.values())

    def value(self, name: str) -> str:
        """Return a setting, or what it means where it is not named."""
        return str(self.settings.get(name, _DEFAULTS.get(name, "")))


class Comparison(NamedTuple):
    """Two rows on the episodes of one kind that both were judged on."""

    kind: str
    first: Row
    second: Row
    n_pairs: int
    """Episodes with the same task and seed."""
    n_tasks: int
    """Their tasks."""
    only_first: int
    """Of these, those in which only the first succeeded."""
    only_second: int
    """Likewise."""
    p_value: float
    """Exact sign-flip test over tasks, two-sided; over episodes where there is one task."""
    adjusted_p_value: float
    """The same, adjusted for the number of comparisons."""


def arrange(results: Sequence[RecordedResult]) -> list[Row]:
    """Put results that differ in the kind of task alone into one row.

    Args:
        results: All results; of two that are the same in every setting, the second gets a row of its own.

    Returns:
        Rows, those without a prior last: the method first, in the world of training, then controls, then shifts.
    """
    rows: dict[str, tuple[dict[str, Any], dict[str, RecordedResult]]] = {}
    for result in results:
        settings = {name: value for name, value in result.settings.items() if name != "kind"}
        key = json.dumps(settings, sort_keys=True, default=str)
        if result.kind in rows.setdefault(key, (settings, {}))[1]:
            rows.setdefault(key := f"{result.path}", (settings, {}))
        rows[key][1][result.kind] = result
    return sorted((Row(settings, by_kind) for settings, by_kind in rows.values()), key=_place)


def distinct_titles(rows: Sequence[Row]) -> list[str]:
    """Return the titles of rows, with their priors where several rows have the same one."""
    return [row.title + mark for row, mark in zip(rows, prior_marks(rows), strict=True)]


def prior_marks(rows: Sequence[Row]) -> list[str]:
    """Return the prior of each row in brackets, to be put behind its name; nothing where its title is its alone."""
    counts = Counter(row.title for row in rows)
    return [f" ({row.prior})" if counts[row.title] > 1 else "" for row in rows]


def kinds_of(rows: Sequence[Row]) -> list[str]:
    """Return the kinds of task that there are results of, in the order of columns."""
    found = {kind for row in rows for kind in row.results}
    return [kind for kind in KINDS_FIRST if kind in found] + sorted(found - set(KINDS_FIRST))


def compare(rows: Sequence[Row]) -> list[Comparison]:
    """Test each pair of rows that differ in one setting and share episodes.

    A control is held against the method, a shift against the world of training, and a prior against the one that was
    judged in the most ways, or of several in the most episodes; two controls are not compared.

    Args:
        rows: What to compare.

    Returns:
        Comparisons, kind by kind.
    """
    pairs: list[Comparison] = []
    ways = Counter(row.value("prior") for row in rows if row.value("prior"))
    episodes = {prior: sum(row.n_episodes for row in rows if row.value("prior") == prior) for prior in ways}
    judged = {prior: (ways[prior], episodes[prior]) for prior in ways}
    main = {prior for prior in ways if judged[prior] == max(judged.values())}
    for kind in kinds_of(rows):
        for first, second in combinations([row for row in rows if kind in row.results], 2):
            if not _is_comparable(first, second, main):
                continue
            ours, theirs = (
                {(outcome.task, outcome.seed): outcome.success for outcome in row.results[kind].outcomes}
                for row in (first, second)
            )
            shared = ours.keys() & theirs.keys()
            if shared:
                only = [sum(a[key] and not b[key] for key in shared) for a, b in ((ours, theirs), (theirs, ours))]
                n_tasks = len({task for task, _ in shared})
                p_value = sign_flip_test(_differences({key: ours[key] - theirs[key] for key in shared}, n_tasks))
                counts = len(shared), n_tasks, only[0], only[1]
                pairs.append(Comparison(kind, first, second, *counts, p_value, p_value))
    adjusted = holm([pair.p_value for pair in pairs])
    return [pair._replace(adjusted_p_value=value) for pair, value in zip(pairs, adjusted, strict=True)]


def _differences(by_episode: Mapping[tuple[str, int], int], n_tasks: int) -> list[int]:
    """Add up differences over the episodes of each task; those of a single task stand for themselves."""
    if n_tasks == 1:
        return list(by_episode.values())
    by_task = Counter[str]()
    for (task, _), difference in by_episode.items():
        by_task[task] += difference
    return list(by_task.values())


def _place(row: Row) -> tuple[Any, ...]:
    """Return what rows are sorted by."""
    controls = list(CONTROL_NAMES)
    control = row.value("control")
    rank = controls.index(control) if control in controls else len(controls)
    return (
        not row.prior,
        row.prior,
        row.shift != "none",
        rank,
        row.shift,
        row.method,
        row.value("split"),
        row.value("seed"),
    )


def _is_comparable(first: Row, second: Row, main: AbstractSet[str]) -> bool:
    """Tell whether two rows differ in one thing, and one of them is what the other is held against."""
    if first.settings.get("scene") != second.settings.get("scene"):
        return False  # the same name and seeds, but other things on the table
    different = [name for name in _COMPARED if first.value(name) != second.value(name)]
    if len(different) != 1:
        return False
    (name,) = different
    if name == "prior":
        return not main.isdisjoint((first.value(name), second.value(name)))
    return name not in _DEFAULTS or _DEFAULTS[name] in (first.value(name), second.value(name))
