"""Laws of `daml record`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import envs
from daml import cli
from daml.app import record as module
from daml.result_files import read_video_task
from demos import HumanDemo, read_video


@pytest.mark.parametrize("kind", envs.KINDS)
@pytest.mark.usefixtures("quick_pictures")
def test_a_simulated_human_is_filmed_and_the_task_remembered(kind: str, tmp_path: Path):
    output = tmp_path / "new" / "human.mp4"
    cli.main(["record", "--output", str(output), "--task", kind, "--split", "validation", "--index", "4"])
    assert len(read_video(output)) > 12
    assert read_video_task(output) == f"{kind}/validation/4"


@pytest.fixture
def camera(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A camera that delivers at once; what it was asked for is returned."""
    asked: dict[str, Any] = {}

    def film(number: int, *, duration_s: float, frame_rate_hz: float, on_frame: Callable[[np.ndarray], bool]):
        asked.update(number=number, duration_s=duration_s)
        frames = np.zeros((round(duration_s * frame_rate_hz) + 1, 16, 16, 3), np.uint8)
        assert not any(on_frame(frame) for frame in frames)
        return HumanDemo(frames, frame_rate_hz)

    monkeypatch.setattr(module, "record_webcam", film)
    return asked


def test_a_person_is_filmed_by_the_camera_asked_for(camera: dict[str, Any], tmp_path: Path):
    output = tmp_path / "me.mp4"
    cli.main(["record", "--output", str(output), "--camera", "1", "--duration", "2"])
    assert camera == {"number": 1, "duration_s": 2.0}
    assert read_video(output).duration == pytest.approx(2.0)
    assert list(tmp_path.iterdir()) == [output]


@pytest.mark.usefixtures("camera", "quick_pictures")
def test_a_person_is_never_taken_for_the_simulated_human_of_before(tmp_path: Path):
    output = tmp_path / "me.mp4"
    cli.main(["record", "--output", str(output)])
    cli.main(["record", "--output", str(output), "--camera", "0"])
    assert read_video_task(output) is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--task", "fly"], "valid kinds: place"),
        (["--split", "exam"], "valid splits: train, validation, test"),
        (["--index", "-1"], "task index is -1"),
        (["--seed", "-1"], "seed is -1"),
        (["--camera", "97"], "camera 97: cannot be opened"),
        (["--camera", "0", "--duration", "1e9"], "duration_s: 1000000000.0 s"),
    ],
)
def test_what_cannot_be_filmed_is_refused(
    words: list[str], message: str, tmp_path: Path, complaint: Callable[..., str]
):
    assert message in complaint("record", "--output", tmp_path / "x.mp4", *words)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["x.avi", "x", ""])
def test_a_name_that_is_no_videos_is_refused_before_filming(
    name: str, camera: dict[str, Any], tmp_path: Path, complaint: Callable[..., str]
):
    complaint("record", "--output", tmp_path / name, "--camera", "0")
    assert camera == {}
    assert list(tmp_path.iterdir()) == []
