import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daml.demos.video.thinning import ThinnedClip, even_grid

PICTURE = np.zeros((2, 2, 3), np.uint8)


def fill(clip: ThinnedClip, times: list[float]) -> ThinnedClip:
    for number, time in enumerate(times):
        if clip.wants(time, number):
            clip.add(PICTURE, time=time, number=number)
    return clip


@given(st.integers(2, 400), st.integers(2, 60))
def test_whatever_the_length_the_memory_is_kept_and_the_pictures_lie_even(n_frames: int, n_kept: int):
    clip = fill(ThinnedClip(max_bytes=n_kept * PICTURE.nbytes, max_rate_hz=math.inf), [n / 10 for n in range(n_frames)])
    assert min(n_frames, n_kept / 2) <= len(clip.frames) <= n_kept
    assert clip.numbers == list(range(0, n_frames, clip.stride))[: len(clip.frames)]
    assert n_frames - 1 - clip.numbers[-1] < clip.stride


@given(st.lists(st.floats(0.002, 3.0), min_size=2, max_size=80), st.floats(0.5, 100.0), st.integers(100, 200))
def test_every_slot_shows_the_last_frame_seen_by_then(steps: list[float], max_rate_hz: float, max_slots: int):
    times = np.cumsum(steps)
    slots, rate_hz = even_grid(times, max_rate_hz=max_rate_hz, max_slots=max_slots)
    assert slots == sorted(slots)
    assert 2 <= len(slots) <= max_slots
    assert rate_hz <= max_rate_hz
    late = 0.25 * min(float(np.median(steps[1:])), 1 / rate_hz) + 1e-9
    for slot, chosen in enumerate(slots):
        now = times[0] + slot / rate_hz
        assert times[chosen] <= now + late
        assert chosen == len(times) - 1 or times[chosen + 1] > now - 1e-9


def test_even_frames_stay_as_they_are():
    slots, rate_hz = even_grid(np.arange(50) / 29.97, max_rate_hz=math.inf, max_slots=50)
    assert slots == list(range(50))
    assert rate_hz == pytest.approx(29.97)


def test_a_pause_in_a_film_does_not_blur_what_came_before():
    times = np.concatenate([np.arange(20) / 10, [12.0]])  # something happens for 2 s, then nothing for 10
    slots, rate_hz = even_grid(times, max_rate_hz=math.inf, max_slots=1000)
    assert rate_hz == pytest.approx(10.0)
    assert slots[:20] == list(range(20))
    assert set(slots[20:-1]) == {19}


def test_a_clip_that_begins_in_a_pause_begins_with_what_was_shown_then():
    clip = ThinnedClip(max_bytes=10**6, max_rate_hz=math.inf)
    clip.begin_with(PICTURE + 7, time=1.5)
    frames, rate_hz = fill(clip, [3.0, 3.1, 3.2]).gathered()
    assert rate_hz == pytest.approx(10.0)
    assert frames[:, 0, 0, 0].tolist() == [7] * 15 + [0, 0, 0]


def test_a_clip_that_begins_between_two_frames_begins_with_the_second():
    clip = ThinnedClip(max_bytes=10**6, max_rate_hz=math.inf)
    clip.begin_with(PICTURE + 7, time=2.95)
    frames, rate_hz = fill(clip, [3.0, 3.1, 3.2]).gathered()
    assert (frames.max(), len(frames), rate_hz) == (0, 3, pytest.approx(10.0))


def test_a_clip_that_ends_in_a_pause_shows_its_last_picture_to_the_end():
    clip = fill(ThinnedClip(max_bytes=10**6, max_rate_hz=math.inf), [0.0, 0.1, 0.2])
    assert [len(clip.gathered(until=until)[0]) for until in (-math.inf, 0.25, 1.0)] == [3, 3, 11]
