"""Laws of finding palms, with a network that says what it is told to."""

import numpy as np
import pytest

from daml.demos.hands.palms import PalmDetector, anchors, merged, overlap


def box(x: float, y: float, side: float) -> np.ndarray:
    values = np.zeros((9, 2))
    values[0], values[1] = (x, y), (side, side)
    values[2:] = (x, y)
    return values


def test_anchors_lie_evenly_in_the_square():
    places = anchors()
    assert places.shape == (2016, 2)
    assert places.mean(axis=0) == pytest.approx([96, 96])
    assert (places > 0).all()
    assert (places < 192).all()
    assert len(np.unique(places[:1152], axis=0)) == 24 * 24
    assert len(np.unique(places[1152:], axis=0)) == 12 * 12


def test_boxes_share_all_of_themselves_and_nothing_with_those_elsewhere():
    one = box(50, 50, 20)
    shares = overlap(one, np.stack([one, box(60, 50, 20), box(100, 50, 20)]))
    assert shares == pytest.approx([1, 1 / 3, 0])


def test_boxes_that_overlap_become_their_weighted_mean():
    palms = merged(np.stack([box(50, 50, 20), box(52, 50, 20), box(120, 50, 20)]), np.array([0.9, 0.3, 0.6]))
    assert [palm.score for palm in palms] == [0.9, 0.6]
    assert palms[0].box == pytest.approx([50.5, 50, 20, 20])
    assert palms[1].keypoints[0] == pytest.approx([120, 50])


@pytest.mark.parametrize("shape", [(192, 192), (180, 320), (320, 180)])
def test_a_box_of_the_square_is_told_in_pixels_of_the_picture(shape: tuple[int, int]):
    height, width = shape
    place = 1000  # an anchor inside
    seen = []

    def network(values: np.ndarray) -> list[np.ndarray]:
        seen.append(values)
        logits = np.full((1, 2016, 1), -9.0, np.float32)
        logits[0, place] = 9.0
        boxes = np.zeros((1, 2016, 18), np.float32)
        boxes[0, place, 2:4] = 12.0
        return [boxes, logits]

    (palm,) = PalmDetector(network, threshold=0.5).detect(np.full((height, width, 3), 255, np.uint8))
    scale = max(height, width) / 192
    corner = np.array([(192 - width / scale) / 2, (192 - height / scale) / 2])
    assert palm.box[:2] == pytest.approx((anchors()[place] - corner) * scale)
    assert palm.box[2:] == pytest.approx([12 * scale] * 2)
    assert palm.keypoints[0] == pytest.approx(palm.box[:2])
    assert seen[0].shape == (1, 192, 192, 3)
    assert seen[0].max() == 1


def test_a_picture_without_palms_has_none():
    nothing = [np.zeros((1, 2016, 18), np.float32), np.full((1, 2016, 1), -9.0, np.float32)]
    assert PalmDetector(lambda _: nothing, threshold=0.5).detect(np.zeros((90, 120, 3), np.uint8)) == []
