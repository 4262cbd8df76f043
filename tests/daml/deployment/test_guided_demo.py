"""Laws of films framed by what was read of them."""

import numpy as np
import pytest

from daml.demos import Frames, HumanDemo, Reading, Step
from daml.demos.reading.reading import ActingHand
from daml.deployment.guided_demo import cropped, guide

OUTLINE = np.array([[0.2, 0.4], [0.3, 0.4], [0.3, 0.5]])


def step(start_s: float, end_s: float) -> Step:
    return Step("push", (0.25, 0.45), (0.75, 0.5), start_s, end_s, "right", OUTLINE, OUTLINE, 0.9)


@pytest.fixture
def film() -> HumanDemo:
    """Six seconds; each frame is as bright as its number, the left half darker."""
    frames = np.empty((60, 40, 80, 3), np.uint8)
    frames[:] = 2 * np.arange(60)[:, None, None, None]
    frames[:, :, :40] //= 2
    return HumanDemo(frames, 10.0)


@pytest.fixture
def reading() -> Reading:
    """Of a hand that crosses the picture in six seconds; it acts in the third, then in the fifth."""
    clean: Frames = np.full((20, 40, 3), 200, np.uint8)
    hand = ActingHand(np.array([10.0, 16.0]), np.array([[0.0, 0.5], [1.0, 0.5]]))
    return Reading((step(12.0, 13.0), step(14.5, 15.0)), clean, (0.5, 0.0, 1.0, 1.0), hand, ((clean, clean),) * 2, 0.0)


def test_the_clean_frame_comes_first_then_the_time_around_the_step(film: HumanDemo, reading: Reading):
    demo = guide(film, reading, size=(16, 16), start_s=10.0)
    assert demo.frames.shape == (1 + 15, 16, 16, 3)  # from a quarter of a second before to a quarter after
    assert (demo.frames[0] == 200).all()
    assert [int(frame[0, 0, 0]) for frame in demo.frames[1:]] == [2 * number for number in range(18, 33)]
    second = guide(film, reading, size=(16, 16), step=1, start_s=10.0)
    assert int(second.frames[1, 0, 0, 0]) == 2 * 43


def test_the_hand_is_where_it_was_read_in_the_part_that_is_kept(film: HumanDemo, reading: Reading):
    hand = guide(film, reading, size=(16, 16), start_s=10.0).hand
    assert np.isnan(hand[0]).all()
    # At 13 s it is in the middle of the film, which is the left edge of the part.
    np.testing.assert_allclose(hand[1 + 30 - 18], [-1.0, 0.0], atol=1e-6)
    assert (np.diff(hand[1:, 0]) > 0).all()


def test_the_part_is_what_the_shares_say(film: HumanDemo):
    dark, bright = (cropped(film.frames, crop, size=(8, 8)) for crop in ((0, 0, 0.5, 1), (0.5, 0, 1, 1)))
    assert (dark[50] == 50).all()
    assert (bright[50] == 100).all()


def test_a_film_of_another_time_is_refused(film: HumanDemo, reading: Reading):
    with pytest.raises(ValueError, match=r"frames between 11\.8 and 13\.2 s"):
        guide(film, reading, size=(16, 16), start_s=100.0)
