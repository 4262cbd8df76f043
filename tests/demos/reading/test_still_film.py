"""Laws of making a film ready to be read."""

import cv2
import numpy as np
import pytest

from daml.demos import HumanDemo
from daml.demos.reading.still_film import WORKING_SIDE, evenly_exposed, prepare


def test_a_large_film_is_read_small_and_its_hands_with_it(stage):
    film, hands = stage().film()
    large = HumanDemo(film.frames[::8].repeat(3, axis=1).repeat(3, axis=2), film.frame_rate_hz / 8)
    small = prepare(large, hands)
    assert max(small.size) == WORKING_SIDE
    assert small.hands[0].pinch[0] == pytest.approx(hands.tracks[0].pinch_points[0] * small.size, abs=0.5)


def test_a_dark_film_is_brightened_and_a_bright_one_is_not(stage):
    film, hands = stage().film()
    dark = prepare(HumanDemo((film.frames * 0.4).astype(np.uint8), film.frame_rate_hz), hands)
    bright = prepare(film, hands)
    assert np.abs(dark.frames.mean() / bright.frames.mean() - 1) < 0.15


def test_what_a_hand_hides_is_hidden(stage):
    film = prepare(*stage().film())
    x, y = np.round(film.hands[0].pinch[20]).astype(int)
    assert film.hidden[20, y, x]
    assert not film.hidden[20, 20, 20]


def test_lengths_are_measured_in_hands(stage):
    film, hands = stage().film()
    near = np.ascontiguousarray(film.frames[:, 90:190, 20:150])
    tracks = tuple(
        type(track)(track.times_s, (track.landmarks * [256, 192] - [20, 90]) / [130, 100]) for track in hands.tracks
    )
    one, two = prepare(film, hands), prepare(HumanDemo(near, 10.0), type(hands)(hands.times_s, tracks))
    assert one.unit / min(one.size) < two.unit / min(two.size)


def test_an_exposure_that_wanders_is_taken_out_whatever_moves():
    rng = np.random.default_rng(0)
    scene = cv2.resize(rng.uniform(40, 170, (9, 12, 3)), (96, 72), interpolation=cv2.INTER_CUBIC)
    gains = np.array([[1, 1, 1], [1.15, 1.1, 0.9], [1, 1, 1], [0.85, 0.9, 1.05], [1, 1, 1]])
    frames = np.stack([np.clip(scene * gain, 0, 255) for gain in gains]).astype(np.uint8)
    frames[3, :20, :40] = 250
    evened = evenly_exposed(frames, np.zeros(frames.shape[:3], bool))
    assert np.abs(evened[:, 30:].astype(int) - frames[0, 30:]).max() <= 4


def test_the_noise_is_what_differs_where_nothing_changed(stage):
    film, hands = stage(noise=1.0).film()
    shaded = film.frames.copy()
    rng = np.random.default_rng(0)
    ripple = cv2.resize(rng.uniform(-14, 14, (6, 8)), (256, 192), interpolation=cv2.INTER_CUBIC)
    shaded[-1] = np.clip(shaded[-1] + ripple[..., None], 0, 255)
    quiet, restless = (prepare(HumanDemo(frames, 10.0), hands).noise for frames in (film.frames, shaded))
    assert 5 < quiet < 15
    assert restless > quiet + 4
