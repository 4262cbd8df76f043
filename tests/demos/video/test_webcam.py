from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from daml.demos import Frames, record_webcam, write_video

LEVELS = 10


def numbered_frames(n_frames: int, height: int = 32, width: int = 48) -> Frames:
    levels = 10 + LEVELS * np.arange(n_frames)
    return np.broadcast_to(levels[:, None, None, None], (n_frames, height, width, 3)).astype(np.uint8)


def indices(frames: Frames) -> list[int]:
    return np.rint((frames.mean(axis=(1, 2, 3)) - 10) / LEVELS).astype(int).tolist()


@pytest.fixture
def film(tmp_path: Path) -> str:
    """Two seconds at 10 Hz, to play the camera's part."""
    path = tmp_path / "film.mp4"
    write_video(path, numbered_frames(21), frame_rate_hz=10.0)
    return str(path)


class FakeCamera:
    """Delivers its frame numbers in BGR, at a fake clock's pace."""

    def __init__(self, rate: int, n_frames: int) -> None:
        self.rate, self.n_frames, self.n_read, self.is_released = rate, n_frames, 0, False

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return True

    def read(self) -> tuple[bool, Frames | None]:
        if self.n_read == self.n_frames:
            return False, None
        self.n_read += 1
        picture = np.zeros((32, 48, 3), np.uint8)
        picture[..., 2] = self.n_read - 1
        return True, picture

    def monotonic(self) -> float:
        return self.n_read / self.rate

    def release(self) -> None:
        self.is_released = True


PlugIn = Callable[..., FakeCamera]
"""Connects a camera of a rate, and perhaps a last frame."""


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> PlugIn:
    def plug_in(rate: int, n_frames: int = 1000) -> FakeCamera:
        camera = FakeCamera(rate, n_frames)
        monkeypatch.setattr(cv2, "VideoCapture", lambda _: camera)
        monkeypatch.setattr("daml.demos.video.webcam.time", SimpleNamespace(monotonic=camera.monotonic))
        return camera

    return plug_in


def test_a_recording_has_the_duration_and_the_rate_asked_for(film: str):
    demo = record_webcam(film, duration_s=1.0, frame_rate_hz=10.0)
    assert indices(demo.frames) == list(range(11))
    assert demo.duration == pytest.approx(1.0)


@pytest.mark.parametrize(("rate", "expected"), [(5.0, [0, 2, 4, 6, 8, 10]), (20.0, [0, 1, 1, 2, 2, 3])])
def test_frames_are_left_out_or_repeated_to_keep_the_rate(film: str, rate: float, expected: list[int]):
    assert indices(record_webcam(film, duration_s=5 / rate, frame_rate_hz=rate).frames) == expected


def test_the_end_of_a_file_ends_the_recording(film: str):
    assert len(record_webcam(film, duration_s=60.0, frame_rate_hz=10.0)) == 21


def test_colours_are_rgb(tmp_path: Path):
    frames = np.zeros((4, 32, 48, 3), np.uint8)
    frames[..., 0] = 200
    write_video(tmp_path / "red.mp4", frames, frame_rate_hz=10.0)
    red, green, blue = record_webcam(str(tmp_path / "red.mp4"), duration_s=0.3).frames.mean(axis=(0, 1, 2))
    assert red > 180
    assert max(green, blue) < 20


def test_long_sides_are_shrunk(film: str):
    assert record_webcam(film, duration_s=0.5, max_side=24).frames.shape == (6, 16, 24, 3)


def test_an_observer_sees_every_frame_and_may_stop(film: str):
    seen = []

    def stop_at_the_fifth(frame: Frames) -> bool:
        seen.append(frame)
        return len(seen) == 5

    demo = record_webcam(film, duration_s=2.0, on_frame=stop_at_the_fifth)
    np.testing.assert_array_equal(demo.frames, np.stack(seen))
    assert len(demo) == 5


def test_a_recording_stopped_at_once_is_refused(film: str):
    with pytest.raises(ValueError, match=r"1 frame.s., but at least 2 are needed; record for longer"):
        record_webcam(film, duration_s=2.0, on_frame=lambda _: True)


@pytest.mark.parametrize("camera_rate", [100, 30, 10, 4])
def test_a_live_camera_is_recorded_by_the_clock_whatever_its_rate(live: PlugIn, camera_rate: int):
    camera = live(camera_rate)
    demo = record_webcam(0, duration_s=2.0, frame_rate_hz=10.0)
    seconds = demo.frames[:, 0, 0, 0] / camera_rate  # each frame holds its number
    assert len(demo) == 21
    assert np.abs(seconds - seconds[0] - demo.duration * np.linspace(0, 1, 21)).max() <= 1 / camera_rate + 1e-6
    assert seconds[0] >= 0.5 - 1 / camera_rate  # while the camera finds its exposure, nothing is kept
    assert camera.is_released


def test_a_camera_that_stops_is_an_error(live: PlugIn):
    camera = live(10, n_frames=12)
    with pytest.raises(OSError, match=r"camera 0: stopped after \d of 21 frames; check the cable"):
        record_webcam(0, duration_s=2.0)
    assert camera.is_released


def test_an_observer_that_fails_still_releases_the_camera(live: PlugIn):
    camera = live(30)
    with pytest.raises(ZeroDivisionError):
        record_webcam(0, duration_s=2.0, on_frame=lambda _: 1 / 0)
    assert camera.is_released


@pytest.mark.parametrize("camera", [97, "none.mp4", "/dev/video97", "rtsp://localhost/camera"])
def test_a_camera_that_cannot_be_opened_is_named_once(capfd: pytest.CaptureFixture[str], camera: int | str):
    with pytest.raises(OSError, match=f"camera {camera}: cannot be opened; "):
        record_webcam(camera, duration_s=2.0)
    assert capfd.readouterr().err == ""  # OpenCV would say it once more


@pytest.mark.parametrize("camera", [-1, 100, 700, 10**12, -(10**30)])
def test_a_number_that_no_camera_has_never_reaches_the_driver(monkeypatch: pytest.MonkeyPatch, camera: int):
    monkeypatch.setattr(cv2, "VideoCapture", lambda _: pytest.fail("the driver was asked"))
    with pytest.raises(ValueError, match=f"camera {camera}: expected a number from 0 to 99, or a device such as"):
        record_webcam(camera, duration_s=2.0)


@pytest.mark.parametrize("camera", ["/dev/zero", "/dev/tty", "/proc/self"])
def test_another_device_or_folder_is_no_camera(camera: str):
    with pytest.raises((ValueError, OSError), match=r"expected a file, found|expected a number such as 0"):
        record_webcam(camera, duration_s=2.0)


@pytest.mark.parametrize("duration", [0.0, -1.0, 0.01, 1e6, float("nan"), float("inf")])
def test_an_impossible_duration_is_refused_before_the_camera_opens(duration: float):
    with pytest.raises(ValueError, match=r"duration_s: .* holds 2 to 2000 frames; choose between 0.1 and 199.9 s"):
        record_webcam(97, duration_s=duration)
