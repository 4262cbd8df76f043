"""Laws of the clean first frame and of the crop."""

import numpy as np
import pytest

from daml.demos import read_steps


def test_the_clean_first_frame_shows_the_item_and_no_hand(stage):
    shown = stage(rest=(110.0, 60.0))
    film, hands = shown.film()
    reading = read_steps(film, hands)
    clean = reading.clean_first_frame.astype(int)
    bare = stage().table().astype(int)
    x, y = (int(v) for v in shown.item)
    assert clean[y, x, 0] - clean[y, x, 1:].max() > 80
    hand = np.s_[50:75, 115:150]
    assert np.abs(clean[hand] - bare[hand]).mean() < 0.5 * np.abs(film.frames[0][hand].astype(int) - bare[hand]).mean()


@pytest.mark.parametrize("item", [(30.0, 40.0), (70.0, 130.0), (128.0, 160.0)])
def test_the_crop_is_a_square_that_holds_item_and_destination(stage, item: tuple[float, float]):
    shown = stage(item=item)
    left, top, right, bottom = read_steps(*shown.film()).crop
    assert 0 <= left < right <= 1
    assert 0 <= top < bottom <= 1
    assert (right - left) * 256 == pytest.approx((bottom - top) * 192, abs=1e-6)
    for x, y in (shown.item, shown.destination):
        assert left < x / 256 < right
        assert top < y / 192 < bottom
