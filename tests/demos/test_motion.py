import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daml.demos.demo import Frames
from daml.demos.motion import key_places, moving_span


def film(n_before: int, n_moving: int, n_after: int, *, noise: int = 0) -> Frames:
    """Film a white square that stands, crosses a grey picture, and stands again."""
    rng = np.random.default_rng(0)
    frames = np.full((n_before + n_moving + n_after, 24, 24, 3), 128, dtype=np.int16)
    for t in range(len(frames)):
        column = int(np.clip(t - n_before + 1, 0, n_moving))
        frames[t, 8:12, column : column + 4] = 255
    frames += rng.integers(-noise, noise + 1, size=frames.shape, dtype=np.int16)
    return np.clip(frames, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("noise", [0, 2])
@pytest.mark.parametrize(("n_before", "n_after"), [(0, 0), (9, 0), (0, 9), (7, 12)])
def test_still_ends_are_left_out(n_before: int, n_after: int, noise: int):
    start, end = moving_span(film(n_before, 16, n_after, noise=noise))

    assert start == pytest.approx(max(n_before - 1, 0), abs=1)
    assert end == pytest.approx(n_before + 15, abs=1)


def test_a_pause_in_between_is_kept():
    frames = film(5, 16, 5)
    paused = np.concatenate([frames[:13], frames[12:13].repeat(20, axis=0), frames[13:]])

    start, end = moving_span(paused)

    assert start <= 5
    assert end >= len(paused) - 7


def test_nothing_moves_in_a_still_video():
    assert moving_span(np.zeros((9, 8, 8, 3), dtype=np.uint8)) == (0, 8)


def test_a_flicker_is_no_motion():
    frames = np.zeros((30, 8, 8, 3), dtype=np.uint8)
    frames[15] = 255

    assert moving_span(frames) == (0, 29)


@given(start=st.integers(0, 20), length=st.integers(0, 40), n_wanted=st.integers(2, 20))
def test_key_places_are_the_first_frame_and_an_even_choice(start: int, length: int, n_wanted: int):
    places = key_places((start, start + length), n_wanted)

    assert len(places) == n_wanted
    assert places[0] == 0
    assert places[1] == start
    assert places[-1] == (start + length if n_wanted > 2 else start)
    np.testing.assert_allclose(np.diff(places[1:], 2), 0, atol=1e-9)
