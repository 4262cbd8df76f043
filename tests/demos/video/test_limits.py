"""Laws of what is read of a film."""

from pathlib import Path

import pytest

from daml.demos.video.limits import Limits, Stretch

LIMITS = Limits(max_frames=10, max_pixels=100, max_side=20, max_bytes=1000)


def test_longer_sides_are_shrunk_and_smaller_pictures_stay():
    assert LIMITS.shrunk(40, 10) == (20, 5)
    assert LIMITS.shrunk(7, 9) == (7, 9)
    assert LIMITS.shrunk(4000, 1) == (20, 1)


def test_too_many_frames_and_too_many_pixels_are_refused():
    LIMITS.check_n_frames(10, path=Path("a.mp4"))
    LIMITS.check_size(10, 10, path=Path("a.mp4"))
    with pytest.raises(ValueError, match=r"a\.mp4: more than 10 frames"):
        LIMITS.check_n_frames(11, path=Path("a.mp4"))
    with pytest.raises(ValueError, match=r"a\.mp4: 11 x 10 px"):
        LIMITS.check_size(11, 10, path=Path("a.mp4"))


@pytest.mark.parametrize("times", [{"start_s": -1.0}, {"start_s": 2.0, "end_s": 1.0}, {"max_rate_hz": 0.0}])
def test_impossible_stretches_are_refused(times: dict[str, float]):
    with pytest.raises(ValueError, match="expected"):
        Stretch(**times)
