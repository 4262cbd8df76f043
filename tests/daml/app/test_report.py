"""Laws of `daml report`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from daml import cli

pytest.importorskip("matplotlib")


def write_evaluation(path: Path, **settings: object):
    episodes = [{"task": f"place/test/{number}", "seed": number, "verdict": "success"} for number in range(4)]
    settings = {"kind": "place", "control": "none", **settings}
    content = {"settings": settings, "episodes": episodes, "chance_rate": 1 / 3, "versions": {"daml": "0.1.0"}}
    path.write_text(json.dumps(content), encoding="utf-8")


def test_everything_below_a_folder_comes_into_its_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    write_evaluation(tmp_path / "a.json")
    write_evaluation(tmp_path / "b.json", control="no-demo")
    (tmp_path / "metrics.jsonl").write_text('{"step": 20, "loss": 2.0}\n', encoding="utf-8")
    (tmp_path / "a.videos").mkdir()
    (tmp_path / "a.videos" / "place-0000.mp4").touch()
    for _ in range(2):  # a second report is not about the first
        cli.main(["report", str(tmp_path)])
        assert "2 results, 1 paired tests, 1 training runs, 1 clips" in capsys.readouterr().out
    names = {path.name for path in (tmp_path / "report").iterdir()}
    assert names == {"report.md", "success.png", "endings.png", "learning.png", "clips.html"}
    text = (tmp_path / "report" / "report.md").read_text(encoding="utf-8")
    assert all(f"]({name})" in text for name in names - {"report.md"})


def test_training_alone_has_a_report_too(tmp_path: Path):
    (tmp_path / "metrics.jsonl").write_text('{"step": 20, "loss": 2.0}\n', encoding="utf-8")
    cli.main(["report", str(tmp_path)])
    assert {path.name for path in (tmp_path / "report").iterdir()} == {"report.md", "learning.png"}


def test_a_folder_without_results_is_refused_and_left_as_it_was(tmp_path: Path, complaint: Callable[..., str]):
    assert "expected results of `daml evaluate --output" in complaint("report", tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert "expected a folder with results" in complaint("report", tmp_path / "nowhere")


def test_a_corrupt_file_is_named(tmp_path: Path, complaint: Callable[..., str]):
    (tmp_path / "a.json").write_text('{"settings": 1, "episodes": 2, "versions": {', encoding="utf-8")
    assert f"{tmp_path / 'a.json'}: " in complaint("report", tmp_path)
    assert not (tmp_path / "report").exists()
