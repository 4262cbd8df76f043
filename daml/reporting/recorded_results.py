"""Results read back from a folder: what evaluations have written, and the learning curves of training runs."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, cast

from daml.demos.storage.dataset_info import DATASET_FILE
from daml.evaluation.statistics import interval_over_tasks, wilson_interval
from daml.optimization.metrics_log import METRICS_FILE
from daml.storage.result_files import VIDEO_SUFFIXES


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
    """Step and value of each figure, by its name."""


def read_results(folder: Path) -> list[RecordedResult]:
    """Read every evaluation below a folder; other files are passed over.

    Args:
        folder: Where to look.

    Returns:
        Results in the order of their paths; a file of several kinds gives one for each.

    Raises:
        ValueError: A JSON file is corrupt, or an evaluation lacks something.
        OSError: A file cannot be read.
    """
    results: list[RecordedResult] = []
    for path in _walk(folder):
        if path.suffix != ".json":
            continue
        document = _read_json(path)
        if _is_evaluation(document):
            results.append(_result(path, document))
        elif document and all(_is_evaluation(part) for part in document.values()):
            results += [_result(path, part) for part in document.values()]
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
    return [_curve(path) for path in _walk(folder) if path.name == METRICS_FILE]


def find_clips(folder: Path) -> list[Path]:
    """Find every clip below a folder, in the order of their paths."""
    return [path for path in _walk(folder) if path.suffix.lower() in VIDEO_SUFFIXES]


def _walk(folder: Path) -> Iterator[Path]:
    """Yield files in the order of their paths, but for hidden ones and those of datasets."""
    if (folder / DATASET_FILE).exists():
        return
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            yield from _walk(path)
        elif path.is_file():
            yield path


def _read_json(path: Path) -> dict[str, Any]:
    """Read a JSON file; what is no object comes back as an empty one."""
    try:
        document: object = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: no JSON ({error}); delete it, or evaluate again into it") from error
    return cast("dict[str, Any]", document) if isinstance(document, dict) else {}


def _is_evaluation(document: object) -> bool:
    return isinstance(document, dict) and {"settings", "episodes"} <= set(cast("dict[str, Any]", document))


def _result(path: Path, document: Mapping[str, Any]) -> RecordedResult:
    """Check an evaluation, and keep of it what a report needs."""
    try:
        shown = document.get("shown_target_rate")
        result = RecordedResult(
            path=path,
            settings=dict(document["settings"]),
            outcomes=tuple(
                Outcome(str(episode["task"]), int(episode["seed"]), str(episode["verdict"]))
                for episode in document["episodes"]
            ),
            chance_rate=float(document["chance_rate"]),
            shown_target_rate=None if shown is None else float(shown),
            versions=dict(document["versions"]),
        )
        result.settings["kind"]
    except KeyError as error:
        raise ValueError(f"{path}: an evaluation without {error}; evaluate again into it") from error
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path}: no evaluation as `daml evaluate` writes it ({error}); evaluate again") from error
    if not result.outcomes:
        raise ValueError(f"{path}: an evaluation without episodes; evaluate again into it")
    return result


def _curve(path: Path) -> Curve:
    figures: dict[str, list[tuple[float, float]]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(keepends=True), start=1):
        if not line.endswith("\n"):
            break  # is being written
        try:
            values = {str(name): float(value) for name, value in json.loads(line).items()}
            step = values.pop("step")
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(
                f"{path}, line {number}: expected figures with their step, got {line.strip()!r}"
            ) from error
        for name, value in values.items():
            figures.setdefault(name, []).append((step, value))
    return Curve(path, figures)
