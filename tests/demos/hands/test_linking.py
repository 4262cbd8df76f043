"""Laws of linking hands into tracks."""

import numpy as np
import pytest

from daml.demos.hands.linking import TrackLinker


def hand(x: float, y: float = 0.5) -> tuple[np.ndarray, float]:
    return np.tile([x, y], (21, 1)).astype(float), 1.0


def linked(pictures: list[list[float]], rate_hz: float = 10.0):
    linker = TrackLinker(aspect_ratio=1.0)
    for number, places in enumerate(pictures):
        linker.add(number / rate_hz, [hand(x) for x in places])
    return linker.tracks()


def test_a_hand_that_moves_is_one_track():
    (track,) = linked([[0.1 + 0.05 * number] for number in range(10)])
    assert len(track.times_s) == 10
    assert track.landmarks[-1, 0, 0] == pytest.approx(0.55)


def test_two_hands_stay_apart_whatever_their_order():
    one, two = linked([[0.2, 0.8] if number % 2 else [0.8, 0.2] for number in range(6)])
    assert np.ptp(one.landmarks[:, :, 0]) == np.ptp(two.landmarks[:, :, 0]) == 0


def test_a_gap_is_bridged_and_a_long_one_is_not():
    seen, gone = [[0.3]], [[]]
    assert len(linked(seen * 4 + gone * 5 + seen * 4)) == 1
    assert len(linked(seen * 4 + gone * 20 + seen * 4)) == 2


def test_single_sightings_are_no_track():
    assert linked([[0.3], [], [0.9], [], []]) == ()
