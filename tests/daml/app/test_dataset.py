"""Laws of `daml dataset`."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from daml import cli
from daml.app import dataset as module
from daml.demos import DemoDataset, find_problems, write_video

TINY = (
    *("--prior.human-frames", "6", "--batch.human-frames", "6", "--prior.policy.channels", "8", "8", "8", "8"),
    *("--prior.policy.hidden-size", "16", "--prior.temporal-loss.n-outputs", "4"),
    *("--prior.temporal-loss.kernel-size", "3", "--batch.n-tasks", "2", "--log-every", "1", "--save-every", "1"),
    *("--validation-tasks", "1", "--device", "cpu"),
    *("--pretraining.steps", "1", "--pretraining.tasks", "4", "--motor.steps", "2"),
    *("--steps", "1", "--validate-every", "2000"),
)


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """Two tasks as a person would record them, of a robot whose state has five numbers."""
    rng = np.random.default_rng(0)
    for index in range(2):
        folder = tmp_path / "raw" / "train" / f"place-{index:06d}"
        folder.mkdir(parents=True)
        frames = rng.integers(0, 256, (12, 20, 30, 3), dtype=np.uint8)
        write_video(folder / "human-0.webm", frames, frame_rate_hz=12.0)
        write_video(folder / "robot-0.mp4", frames, frame_rate_hz=10.0)
        np.savez(folder / "robot-0.npz", states=rng.normal(size=(12, 5)), actions=rng.uniform(-1, 1, (12, 4)))
    return tmp_path / "raw"


def test_recordings_are_imported_and_validated_and_what_validates_trains(
    recordings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    data = tmp_path / "data"
    cli.main(["dataset", "import", str(recordings), str(data), "--image-size", "16", "16"])
    cli.main(["dataset", "validate", str(data)])
    text = capsys.readouterr().out
    assert "no problems; 2 tasks in train" in text
    (advice,) = [line for line in text.splitlines() if line.startswith("train with: daml ")]
    monkeypatch.chdir(tmp_path)
    cli.main([*advice.split()[3:], *TINY])
    assert "not judged, since robot" in capsys.readouterr().out  # the simulated one measures four numbers, not five
    assert (tmp_path / "runs" / "mine" / "best").is_dir()


def test_every_problem_is_said_and_the_exit_status_tells(
    recordings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    data = tmp_path / "data"
    cli.main(["dataset", "import", str(recordings), str(data)])
    for index in range(2):
        (data / "train" / f"place-{index:06d}" / "steps.npz").unlink()
    capsys.readouterr()
    with pytest.raises(SystemExit) as stopped:
        cli.main(["dataset", "validate", str(data)])
    said = capsys.readouterr()
    assert stopped.value.code == 2
    assert [line for line in said.out.splitlines() if "steps.npz" in line] == find_problems(data)
    assert "2 problem(s), named above" in said.err


def test_what_cannot_be_imported_is_said_and_the_rest_is_imported(
    recordings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (recordings / "train" / "place-000001" / "human-0.webm").unlink()
    with pytest.raises(SystemExit) as stopped:
        cli.main(["dataset", "import", str(recordings), str(tmp_path / "data")])
    assert stopped.value.code == 2
    said = capsys.readouterr()
    assert "place/train/1: 0 human and 1 robot clips" in said.out
    assert "1 problem(s), named above; their tasks are not imported" in said.err
    assert len(DemoDataset(tmp_path / "data").tasks("train")) == 1


def test_a_dataset_goes_to_lerobot_and_comes_back(recordings: Path, tmp_path: Path):
    pytest.importorskip("pyarrow", reason="the extra lerobot is not installed")
    data, out, back = (str(tmp_path / name) for name in ("data", "out", "back"))
    cli.main(["dataset", "import", str(recordings), data, "--image-size", "16", "16"])
    cli.main(["dataset", "export-lerobot", data, out])
    cli.main(["dataset", "import-lerobot", f"{out}/robot", f"{out}/human", back, "--image-size", "16", "16"])
    assert find_problems(back) == []


def test_of_several_cameras_one_is_named_and_tasks_left_out_are_said(
    recordings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], complaint: Callable[..., str]
):
    pytest.importorskip("pyarrow", reason="the extra lerobot is not installed")
    data, out = tmp_path / "data", tmp_path / "out"
    cli.main(["dataset", "import", str(recordings), str(data), "--image-size", "16", "16"])
    cli.main(["dataset", "export-lerobot", str(data), str(out)])
    info = out / "robot" / "meta" / "info.json"
    described = json.loads(info.read_text())
    described["features"]["observation.images.wrist"] = {"dtype": "video"}
    info.write_text(json.dumps(described))
    words = ["dataset", "import-lerobot", out / "robot", out / "human", tmp_path / "back", "--image-size", "16", "16"]
    message = complaint(*words)
    assert "several cameras (observation.images.front, observation.images.wrist); choose one with --camera" in message
    shutil.rmtree(data / "train" / "place-000001")
    cli.main(["dataset", "export-lerobot", str(data), str(tmp_path / "fewer")])
    words[3] = tmp_path / "fewer" / "human"
    capsys.readouterr()
    cli.main([*map(str, words), "--camera", "front"])
    said = capsys.readouterr().out
    assert "left out 'place-000001', which the other one does not have" in said
    assert "1 tasks added" in said


def test_the_help_says_how_to_lay_out_recordings(capsys: pytest.CaptureFixture[str]):
    for name in ("validate", "import"):
        with pytest.raises(SystemExit):
            cli.main(["dataset", name, "--help"])
        text = capsys.readouterr().out
        assert "robot-0.npz" in text
        assert "task.json" in text
    assert "robot-0.npz" in module._LAYOUT


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["validate", "nowhere"], "nowhere: 1 problem(s)"),
        (["import", "nowhere", "data"], "nowhere: no such folder"),
        (["export-lerobot", "nowhere", "out"], "nowhere: no dataset here"),
        (["import-lerobot", "nowhere", "nowhere", "data"], "nowhere: no LeRobot dataset here"),
    ],
)
def test_what_is_not_there_is_refused(
    words: list[str],
    message: str,
    tmp_path: Path,
    complaint: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
):
    pytest.importorskip("pyarrow", reason="the extra lerobot is not installed")
    monkeypatch.chdir(tmp_path)
    assert message in complaint("dataset", *words)
