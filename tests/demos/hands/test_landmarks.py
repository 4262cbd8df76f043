"""Laws of finding landmarks, with a network that says what it is told to."""

import numpy as np
import pytest

from daml.demos.hands.landmarks import LandmarkFinder
from daml.demos.hands.regions import Region

PICTURE = np.zeros((100, 100, 3), np.uint8)


def answering(presence: float):
    places = np.full((1, 63), 112.0, np.float32)  # all in the middle of the 224 px
    places[0, 0] = 0.0  # but the wrist's x
    return lambda _: [places, np.array([[presence]], np.float32), np.array([[0.8]], np.float32), places]


def test_landmarks_are_told_in_pixels_of_the_picture():
    hand = LandmarkFinder(answering(0.9), threshold=0.5).find(PICTURE, Region(40.0, 60.0, 20.0, 0.0))
    assert hand is not None
    assert hand.landmarks[1] == pytest.approx([40, 60])
    assert hand.landmarks[0] == pytest.approx([30, 60])
    assert (hand.presence, hand.rightness) == pytest.approx((0.9, 0.8))


def test_what_is_likely_no_hand_is_none():
    assert LandmarkFinder(answering(0.4), threshold=0.5).find(PICTURE, Region(40.0, 60.0, 20.0, 0.0)) is None
