"""Laws of `daml record`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from daml import cli, envs
from daml.app import record as module
from daml.app.videos.sidecars import read_video_scene, read_video_task
from daml.demos import HumanDemo, read_video, write_video


@pytest.mark.parametrize("kind", envs.KINDS)
@pytest.mark.usefixtures("quick_pictures")
def test_a_simulated_human_is_filmed_and_the_task_remembered(kind: str, tmp_path: Path):
    output = tmp_path / "new" / "human.mp4"
    words = ("--simulate", "--output", str(output), "--task", kind, "--split", "validation", "--index", "4")
    cli.main(["record", *words])
    assert len(read_video(output)) > 12
    task = envs.Task(kind, "validation", 4)
    assert read_video_task(output) == str(task)
    assert read_video_scene(output) == envs.describe(task)
    assert {path.name for path in output.parent.iterdir()} == {
        "human.mp4",
        "human.mp4.task.json",
        "human.mp4.scene.toml",
    }


@pytest.mark.usefixtures("quick_pictures")
def test_a_simulated_human_is_filmed_in_a_scene(example_scene: Path, tmp_path: Path):
    cli.main(["record", "--simulate", "--output", str(tmp_path / "x.mp4"), "--scene", str(example_scene)])
    assert read_video_scene(tmp_path / "x.mp4") == envs.read_scene(example_scene)
    assert read_video_task(tmp_path / "x.mp4") is None


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
    cli.main(["record", "--output", str(output), "--camera", "1", "--duration", "2", "--countdown", "0"])
    assert camera == {"number": 1, "duration_s": 2.0}
    assert read_video(output).duration == pytest.approx(2.0)
    assert list(tmp_path.iterdir()) == [output]


@pytest.mark.usefixtures("camera")
def test_a_scene_is_kept_beside_the_video_that_a_camera_films(example_scene: Path, tmp_path: Path):
    words = ("--output", str(tmp_path / "me.mp4"), "--camera", "0", "--countdown", "0", "--scene", str(example_scene))
    cli.main(["record", *words])
    assert read_video_scene(tmp_path / "me.mp4") == envs.read_scene(example_scene)


def test_a_device_is_filmed_as_it_sees_and_not_mirrored(tmp_path: Path):
    frames = np.full((12, 32, 48, 3), 20, np.uint8)
    frames[:, :, :16] = 220  # bright on the left
    write_video(tmp_path / "device.mp4", frames, frame_rate_hz=10.0)
    output = tmp_path / "me.mp4"
    words = ["--camera", str(tmp_path / "device.mp4"), "--duration", "1", "--countdown", "0"]
    cli.main(["record", "--output", str(output), *words])
    seen = read_video(output)
    assert (len(seen), seen.frame_rate_hz) == (11, pytest.approx(10.0))
    assert seen.frames[:, :, :12].min() > 150
    assert seen.frames[:, :, 24:].max() < 80
    assert {path.name for path in tmp_path.iterdir()} == {"device.mp4", "me.mp4"}


def test_a_countdown_comes_before_the_film(
    camera: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    slept: list[float] = []
    monkeypatch.setattr(module.time, "sleep", lambda seconds: slept.append(seconds) or camera)
    cli.main(["record", "--output", str(tmp_path / "me.mp4"), "--camera", "0", "--countdown", "3"])
    assert slept == [1, 1, 1]
    text = capsys.readouterr().out
    assert text.index("3 ...") < text.index("2 ...") < text.index("1 ...") < text.index("frames from camera 0")


@pytest.mark.usefixtures("camera", "quick_pictures")
def test_a_person_is_never_taken_for_the_simulated_human_of_before(tmp_path: Path):
    output = tmp_path / "me.mp4"
    cli.main(["record", "--output", str(output), "--simulate"])
    cli.main(["record", "--output", str(output), "--camera", "0", "--countdown", "0"])
    assert read_video_task(output) is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "give one of --camera 0, which films you, and --simulate"),
        (["--camera", "0", "--simulate"], "give one of --camera 0, which films you, and --simulate"),
        (["--simulate", "--task", "fly"], "valid kinds: place"),
        (["--simulate", "--split", "exam"], "valid splits: train, validation, test"),
        (["--simulate", "--index", "-1"], "task index is -1"),
        (["--simulate", "--seed", "-1"], "seed is -1"),
        (["--simulate", "--scene", "nowhere.toml"], "nowhere.toml: expected a TOML file that describes a scene"),
        (["--simulate", "--scene", "x.toml", "--index", "3"], "leave out --task, --split and --index"),
        (["--camera", "0", "--task", "push"], "are about the simulated human, but --camera films you"),
        (["--camera", "0", "--seed", "4"], "are about the simulated human, but --camera films you"),
        (["--camera", "97", "--countdown", "0"], "camera 97: cannot be opened"),
        (["--camera", "-1"], "camera -1: expected a number from 0 to 99, or a device such as /dev/video0"),
        (["--camera", "1000000000000"], "camera 1000000000000: expected a number from 0 to 99"),
        (
            ["--camera", "rtsp://localhost/x"],
            "camera rtsp://localhost/x: cannot be opened; expected a number such as 0",
        ),
        (["--camera", "0", "--duration", "1e9", "--countdown", "0"], "duration_s: 1000000000.0 s"),
        (["--camera", "0", "--duration", "inf"], "duration: expected a number of seconds, got inf"),
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
