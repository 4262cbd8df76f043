"""Laws of people's cameras."""

from dataclasses import replace

import numpy as np

from daml.envs.lens import FRAME_RATES_HZ, Lens, draw_lens, shoot

PERFECT = Lens((1.0, 1.0, 1.0), 1.0, 0.0, 0.0, 0, 60.0, 0.0)


def a_film(n_frames: int = 12, size: int = 32) -> np.ndarray:
    rows = np.linspace(40, 200, size)
    frame = np.stack([np.add.outer(rows, 0.2 * rows)] * 3, axis=-1) / 1.4
    return np.stack([frame + 3 * number for number in range(n_frames)]).astype(np.uint8)


def test_a_perfect_camera_shows_what_there_is():
    film = a_film()
    shown = shoot(film, PERFECT, np.random.default_rng(0), frame_rate_hz=12.0)
    assert shown.shape == film.shape
    assert np.abs(shown.astype(int) - film).mean() < 2.5  # colours are stored more coarsely than light


def test_a_small_thing_keeps_its_colour_in_a_film_that_is_much_compressed():
    film = np.full((4, 96, 96, 3), 120, np.uint8)
    film[:, 40:45, 40:45] = (200, 30, 30)
    shown = shoot(film, replace(PERFECT, quantizer=36, noise=0.02), np.random.default_rng(0), frame_rate_hz=12.0)
    assert np.abs(shown[-1, 42, 42].astype(int) - (200, 30, 30)).max() < 30


def test_a_slow_camera_holds_its_frames_and_shows_nothing_before_its_time():
    film = a_film()
    shown = shoot(film, replace(PERFECT, frame_rate_hz=6.0), np.random.default_rng(0), frame_rate_hz=12.0)
    assert shown.shape == film.shape
    np.testing.assert_array_equal(shown[0::2], shown[1::2])
    assert np.abs(shown[-1].astype(int) - film[-2]).mean() < 2.5


def test_white_balance_and_exposure_change_the_channels_by_their_gains():
    film = a_film()
    shown = shoot(film, replace(PERFECT, gains=(0.5, 1.0, 1.0)), np.random.default_rng(0), frame_rate_hz=12.0)
    means = shown.mean((0, 1, 2)) / film.mean((0, 1, 2))
    np.testing.assert_allclose(means, (0.5, 1.0, 1.0), atol=0.05)


def test_a_hand_shakes_and_a_stand_does_not():
    film = np.repeat(a_film(1), 10, axis=0)
    still = shoot(film, PERFECT, np.random.default_rng(0), frame_rate_hz=12.0)
    held = shoot(film, replace(PERFECT, shake=8.0), np.random.default_rng(0), frame_rate_hz=12.0)
    assert np.ptp(still.astype(int), axis=0).mean() < np.ptp(held.astype(int), axis=0).mean()


def test_cameras_differ_and_come_from_their_seed():
    first, again, other = (draw_lens(np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert first == again != other
    rates = [draw_lens(np.random.default_rng(seed)).frame_rate_hz for seed in range(200)]
    assert FRAME_RATES_HZ[0] <= min(rates) < 6
    assert 50 < max(rates) <= FRAME_RATES_HZ[1]
