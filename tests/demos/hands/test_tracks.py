"""Laws of tracks."""

import numpy as np
import pytest

from daml.demos import HandTrack


def track() -> HandTrack:
    landmarks = np.zeros((3, 21, 2))
    landmarks[:, :, 0] = np.array([0.1, 0.3, 0.5])[:, None]
    return HandTrack(np.array([0.0, 1.0, 3.0]), landmarks)


def test_between_sightings_a_hand_moves_evenly_and_outside_it_is_nowhere():
    places = track().at(np.array([-1.0, 0.0, 0.5, 2.0, 3.0, 4.0]))
    assert places[1:5, 0, 0] == pytest.approx([0.1, 0.2, 0.4, 0.5])
    assert np.isnan(places[[0, 5]]).all()


def test_it_is_seen_only_near_a_sighting():
    assert track().is_seen_at(np.array([0.0, 0.4, 1.1, 2.0, 3.0]), within_s=0.2).tolist() == [
        True,
        False,
        True,
        False,
        True,
    ]


def test_the_pinch_point_is_between_thumb_and_index_tip():
    landmarks = np.zeros((1, 21, 2))
    landmarks[0, 4], landmarks[0, 8] = (0.2, 0.4), (0.4, 0.8)
    assert HandTrack(np.zeros(1), landmarks).pinch_points[0] == pytest.approx([0.3, 0.6])


@pytest.mark.parametrize(
    ("times", "shape", "message"),
    [([0.0], (2, 21, 2), "expected"), ([], (0, 21, 2), "expected"), ([1.0, 1.0], (2, 21, 2), "rising")],
)
def test_what_does_not_fit_together_is_refused(times: list[float], shape: tuple[int, ...], message: str):
    with pytest.raises(ValueError, match=message):
        HandTrack(np.array(times), np.zeros(shape))
