from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from daml.demos import HumanDemo, read_video, write_video
from daml.demos.video import frame_by_frame
from daml.demos.video.frame_by_frame import read_frames

LEVELS = 6


def numbered_frames(n_frames: int, height: int = 32, width: int = 48) -> np.ndarray:
    levels = 10 + LEVELS * np.arange(n_frames)
    return np.broadcast_to(levels[:, None, None, None], (n_frames, height, width, 3)).astype(np.uint8)


def indices(frames: np.ndarray) -> list[int]:
    return np.rint((frames.mean(axis=(1, 2, 3)) - 10) / LEVELS).astype(int).tolist()


@pytest.mark.parametrize(
    "milliseconds",
    [
        [*range(0, 1000, 100), 1150, 1210, 1260, *range(1300, 3000, 100)],
        [0, 1, 2, *range(3000, 5700, 100)],
        [*range(0, 1500, 100), 1400, *range(1500, 2900, 100)],
    ],
    ids=["jitter", "pause", "repeated"],
)
def test_frames_are_counted_whatever_their_times(tmp_path: Path, milliseconds: list[int]):
    frames = numbered_frames(len(milliseconds))
    with av.open(tmp_path / "clip.mkv", "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"bf": "0", "crf": "10"})
        stream.height, stream.width, stream.pix_fmt = 32, 48, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for frame, time in zip(frames, milliseconds, strict=True):
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
            picture.pts, picture.time_base = time, Fraction(1, 1000)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    read = read_frames(tmp_path / "clip.mkv", len(frames), size=(8, 8), fit="crop")
    assert indices(read) == list(range(len(frames)))


def test_a_film_larger_than_memory_allows_is_read_whole(tmp_path: Path):
    n_frames = 40
    frames = np.zeros((n_frames, 480, 640, 3), np.uint8) + np.arange(0, 240, 6, dtype=np.uint8)[:, None, None, None]
    write_video(tmp_path / "clip.mp4", frames, frame_rate_hz=10.0)
    limits = frame_by_frame.Limits(max_frames=100, max_pixels=640 * 480, max_side=640, max_bytes=640 * 480 * 3 * 5)
    read = read_frames(tmp_path / "clip.mp4", n_frames, size=(16, 16), fit="crop", limits=limits)
    assert np.abs(read.astype(int).mean(axis=(1, 2, 3)) - frames[:, 0, 0, 0]).max() < 3


@pytest.mark.parametrize("fit", ["crop", "pad"])
def test_frames_are_those_of_the_whole_film_resized(tmp_path: Path, fit: str):
    noise = np.random.default_rng(0).integers(0, 256, (4, 32, 48, 3), dtype=np.uint8)
    write_video(tmp_path / "clip.mp4", noise, frame_rate_hz=10.0)
    read = read_frames(tmp_path / "clip.mp4", 4, size=(8, 8), fit=fit)
    whole = HumanDemo(read_video(tmp_path / "clip.mp4").frames, 10.0).resized(8, 8, fit=fit)
    np.testing.assert_array_equal(read, whole.frames)


@pytest.mark.parametrize("n_rows", [8, 10])
def test_another_number_of_frames_is_told(tmp_path: Path, n_rows: int):
    write_video(tmp_path / "clip.mp4", numbered_frames(9), frame_rate_hz=10.0)
    with pytest.raises(ValueError, match=rf"clip.mp4: 9 frames, but there are {n_rows} rows of numbers"):
        read_frames(tmp_path / "clip.mp4", n_rows, size=(8, 8), fit="crop")


def test_a_clip_too_large_for_memory_is_refused_before_it_is_read(tmp_path: Path):
    with pytest.raises(ValueError, match=r"take 3,000,000,000 bytes, but at most 2,000,000,000; choose a smaller"):
        read_frames(tmp_path / "none.mp4", 1000, size=(1000, 1000), fit="crop")
