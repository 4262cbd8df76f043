"""The figures of a meta-training run: averaged between two lines, written as JSON, and passed on to observers."""

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from torch import Tensor

from daml.demos.disk import naming, written_whole
from daml.progress import Observer, Progress, report

METRICS_FILE = "metrics.jsonl"
"""What a training run writes its figures to."""


class MetricsLog:
    """Lines of figures, one JSON object each, that a resumed run continues without doubling a step.

    Args:
        path: The file; created if need be.
        observers: Told of every line.
        stage: What they are told the work is.
        last_step: Step that the run resumes from; later lines of an earlier run are dropped.
        total: Steps of the run.
    """

    def __init__(self, path: Path, observers: Sequence[Observer], *, stage: str, last_step: int, total: int) -> None:
        self._path = path
        self._observers = observers
        self._stage, self._total = stage, total
        self._pending: list[dict[str, Tensor]] = []
        self._began = time.monotonic()
        if path.exists():
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            kept = [line for line in lines if line.endswith("\n") and json.loads(line)["step"] <= last_step]
            with written_whole(path) as part:
                part.write_text("".join(kept), encoding="utf-8")

    def collect(self, metrics: dict[str, Tensor]) -> None:
        """Keep the figures of one step for the next line."""
        self._pending.append(metrics)

    def write_means(self, step: int) -> dict[str, float]:
        """Write and return the means since the last such line: of each figure, over the steps that have it."""
        rows: dict[str, list[float]] = {}
        for metrics in self._pending:
            for name, value in metrics.items():
                rows.setdefault(name, []).append(value.item())
        figures = {name: float(np.mean(values)) for name, values in rows.items()}
        self._pending.clear()
        self.write(step, figures)
        return figures

    def write(self, step: int, figures: Mapping[str, float]) -> None:
        """Write a line and tell the observers."""
        line = {"step": step, **figures, "elapsed_s": round(time.monotonic() - self._began, 2)}
        with naming(self._path), self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        report(self._observers, Progress(self._stage, step, self._total, figures))
