from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daml.demos.video import limits as module
from daml.demos.video.limits import Limits, Meter, Stretch

PATH = Path("clip.mp4")
LIMITS = Limits(max_frames=100, max_pixels=10_000, max_side=64, max_bytes=10**6, max_decoded=25_000)


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


def test_the_meter_stops_at_the_first_frame_too_many():
    meter = Meter(LIMITS, path=PATH, n_bytes=1)
    for _ in range(100):
        meter.count(10, 10)
    assert meter.n_frames == 100
    with pytest.raises(ValueError, match="more than 100 frames"):
        meter.count(10, 10)


def test_the_meter_counts_the_pixels_of_all_frames():
    meter = Meter(LIMITS, path=PATH, n_bytes=1)
    meter.count(100, 100)
    meter.count(100, 100)
    with pytest.raises(ValueError, match=r"clip.mp4: more than 25,000 pixels in all frames together; trim it"):
        meter.count(100, 100)


@pytest.mark.parametrize(("n_bytes", "seconds"), [(0, 15.5), (10_000_000, 25.5)])
def test_the_meter_allows_time_by_the_size_of_the_file(monkeypatch: pytest.MonkeyPatch, n_bytes: int, seconds: float):
    now = 100.0
    monkeypatch.setattr(module.time, "process_time", lambda: now)
    meter = Meter(LIMITS, path=PATH, n_bytes=n_bytes)
    now += 1000  # before it begins
    meter.begin()
    now += seconds - 1
    meter.count(1, 1)
    meter.pause()
    now += 1000  # what somebody does with the frame
    meter.begin()
    now += 1
    with pytest.raises(ValueError, match=rf"clip.mp4: not decoded within {seconds - 0.5:.0f} s of computing, after 2"):
        meter.count(1, 1)
