import json
from pathlib import Path

import pytest
import torch

from daml.optimization.metrics_log import MetricsLog
from daml.progress import Progress


def steps_in(path: Path) -> list[int]:
    return [json.loads(line)["step"] for line in path.read_text().splitlines()]


def test_a_line_holds_the_means_since_the_last(tmp_path: Path):
    log = MetricsLog(tmp_path / "metrics.jsonl", [], stage="meta-training", last_step=0, total=9)
    for value in (1.0, 3.0):
        log.collect({"loss": torch.tensor(value)})
    first = log.write_means(2)
    log.collect({"loss": torch.tensor(7.0)})
    second = log.write_means(3)

    assert first == {"loss": pytest.approx(2.0)}
    assert second == {"loss": pytest.approx(7.0)}
    assert steps_in(tmp_path / "metrics.jsonl") == [2, 3]


def test_observers_are_told_every_line(tmp_path: Path):
    seen: list[Progress] = []
    log = MetricsLog(tmp_path / "metrics.jsonl", [seen.append], stage="round 1", last_step=0, total=9)
    log.write(5, {"score": 0.5})

    assert seen == [Progress("round 1", 5, 9, {"score": 0.5})]


def test_a_resumed_run_drops_later_and_broken_lines(tmp_path: Path):
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 1}\n{"step": 2}\n{"step": 3}\n{"step": 4, "lo')
    log = MetricsLog(path, [], stage="meta-training", last_step=2, total=9)
    log.write(3, {})

    assert steps_in(path) == [1, 2, 3]
    assert [file.name for file in tmp_path.iterdir()] == ["metrics.jsonl"]


def test_a_figure_that_some_steps_lack_is_the_mean_over_the_others(tmp_path: Path):
    log = MetricsLog(tmp_path / "metrics.jsonl", [], stage="meta-training", last_step=0, total=9)
    log.collect({"loss": torch.tensor(1.0)})
    log.collect({"loss": torch.tensor(3.0), "loss_before": torch.tensor(5.0)})

    assert log.write_means(2) == {"loss": pytest.approx(2.0), "loss_before": pytest.approx(5.0)}
