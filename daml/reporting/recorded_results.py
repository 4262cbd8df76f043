"""Results read back from a folder: what evaluations have written, and the learning curves of training runs."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NamedTuple, cast

from msgspec import Meta

from daml.demos.disk import read_file
from daml.demos.parsing import LARGEST_JSON, JsonObject, Whole, parse, parse_json
from daml.demos.storage.dataset_info import DATASET_FILE
from daml.evaluation.statistics import interval_over_tasks, wilson_interval
from daml.optimization.metrics_log import METRICS_FILE
from daml.reporting.file_tree import plain_files
from daml.storage.result_files import VIDEO_SUFFIXES

LONGEST_NAME = 200
"""Characters of a name in a result: of a task, a verdict, a version; longer ones would fill a report's page."""

LARGEST_FIGURE = 1e12
"""Largest absolute value of a figure of a training run: beyond it nothing is learned, and nothing can be drawn."""

MOST_CURVE_BYTES = 200_000_000
"""Size of a file of figures; a line takes 200 bytes, and runs write one for every 20 steps."""

MOST_KINDS = 50
"""Evaluations in one file, one for each kind of task."""

_KEYS = ("settings", "episodes", "versions")
"""What tells an evaluation from other people's JSON."""

Name = Annotated[str, Meta(max_length=LONGEST_NAME)]
Share = Annotated[float, Meta(ge=0, le=1)]
Figure = Annotated[float, Meta(ge=-LARGEST_FIGURE, le=LARGEST_FIGURE)]
Seed = Annotated[int, Meta(ge=0, le=2**63 - 1)]

_NOT_FINITE = re.compile(rb":\s*(?:NaN|-?Infinity)")
"""How Python writes numbers that JSON does not have."""


class Outcome(NamedTuple):
    """How one episode ended."""

    task: str
    """The task."""
    seed: int
    """Its seed: two results with the same task and seed began alike."""
    verdict: str
    """One of `daml.envs.tasks.judging.VERDICTS`."""

    @property
    def success(self) -> bool:
        """Whether the task was done at the end."""
        return self.verdict == "success"


@dataclass(frozen=True)
class _Episode:
    """An episode as it is on disk, as far as a report needs it."""

    task: Name
    seed: Seed
    verdict: Name


@dataclass(frozen=True)
class _Evaluation:
    """An evaluation as it is on disk, likewise."""

    settings: JsonObject
    episodes: Annotated[list[_Episode], Meta(min_length=1)]
    chance_rate: Share
    versions: dict[Name, Name]
    shown_target_rate: Share | None = None


@dataclass(frozen=True)
class _Settings:
    """What a report says of the settings; there may be more."""

    kind: Name
    control: Name | None = None
    shift: Name | None = None
    method: Name | None = None
    split: Name | None = None
    shots: Whole | None = None
    seed: Seed | None = None
    n_tasks: Whole | None = None
    first_task: Whole | None = None
    rollouts: Whole | None = None
    prior: str | None = None
    policy: str | None = None
    video: str | None = None


@dataclass(frozen=True)
class RecordedResult:
    """One evaluation of one kind of task.

    Args:
        path: File that it was read from.
        settings: What was evaluated, on what.
        outcomes: Every episode; at least one.
        chance_rate: Success rate of a choice at random.
        shown_target_rate: Share of the episodes in which what the video showed was done; None without a video.
        versions: What it was made with.
    """

    path: Path
    settings: Mapping[str, Any]
    outcomes: tuple[Outcome, ...]
    chance_rate: float
    shown_target_rate: float | None
    versions: Mapping[str, str]

    @property
    def kind(self) -> str:
        """Kind of task."""
        return str(self.settings["kind"])

    @property
    def n(self) -> int:
        """Number of episodes."""
        return len(self.outcomes)

    @property
    def n_tasks(self) -> int:
        """Number of tasks."""
        return len({outcome.task for outcome in self.outcomes})

    @property
    def interval(self) -> tuple[float, float]:
        """95 % Wilson interval of the success rate."""
        return wilson_interval(self.count("success"), self.n)

    @property
    def interval_over_tasks(self) -> tuple[float, float]:
        """95 % interval of the success rate that takes tasks, not episodes, for independent."""
        by_task: dict[str, list[bool]] = {}
        for outcome in self.outcomes:
            by_task.setdefault(outcome.task, []).append(outcome.success)
        return interval_over_tasks(by_task)

    def count(self, verdict: str) -> int:
        """Count the episodes that ended in some way."""
        return sum(outcome.verdict == verdict for outcome in self.outcomes)

    def share(self, verdict: str) -> float:
        """Return the share of the episodes that ended in some way."""
        return self.count(verdict) / self.n


class Curve(NamedTuple):
    """The figures of one training run."""

    path: Path
    """File that they were read from."""
    figures: dict[str, list[tuple[float, float]]]
    """Step and value of each figure, by its name; where a value was not finite there is none."""


def read_results(folder: Path) -> list[RecordedResult]:
    """Read every evaluation below a folder, each file once; other files, JSON or not, are passed over.

    Args:
        folder: Where to look.

    Returns:
        Results in the order of their paths; a file of several kinds gives one for each.

    Raises:
        ValueError: An evaluation lacks something, or holds a value of another type; the message names file and field.
        OSError: A file cannot be read.
    """
    results: list[RecordedResult] = []
    for path in _files(folder):
        if path.suffix != ".json":
            continue
        document = _read_object(path)
        if _is_evaluation(document):
            results.append(_result(path, document))
        elif 0 < len(document) <= MOST_KINDS and all(_is_evaluation(part) for part in document.values()):
            results += [_result(path, part, name=name) for name, part in document.items()]
    return results


def read_curves(folder: Path) -> list[Curve]:
    """Read the figures of every training run below a folder.

    Args:
        folder: Where to look.

    Returns:
        Curves in the order of their paths.

    Raises:
        ValueError: A line is no figures; a last one that has not been written to its end is passed over.
        OSError: A file cannot be read.
    """
    return [_curve(path) for path in _files(folder) if path.name == METRICS_FILE]


def find_clips(folder: Path) -> list[Path]:
    """Find every clip below a folder, in the order of their paths."""
    return [path for path in _files(folder) if path.suffix.lower() in VIDEO_SUFFIXES]


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder, but for those of datasets."""
    return plain_files(folder, skip=lambda inner: (inner / DATASET_FILE).exists())


def _read_object(path: Path) -> dict[str, Any]:
    """Read a JSON object; what is somebody else's and none, or no JSON, comes back as an empty one."""
    try:
        content = read_file(path, largest=LARGEST_JSON)
    except ValueError:  # too large for any of ours
        return {}
    try:
        cure = "delete the file, or evaluate again into it"
        return parse_json(content, JsonObject, where=str(path), cure=cure)
    except ValueError:
        if all(f'"{key}"'.encode() in content for key in _KEYS):
            raise  # a broken one of ours must not vanish from a report
        return {}


def _is_evaluation(document: object) -> bool:
    return isinstance(document, dict) and set(_KEYS) <= set(cast("dict[str, object]", document))


def _result(path: Path, document: object, *, name: str = "") -> RecordedResult:
    """Take an evaluation in with types, and keep of it what a report needs."""
    where = f"{path}: {name}" if name else str(path)
    try:
        found = parse(document, _Evaluation, where=where)
        parse(found.settings, _Settings, where=f"{where}: settings")
    except ValueError as error:
        raise ValueError(f"{error}; delete the file, or evaluate again into it") from error
    return RecordedResult(
        path=path,
        settings=found.settings,
        outcomes=tuple(Outcome(episode.task, episode.seed, episode.verdict) for episode in found.episodes),
        chance_rate=found.chance_rate,
        shown_target_rate=found.shown_target_rate,
        versions=found.versions,
    )


def _curve(path: Path) -> Curve:
    figures: dict[str, list[tuple[float, float]]] = {}
    content = read_file(path, largest=MOST_CURVE_BYTES)
    for number, line in enumerate(content.splitlines(keepends=True), start=1):
        if not line.endswith(b"\n"):
            break  # is being written
        values = _figures(line, where=f"{path}, line {number}")
        step = values.pop("step") or 0.0
        for name, value in values.items():
            if value is not None:
                figures.setdefault(name, []).append((step, value))
    return Curve(path, figures)


def _figures(line: bytes, *, where: str) -> dict[str, float | None]:
    """Read a line of figures; None stands for what was not finite: training writes such figures, but no JSON has them.

    Raises:
        ValueError: It is no line of figures; the message names file and line.
    """
    line = _NOT_FINITE.sub(b": null", line)
    cure = "delete the line, or the file"
    values = parse_json(line, dict[Name, Figure | None], where=where, cure=cure)
    if values.get("step") is None:
        raise ValueError(f"{where}: expected figures with their step, got none; {cure}")
    return values
