import numpy as np
import pytest

from daml.deployment.brightness import DARKEST, USUAL, brighten, brightness_correction


def paint(*color: float) -> np.ndarray:
    """Return a frame of one colour, `(4, 5, 3)`."""
    return np.full((4, 5, 3), color, np.uint8)


@pytest.mark.parametrize("color", [(120, 100, 90), (255, 255, 255), (56, 55, 55), (165, 0, 0)])
def test_what_is_as_bright_as_in_training_is_left_alone(color: tuple[float, ...]):
    frame = paint(*color)

    assert brighten(frame, brightness_correction(frame)) is frame


@pytest.mark.parametrize("color", [(54, 54, 54), (20, 20, 20), (40, 30, 15), (3, 60, 20)])
def test_a_darker_frame_gets_the_usual_brightness_and_less_of_its_cast(color: tuple[float, ...]):
    frame = paint(*color)
    exposed = brighten(frame, brightness_correction(frame))

    assert frame.mean() < DARKEST
    assert exposed.dtype == np.uint8
    assert exposed.mean() == pytest.approx(USUAL, abs=0.5)
    darkest, brightest = min(color), max(color)
    assert exposed.max() / exposed.min() == pytest.approx((brightest / darkest) ** 0.5, rel=0.05)
    assert exposed[0, 0].argmax() == frame[0, 0].argmax()


def test_all_frames_are_brightened_as_the_first_asks_up_to_white():
    frames = np.stack([paint(20, 20, 20), paint(40, 40, 40), paint(250, 0, 10)])

    np.testing.assert_array_equal(
        brighten(frames, brightness_correction(frames[0]))[:, 0, 0], [[105, 105, 105], [210, 210, 210], [255, 0, 52]]
    )


def test_nothing_can_be_made_of_black():
    black = paint(0, 0, 0)

    np.testing.assert_array_equal(brighten(black, brightness_correction(black)), black)
    assert np.isfinite(brightness_correction(paint(0, 90, 0))).all()
