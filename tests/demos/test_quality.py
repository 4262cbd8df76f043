import numpy as np
import pytest

from daml.demos import Frames, HumanDemo, measure

HEIGHT, WIDTH, N_FRAMES = 120, 160, 30


def table(*, seed: int = 0) -> Frames:
    """A plain table with a few boxes on it."""
    rng = np.random.default_rng(seed)
    picture = np.full((HEIGHT, WIDTH, 3), 130, np.uint8)
    for left in (25, 70, 115):
        picture[60:85, left : left + 25] = rng.integers(0, 255, 3)
        picture[66:79, left + 6 : left + 19] = rng.integers(0, 255, 3)
    return picture


def film(reach: np.ndarray, *, noise: float = 2.0) -> Frames:
    """An arm comes in from the left border as far as `reach` [pixels] says."""
    rng = np.random.default_rng(1)
    frames = np.stack([table()] * len(reach))
    for frame, pixels in zip(frames, reach.astype(int), strict=True):
        frame[40:65, : max(pixels, 0)] = (205, 150, 120)
    return np.clip(frames + rng.normal(0, noise, frames.shape), 0, 255).astype(np.uint8)


IN_AND_OUT = np.concatenate([np.zeros(3), np.linspace(0, 95, 12), np.full(3, 95), np.linspace(95, 0, 9), np.zeros(3)])


def warnings(frames: Frames, rate_hz: float = 10.0) -> str:
    return "; ".join(measure(HumanDemo(frames, rate_hz)).warnings)


def test_a_good_demonstration_gives_no_warning():
    assert warnings(film(IN_AND_OUT)) == ""


def test_noise_and_changes_of_exposure_are_no_motion_and_no_hand():
    assert warnings(film(IN_AND_OUT, noise=6.0)) == ""
    brightness = (1 + 0.15 * np.sin(np.arange(N_FRAMES)))[:, None, None, None]
    assert warnings(np.clip(film(IN_AND_OUT) * brightness, 0, 255).astype(np.uint8)) == ""


def test_a_film_that_is_too_short_or_too_long_is_told():
    assert "too short: 0.7 s" in warnings(film(IN_AND_OUT), 40.0)
    assert "long: 29 s" in warnings(film(IN_AND_OUT), 1.0)


def test_a_dark_film_is_told():
    assert "too dark" in warnings((film(IN_AND_OUT) * 0.2).astype(np.uint8))


def test_a_film_in_which_nothing_moves_is_told_and_nothing_else_of_it():
    assert warnings(film(np.zeros(N_FRAMES), noise=4.0)).startswith("no motion")
    assert warnings(np.full((12, 64, 64, 3), 128, np.uint8)).startswith("no motion")


def test_what_was_brought_and_left_gives_no_warning():
    frames = film(IN_AND_OUT)
    frames[17:, 60:72, 78:90] = (250, 250, 60)
    assert warnings(frames) == ""


def test_the_motion_is_one_share_for_each_frame():
    quality = measure(HumanDemo(film(IN_AND_OUT), 10.0))
    assert len(quality.motion) == quality.n_frames == N_FRAMES
    assert quality.motion[0] == 0
    assert max(quality.motion) == pytest.approx(25 * 95 / (HEIGHT * WIDTH), rel=0.1)


@pytest.mark.parametrize("shape", [(2, 1, 1), (2, 3, 500), (3, 500, 2), (40, 16, 16)])
def test_any_shape_is_measured(shape: tuple[int, int, int]):
    frames = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    measure(HumanDemo(frames, 10.0)).warnings  # noqa: B018 - computed when asked for
