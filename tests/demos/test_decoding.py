import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demos import write_video
from demos.decoding import Limits, decode

PATH = Path("clip.mp4")
LIMITS = Limits(max_frames=100, max_pixels=10_000, max_side=64)


@given(st.integers(1, 5000), st.integers(1, 5000), st.integers(1, 700))
def test_shrinking_keeps_the_aspect_ratio_and_never_enlarges(width: int, height: int, max_side: int):
    new_width, new_height = Limits(max_frames=1, max_pixels=1, max_side=max_side).shrunk(width, height)
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


def test_a_file_and_its_content_decode_alike(tmp_path: Path):
    frames = np.random.default_rng(0).integers(0, 256, (5, 48, 64, 3), dtype=np.uint8)
    write_video(tmp_path / "clip.mp4", frames, frame_rate_hz=20.0)
    opened = decode(f"file:{tmp_path / 'clip.mp4'}", path=PATH, limits=LIMITS)
    content = decode(io.BytesIO((tmp_path / "clip.mp4").read_bytes()), path=PATH, limits=LIMITS)
    np.testing.assert_array_equal(opened.frames, content.frames)
    assert opened.times == content.times == pytest.approx([0, 0.05, 0.1, 0.15, 0.2])
    assert opened.declared_rate_hz == content.declared_rate_hz == 20.0


def test_errors_name_the_file_as_the_caller_does():
    with pytest.raises(ValueError, match=r"^clip.mp4: could not be decoded"):
        decode(io.BytesIO(b"garbage" * 99), path=PATH, limits=LIMITS)
