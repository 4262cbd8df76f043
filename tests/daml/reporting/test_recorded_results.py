"""Laws of reading results back."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from daml.reporting.recorded_results import find_clips, read_curves, read_results


def evaluation(kind: str = "place", verdicts: str = "ssc", **changes: Any) -> dict[str, Any]:
    """Return an evaluation as it is on disk; each letter is how one episode ended."""
    names = {"s": "success", "c": "wrong_container", "o": "wrong_object", "n": "not_completed"}
    episodes = [
        {"task": f"{kind}/test/{number // 2}", "seed": 100 + number, "verdict": names[letter], "success": letter == "s"}
        for number, letter in enumerate(verdicts)
    ]
    return {
        "settings": {"kind": kind, "control": "none", "seed": 7},
        "episodes": episodes,
        "chance_rate": 0.25,
        "shown_target_rate": None,
        "versions": {"daml": "0.1.0"},
    } | changes


def write(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_results_are_found_wherever_they_lie_and_each_kind_is_one(tmp_path: Path):
    write(tmp_path / "a.json", evaluation("push"))
    write(tmp_path / "deep" / "er" / "b.json", {kind: evaluation(kind) for kind in ("place", "pick-place")})
    found = [(result.path.name, result.kind) for result in read_results(tmp_path)]
    assert found == [("a.json", "push"), ("b.json", "place"), ("b.json", "pick-place")]


def test_shares_and_intervals_are_those_of_the_episodes(tmp_path: Path):
    write(tmp_path / "a.json", evaluation(verdicts="sssscoon"))
    (result,) = read_results(tmp_path)
    assert (result.n, result.n_tasks, result.count("wrong_object")) == (8, 4, 2)
    assert (result.share("success"), result.share("not_completed")) == (0.5, 0.125)
    assert result.interval[0] < 0.5 < result.interval[1]
    assert result.interval_over_tasks[0] < 0.5 < result.interval_over_tasks[1]


def test_other_files_are_passed_over(tmp_path: Path):
    write(tmp_path / "config.json", {"kind": "prior", "settings": {}})
    write(tmp_path / "x.eval_info.json", {"per_episode": [], "overall": {}})
    write(tmp_path / "list.json", [1, 2])
    write(tmp_path / "empty.json", {})
    write(tmp_path / ".hidden.json", "half of it")
    write(tmp_path / "data" / "dataset.json", {})
    write(tmp_path / "data" / "train" / "task.json", "not ours")
    write(tmp_path / "notes.txt", "{")
    write(tmp_path / "broken.json", "{")
    write(tmp_path / "empty-file.json", "")
    write(tmp_path / "deep.json", "[" * 100_000)
    write(tmp_path / "other.json", {"settings": {}, "episodes": 12})
    write(tmp_path / "nan.json", "NaN")
    (tmp_path / "binary.json").write_bytes(bytes(range(256)))
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "endless.json").symlink_to("/dev/zero")
    (tmp_path / "folder.json").mkdir()
    assert read_results(tmp_path) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"settings": {}, "episodes": [], "versions": {', r"a.json: .*; delete the file, or evaluate again into it"),
        (evaluation(verdicts=""), "a.json: episodes: expected array of length >= 1"),
        ({**evaluation(), "settings": {}}, "a.json: settings: .*missing required field kind"),
        ({**evaluation(), "settings": {"kind": 3}}, "a.json: settings: kind: expected str, got int"),
        ({**evaluation(), "settings": {"kind": "x" * 300}}, "a.json: settings: kind: .* length <= 200"),
        ({**evaluation(), "settings": {"kind": "place", "seed": [1]}}, "a.json: settings: seed"),
        (
            {**evaluation(), "episodes": [{"task": "t", "seed": 1}]},
            "a.json: episodes.*: .*required field verdict",
        ),
        ({**evaluation(), "episodes": 3}, "a.json: episodes: expected array, got int"),
        ({**evaluation(), "chance_rate": "often"}, "a.json: chance_rate: expected float, got str"),
        ({**evaluation(), "chance_rate": 1e300}, "a.json: chance_rate: expected float <= 1"),
        ({**evaluation(), "shown_target_rate": "often"}, "a.json: shown_target_rate"),
        ({"place": evaluation(), "push": evaluation(versions=3)}, "a.json: push: versions: expected object"),
    ],
)
def test_a_corrupt_file_is_named(content: Any, message: str, tmp_path: Path):
    write(tmp_path / "a.json", content)
    with pytest.raises(ValueError, match=message):
        read_results(tmp_path)


def test_curves_hold_the_figures_of_each_run_by_step(tmp_path: Path):
    lines = [{"step": 20, "loss": 3.0}, {"step": 40, "loss": 2.0, "validation_success_rate": 0.5}]
    write(tmp_path / "run" / "metrics.jsonl", "".join(json.dumps(line) + "\n" for line in lines) + '{"step": 60, "lo')
    (curve,) = read_curves(tmp_path)
    assert curve.figures == {"loss": [(20, 3), (40, 2)], "validation_success_rate": [(40, 0.5)]}


def test_what_leads_in_circles_or_to_the_same_file_counts_once(tmp_path: Path):
    write(tmp_path / "runs" / "a.json", evaluation())
    (tmp_path / "runs" / "above").symlink_to(tmp_path)
    (tmp_path / "again").symlink_to(tmp_path / "runs")
    (tmp_path / "a-link.json").symlink_to(tmp_path / "runs" / "a.json")
    assert [result.path for result in read_results(tmp_path)] == [tmp_path / "runs" / "a.json"]


def test_figures_that_are_not_finite_are_passed_over(tmp_path: Path):
    write(tmp_path / "metrics.jsonl", '{"step": 1, "loss": 2.0, "norm": Infinity}\n{"step": 2, "loss": NaN}\n')
    (curve,) = read_curves(tmp_path)
    assert curve.figures == {"loss": [(1, 2)]}


@pytest.mark.parametrize(
    "line",
    ['{"loss": 1}', "half", "[1]", '{"step": 1, "loss": "low"}', '{"step": NaN}', '{"step": 1, "loss": 1e300}', "\x00"],
)
def test_a_corrupt_line_is_named(line: str, tmp_path: Path):
    write(tmp_path / "metrics.jsonl", f'{{"step": 1}}\n{line}\n')
    with pytest.raises(ValueError, match=r"metrics.jsonl, line 2: .*; delete the line"):
        read_curves(tmp_path)


def test_clips_are_found_in_order(tmp_path: Path):
    for name in ("b.videos/place-0001.mp4", "a.gif", "c.png"):
        write(tmp_path / name, "")
    assert [clip.name for clip in find_clips(tmp_path)] == ["a.gif", "place-0001.mp4"]
