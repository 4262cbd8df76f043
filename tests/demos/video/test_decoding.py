import dataclasses
from pathlib import Path

import numpy as np
import pytest

from daml.demos import write_video
from daml.demos.video.decoding import decode_image, decode_video
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
