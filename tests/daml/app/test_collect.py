"""Laws of `daml collect`."""

from collections.abc import Callable
from pathlib import Path

import pytest

from daml import cli
from daml.demos import DemoDataset

SMALL = (
    *("--kinds", "push", "--train-tasks", "1", "--validation-tasks", "0"),
    *("--humans", "1", "--robots", "1", "--image-size", "16"),
)


def test_tasks_are_collected_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    output = tmp_path / "dataset"
    words = ["collect", "--output", str(output), *SMALL, "--workers", "1"]
    cli.main(words)
    (task,) = DemoDataset(output).tasks("train")
    n_frames = len(task.human(0)) + len(task.robot(0))
    text = capsys.readouterr().out
    assert "1/1" in text
    assert f"1 tasks, {n_frames} frames added" in text
    cli.main(words)
    assert "1 tasks, 0 frames added" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--kinds", "fly"], "valid kinds: place"),
        (["--humans", "0"], "humans: expected at least 1"),
        (["--workers", "0"], "workers: expected at least 1"),
    ],
)
def test_what_cannot_be_collected_is_refused(
    words: list[str], message: str, tmp_path: Path, complaint: Callable[..., str]
):
    assert message in complaint("collect", "--output", tmp_path / "dataset", *words)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """A dataset that was begun."""
    folder = tmp_path / "dataset"
    cli.main(["collect", "--output", str(folder), "--train-tasks", "0", "--validation-tasks", "0"])
    return folder


def test_a_dataset_of_other_settings_is_refused(dataset: Path, complaint: Callable[..., str]):
    assert "other settings" in complaint("collect", "--output", dataset, "--seed", "1")


def test_a_corrupt_dataset_is_refused(dataset: Path, complaint: Callable[..., str]):
    (dataset / "dataset.json").write_text("{", encoding="utf-8")
    assert "dataset.json: " in complaint("collect", "--output", dataset)
