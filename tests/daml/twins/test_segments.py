"""Laws of what stands out from the table."""

import cv2
import numpy as np
import pytest

from daml.twins.segments import Segment, brightened, colors_of, filled, find_segments


def table_without(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    table = np.ones((240, 320), np.bool_)
    for left, top, right, bottom in boxes:
        table[top:bottom, left:right] = False
    return table


def test_every_hole_of_the_table_is_a_segment_the_largest_first():
    small, large = find_segments(table_without((20, 20, 50, 60), (100, 100, 120, 120)))[::-1]
    np.testing.assert_allclose(large.box, [20 / 320, 20 / 240, 50 / 320, 60 / 240])
    np.testing.assert_allclose(small.place, [110 / 320, 110 / 240])
    assert large.area == pytest.approx(30 * 40, rel=0.02)


@pytest.mark.parametrize("box", [(20, 20, 22, 22), (20, 20, 200, 22), (1, 1, 319, 239)])
def test_specks_lines_and_rooms_are_no_segments(box: tuple[int, int, int, int]):
    assert find_segments(table_without(box)) == []


def test_what_a_thing_surrounds_is_part_of_it():
    table = table_without((100, 100, 160, 150))
    table[115:135, 115:145] = True
    (ring,) = find_segments(table)
    assert ring.mask[125, 130]


def test_a_thing_that_the_lower_edge_cuts_off_is_whole():
    table = table_without((180, 140, 290, 240))
    table[180:, 250:] = False
    (tray,) = find_segments(table)
    assert tray.mask[235, 270]


def test_without_a_table_there_are_no_segments():
    assert find_segments(np.zeros((20, 30), np.bool_)) == []


def test_an_outline_filled_is_the_mask_that_it_is_of():
    mask = np.zeros((100, 200), np.uint8)
    cv2.circle(mask, (120, 40), 20, 1, -1)
    segment = Segment(mask > 0)
    again = filled(segment.outline, (100, 200))
    assert (again ^ segment.mask).sum() < 0.05 * segment.area


def test_the_main_colour_covers_most_and_the_other_differs_most():
    picture = np.zeros((40, 40, 3), np.uint8)
    picture[:] = (200, 20, 20)
    picture[:10] = (20, 20, 200)
    main, accent = colors_of(picture, np.ones((40, 40), np.bool_))
    np.testing.assert_allclose(main, np.array([200, 20, 20]) / 255)
    np.testing.assert_allclose(accent, np.array([20, 20, 200]) / 255)


def test_a_dark_picture_is_brightened_and_a_bright_one_stays():
    dark, bright = np.full((20, 20, 3), 100, np.uint8), np.full((20, 20, 3), 240, np.uint8)
    assert brightened(dark).mean() > 150
    np.testing.assert_array_equal(brightened(bright), bright)
