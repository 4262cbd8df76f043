import dataclasses
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daml.demos import write_video
from daml.demos.video.decoding import Limits, Stretch, _Clock, decode_image, decode_video

PATH = Path("clip.mp4")
LIMITS = Limits(max_frames=100, max_pixels=10_000, max_side=64, max_bytes=10**6)


@given(st.integers(1, 5000), st.integers(1, 5000), st.integers(1, 700))
def test_shrinking_keeps_the_aspect_ratio_and_never_enlarges(width: int, height: int, max_side: int):
    new_width, new_height = Limits(max_frames=1, max_pixels=1, max_side=max_side, max_bytes=1).shrunk(width, height)
    assert 1 <= new_width <= min(width, max_side)
    assert 1 <= new_height <= min(height, max_side)
    scale = min(1, max_side / max(width, height))
    assert abs(new_width - max(1, width * scale)) <= 0.5
    assert abs(new_height - max(1, height * scale)) <= 0.5


def test_limits_hold_exactly():
    LIMITS.check_n_frames(100, path=PATH)
    LIMITS.check_size(100, 100, path=PATH)
    with pytest.raises(ValueError, match=r"clip.mp4: more than 100 frames; trim it"):
        LIMITS.check_n_frames(101, path=PATH)
    with pytest.raises(ValueError, match=r"clip.mp4: 101 x 100 px, but at most 10,000 pixels"):
        LIMITS.check_size(101, 100, path=PATH)


def test_errors_name_the_file_as_the_caller_does():
    with pytest.raises(ValueError, match=r"^clip.mp4: could not be decoded"):
        decode_image(b"garbage" * 99, path=PATH, limits=LIMITS)


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
    "times", [{"start_s": -1.0}, {"start_s": 2.0, "end_s": 1.0}, {"end_s": 0.0}, {"start_s": float("nan")}]
)
def test_an_impossible_stretch_is_refused(times: dict[str, float]):
    with pytest.raises(ValueError, match="expected a start of at least 0 s and an end after it"):
        Stretch(**times)


@pytest.mark.parametrize("rate_hz", [0.0, -1.0, float("nan")])
def test_an_impossible_rate_is_refused(rate_hz: float):
    with pytest.raises(ValueError, match="max_rate_hz: expected a positive number"):
        Stretch(max_rate_hz=rate_hz)


@given(st.lists(st.none() | st.floats(-10, 1e6), min_size=1, max_size=30))
def test_the_clock_never_stands_still_or_goes_back(stated: list[float | None]):
    clock = _Clock()
    told = [clock.tell(time) for time in stated]
    assert told[0] == 0
    assert all(later > earlier for earlier, later in pairwise(told))


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
