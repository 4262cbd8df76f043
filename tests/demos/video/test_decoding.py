import dataclasses
import math
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from daml.demos import write_video
from daml.demos.video.decoding import decode_image, decode_video, stated_timing, stream_stretch
from daml.demos.video.limits import Limits, Meter, Stretch

PATH = Path("clip.mp4")
LIMITS = Limits(max_frames=100, max_pixels=10_000, max_side=64, max_bytes=10**6)


def test_errors_name_the_file_as_the_caller_does():
    with pytest.raises(ValueError, match=r"^clip.mp4: could not be decoded"):
        decode_image(b"garbage" * 99, path=PATH, limits=LIMITS, meter=Meter(LIMITS, path=PATH, n_bytes=693))


def test_a_stretch_is_what_lies_between_two_times(tmp_path: Path):
    path = tmp_path / "clip.mp4"
    write_video(path, np.zeros((11, 16, 16, 3), np.uint8), frame_rate_hz=10.0)
    frames, rate_hz = decode_video(path, limits=LIMITS, stretch=Stretch(start_s=0.3, end_s=0.7))
    assert (len(frames), rate_hz) == (5, pytest.approx(10.0))
    with pytest.raises(ValueError, match=r"clip.mp4: 0 frame.s. between 4 s and 1 s of 1.00 s, but at least 2"):
        decode_video(path, limits=LIMITS, stretch=Stretch(start_s=4.0))


def test_what_comes_after_the_stretch_is_not_decoded(tmp_path: Path):
    path = tmp_path / "clip.mp4"
    write_video(path, np.zeros((50, 16, 16, 3), np.uint8), frame_rate_hz=10.0)
    few = dataclasses.replace(LIMITS, max_frames=20)
    assert len(decode_video(path, limits=few, stretch=Stretch(end_s=1.0))[0]) == 11
    with pytest.raises(ValueError, match="more than 20 frames"):
        decode_video(path, limits=few, stretch=Stretch())


@pytest.mark.parametrize(
    "playlist",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile {}\n",
    ],
)
@pytest.mark.parametrize("suffix", [".mp4", ".ts", ".avi"])
def test_a_playlist_dressed_as_a_video_reads_no_other_file(tmp_path: Path, playlist: str, suffix: str):
    write_video(tmp_path / "secret.mp4", np.zeros((5, 16, 16, 3), np.uint8), frame_rate_hz=10.0)
    path = tmp_path / f"clip{suffix}"
    path.write_text(playlist.format("secret.mp4"))
    with pytest.raises(ValueError, match="could not be decoded"):
        decode_video(path, limits=LIMITS, stretch=Stretch())


def write_paused(path: Path, milliseconds: list[int]) -> Path:
    """Write a film whose frames, by their shade, tell their number and are shown at given times."""
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"bf": "0", "crf": "5"})
        stream.height, stream.width, stream.pix_fmt = 32, 32, "yuv444p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for number, time in enumerate(milliseconds):
            picture = av.VideoFrame.from_ndarray(np.full((32, 32, 3), 10 + 8 * number, np.uint8), format="rgb24")
            picture.pts, picture.time_base = time, Fraction(1, 1000)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


def numbers(frames: np.ndarray) -> list[int]:
    return np.rint((frames.mean(axis=(1, 2, 3)) - 10) / 8).astype(int).tolist()


PAUSED = [*range(0, 1000, 100), *range(3000, 3900, 100)]


@pytest.mark.parametrize("max_rate_hz", [10.0, math.inf])
def test_a_stretch_that_begins_in_a_pause_begins_with_the_picture_shown_then(tmp_path: Path, max_rate_hz: float):
    path = write_paused(tmp_path / "clip.mkv", PAUSED)
    frames, rate_hz = decode_video(path, limits=LIMITS, stretch=Stretch(start_s=1.5, max_rate_hz=max_rate_hz))
    assert rate_hz == pytest.approx(10.0)
    assert numbers(frames) == [9] * 15 + list(range(10, 19))
    streamed = list(stream_stretch(path, limits=LIMITS, stretch=Stretch(start_s=1.5, max_rate_hz=max_rate_hz)))
    assert [time for time, _ in streamed] == pytest.approx([1.5, *(3 + n / 10 for n in range(9))])
    assert numbers(np.stack([picture for _, picture in streamed])) == list(range(9, 19))


def test_a_stretch_that_ends_in_a_pause_lasts_until_its_end(tmp_path: Path):
    path = write_paused(tmp_path / "clip.mkv", PAUSED)
    frames, _ = decode_video(path, limits=LIMITS, stretch=Stretch(end_s=2.0))
    assert numbers(frames) == [*range(10), *[9] * 11]


def test_one_repeated_stamp_costs_no_time(tmp_path: Path):
    milliseconds = [*range(0, 500, 100), 405, *range(500, 1000, 100), *range(3000, 3900, 100)]
    for name, stamps in (("even.mkv", milliseconds), ("repeated.mkv", [*milliseconds[:5], 400, *milliseconds[6:]])):
        path = write_paused(tmp_path / name, stamps)
        frames, rate_hz = decode_video(path, limits=LIMITS, stretch=Stretch())
        assert (len(frames) - 1) / rate_hz == pytest.approx(3.8, abs=0.1)


def test_a_streamed_stretch_is_thinned_to_the_rate_wanted(tmp_path: Path):
    path = write_paused(tmp_path / "clip.mkv", list(range(0, 1000, 50)))
    stretch = Stretch(start_s=0.2, end_s=0.8, max_rate_hz=10.0)
    assert [time for time, _ in stream_stretch(path, limits=LIMITS, stretch=stretch)] == pytest.approx(
        [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]
    )


def test_a_file_states_its_length_and_rate(tmp_path: Path):
    write_video(tmp_path / "clip.mp4", np.zeros((11, 16, 16, 3), np.uint8), frame_rate_hz=10.0)
    assert stated_timing(tmp_path / "clip.mp4", limits=LIMITS) == (pytest.approx(1.1), pytest.approx(10.0))
