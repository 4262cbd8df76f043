"""Hostile folders of results: a broken result of ours is named, all else passed over, and a report comes to its end."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from daml.app.report import report
from daml.reporting.recorded_results import read_curves, read_results

Refused = Callable[..., str]


def evaluation(**changes: Any) -> dict[str, Any]:
    return {
        "settings": {"kind": "place", "control": "none", "seed": 7},
        "episodes": [{"task": "place/test/0", "seed": 1, "verdict": "success"}],
        "chance_rate": 0.25,
        "shown_target_rate": None,
        "versions": {"daml": "0.1.0"},
    } | changes


@pytest.mark.parametrize(
    "changes",
    [
        {"chance_rate": 1e300},
        {"chance_rate": 10**4000},
        {"chance_rate": None},
        {"shown_target_rate": -1},
        {"episodes": []},
        {"episodes": {}},
        {"episodes": "x" * 1_000_000},
        {"episodes": [None]},
        {"episodes": [{"task": "t", "seed": 10**30, "verdict": "success"}]},
        {"episodes": [{"task": "t" * 100_000, "seed": 1, "verdict": "success"}]},
        {"episodes": [{"task": ["t"], "seed": 1, "verdict": "success"}]},
        {"episodes": [{"task": "t", "seed": 1.5, "verdict": "success"}]},
        {"episodes": [{"task": "t", "seed": 1, "verdict": {}}]},
        {"settings": {}},
        {"settings": []},
        {"settings": {"kind": {}}},
        {"settings": {"kind": "k" * 100_000}},
        {"settings": {"kind": "place", "shots": "many"}},
        {"settings": {"kind": "place", "prior": 5}},
        {"settings": {"kind": "place", "shift": None, "control": 3}},
        {"versions": []},
        {"versions": {"daml": 1}},
    ],
    ids=lambda changes: f"{next(iter(changes))}={next(iter(changes.values()))!r}"[:60],
)
def test_a_result_of_other_types(changes: dict[str, Any], tmp_path: Path, refused: Refused):
    (tmp_path / "a.json").write_text(json.dumps(evaluation(**changes)))
    refused(lambda: read_results(tmp_path), naming=tmp_path / "a.json")


@pytest.mark.parametrize("content", ["[" * 1_000_000, '{"a": ' * 100_000, "NaN", "", "\x00", '"', "9" * 100_000])
def test_other_peoples_json_does_not_stop_a_report(content: str, tmp_path: Path):
    (tmp_path / "a.json").write_text(json.dumps(evaluation()))
    (tmp_path / "other.json").write_text(content)
    assert len(read_results(tmp_path)) == 1


def test_pipes_devices_and_circles_do_not_stop_a_report(tmp_path: Path):
    (tmp_path / "a.json").write_text(json.dumps(evaluation()))
    os.mkfifo(tmp_path / "b.json")
    os.mkfifo(tmp_path / "metrics.jsonl")
    os.mkfifo(tmp_path / "c.mp4")
    (tmp_path / "zero.json").symlink_to("/dev/zero")
    (tmp_path / "up").symlink_to(tmp_path)
    (tmp_path / "circle.json").symlink_to("circle.json")
    assert len(read_results(tmp_path)) == 1
    assert read_curves(tmp_path) == []


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 100_000,
        b'{"step": 1e300}',
        b'{"step": 1, "loss": ' + b"9" * 5000 + b"}",
        b'{"step": "1"}',
        b'{"step": 1, "' + b"x" * 100_000 + b'": 1}',
        b"\xff",
        b"{}",
    ],
    ids=lambda line: repr(line[:20]),
)
def test_a_line_of_other_figures(line: bytes, tmp_path: Path, refused: Refused):
    (tmp_path / "metrics.jsonl").write_bytes(b'{"step": 1, "loss": 1.0}\n' + line + b"\n")
    assert "line 2" in refused(lambda: read_curves(tmp_path), naming=tmp_path / "metrics.jsonl")


NAMES = [
    "$\\frac{1}{$",
    "$$",
    "\\",
    "_x",
    "日本 😀",
    "a|b*c_d",
    "two\nlines",
    "<script>",
    "x" * 200,
    "\x1b[31m",
    "\x00",
]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: repr(name[:12]))
def test_names_that_are_markup_somewhere_are_shown_as_they_are(name: str, tmp_path: Path):
    pytest.importorskip("matplotlib")
    settings = {"kind": name, "control": name, "shift": name, "prior": name, "method": name, "split": name}
    (tmp_path / "a.json").write_text(json.dumps(evaluation(settings=settings, versions={name: name})))
    run = tmp_path / "run $x$ _y"
    run.mkdir()
    (run / "metrics.jsonl").write_text('{"step": 1, "loss": -1e12}\n{"step": 2, "loss": 0.0}\n')
    report(tmp_path)
    text = (tmp_path / "report" / "report.md").read_text()
    assert "<script>" not in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 4 + 3  # with those of chance and of the heads


def test_very_many_kinds_and_rows_are_still_a_picture(tmp_path: Path):
    pytest.importorskip("matplotlib")
    parts = {f"k{i}": evaluation(settings={"kind": f"k{i}"}) for i in range(40)}
    (tmp_path / "a.json").write_text(json.dumps(parts))
    for number in range(40):
        (tmp_path / f"{number}.json").write_text(json.dumps(evaluation(settings={"kind": "k0", "prior": str(number)})))
    report(tmp_path)
    assert (tmp_path / "report" / "success.png").stat().st_size > 1000
