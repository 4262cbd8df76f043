"""Laws of hands on the pictures of a film."""

import numpy as np
import pytest

from daml.demos import HandTrack, HandTracks
from daml.demos.reading.hand_paths import hand_masks, hand_paths

TIMES = np.arange(20) / 10
SIZE = (100, 50)


def track(times: np.ndarray, x: np.ndarray) -> HandTrack:
    landmarks = np.zeros((len(times), 21, 2))
    landmarks[..., 0] = x[:, None] + np.linspace(0, 0.1, 21)
    landmarks[..., 1] = 0.5 + 0.05 * np.sin(np.arange(21))
    return HandTrack(times, landmarks)


def test_a_hand_has_pixels_pictures_and_a_speed():
    hands = HandTracks(TIMES, (track(TIMES[2:12], 0.1 + 0.2 * TIMES[:10]),))
    (path,) = hand_paths(hands, TIMES, size=SIZE)
    assert path.pictures.tolist() == list(range(2, 12))
    assert path.is_seen.all()
    assert path.landmarks[0, 0] == pytest.approx([10, 25])
    assert path.speed == pytest.approx(np.full(10, 0.2 * 100 / 50))


def test_what_was_not_seen_is_interpolated_and_known_to_be():
    times = np.delete(TIMES, [5, 6, 7])
    (path,) = hand_paths(HandTracks(TIMES, (track(times, 0.1 + 0.2 * times),)), TIMES, size=SIZE)
    assert path.is_seen.sum() == 17
    assert path.landmarks[6, 0, 0] == pytest.approx(100 * (0.1 + 0.2 * 0.6))


def test_a_mask_covers_each_landmark_in_its_picture_alone():
    (path,) = hand_paths(HandTracks(TIMES, (track(TIMES[2:12], np.full(10, 0.4)),)), TIMES, size=SIZE)
    masks = hand_masks([path], (20, 50, 100), margin=3)
    assert not masks[:2].any()
    assert not masks[12:].any()
    x, y = np.round(path.landmarks[0]).astype(int).T
    assert masks[5, y, x].all()
    assert 0.02 < masks[5].mean() < 0.4
