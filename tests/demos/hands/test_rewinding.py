"""Laws of following hands back, on pictures whose brightness says where a hand is."""

import numpy as np
import pytest

from daml.demos.hands.landmarks import Hand
from daml.demos.hands.regions import Region
from daml.demos.hands.rewinding import Rewinder


def hand_at(x: float, size: float = 30.0) -> Hand:
    places = np.tile([x, 100.0], (21, 1))
    places[:, 1] -= size * np.linspace(-0.5, 0.5, 21)
    places[:, 0] += 0.3 * size * np.sin(np.arange(21))
    return Hand(places, 0.9, 0.5)


def picture_of(x: int) -> np.ndarray:
    picture = np.zeros((200, 300, 3), np.uint8)
    picture[:, x] = 255
    return picture


def find(picture: np.ndarray, region: Region) -> Hand | None:
    bright = np.flatnonzero(picture[0, :, 0])
    return hand_at(float(bright[0])) if len(bright) and abs(bright[0] - region.x) < region.side / 2 else None


def test_a_hand_that_is_found_late_is_followed_back():
    rewinder, hands = Rewinder(find), [list[Hand]() for _ in range(5)]
    hands[4].append(hand_at(140.0))
    for number, found in enumerate(hands):
        rewinder.add(picture_of(100 + 10 * number), found)
    assert [len(found) for found in hands] == [1] * 5
    centers = [found[0].landmarks[:, 0].mean() for found in hands]
    assert np.diff(centers) == pytest.approx(10, abs=0.1)


def test_it_is_followed_up_to_the_first_picture_that_does_not_show_it():
    rewinder, hands = Rewinder(find), [list[Hand]() for _ in range(3)]
    hands[2].append(hand_at(140.0))
    for x, found in zip((130, 290, 140), hands, strict=True):
        rewinder.add(picture_of(x), found)
    assert [len(found) for found in hands] == [0, 0, 1]


def test_a_hand_that_is_known_is_left_as_it_is():
    rewinder, hands = Rewinder(find), [[hand_at(100.0)], list[Hand](), [hand_at(110.0)]]
    for x, found in zip((100, 105, 110), hands, strict=True):
        rewinder.add(picture_of(x), found)
    assert [len(found) for found in hands] == [1, 1, 1]


def test_places_are_those_of_the_whole_picture_however_large_it_is():
    rewinder, hands = Rewinder(lambda *_: hand_at(100.0)), [list[Hand](), [hand_at(300.0)]]
    for found in hands:
        rewinder.add(np.zeros((1440, 1440, 3), np.uint8), found)
    assert hands[0][0].landmarks == pytest.approx(3 * hand_at(100.0).landmarks)
