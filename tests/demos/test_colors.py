"""Laws of comparing colours."""

import numpy as np
import pytest

from daml.demos.colors import color_distance, color_histogram, how_alike


@pytest.mark.parametrize("color", [(220, 40, 40), (20, 20, 20), (250, 250, 250), (30, 60, 230), (250, 240, 20)])
def test_a_color_is_like_itself_and_unlike_others(color: tuple[int, int, int]):
    mask, weight = np.ones((8, 8), bool), np.ones((8, 8))
    one = color_histogram(np.full((8, 8, 3), color, np.uint8), mask, weight)
    shade = color_histogram(np.clip(np.full((8, 8, 3), color) * 0.93, 0, 255).astype(np.uint8), mask, weight)
    other = color_histogram(np.full((8, 8, 3), (110, 130, 110), np.uint8), mask, weight)
    assert one.sum() == pytest.approx(1)
    assert how_alike(one, one) == pytest.approx(1)
    assert how_alike(one, shade) > 0.5
    assert how_alike(one, other) < 0.2


def test_the_distance_of_two_colors_is_that_of_the_channel_that_differs_most():
    one, other = np.array([[10, 200, 30], [0, 0, 0]], np.uint8), np.array([[12, 90, 35], [255, 0, 1]], np.uint8)
    assert color_distance(one, other).tolist() == [110, 255]
    assert color_distance(other, one).tolist() == [110, 255]
