"""Laws of what stands out from the table."""

import cv2
import numpy as np
import pytest

from daml.twins.regions import find_regions
from daml.twins.segments import Segment, brightened, colors_of, filled, find_segments, outlined


def table_without(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    table = np.ones((240, 320), np.bool_)
    for left, top, right, bottom in boxes:
        table[top:bottom, left:right] = False
    return table


def segments_of(table: np.ndarray, picture: np.ndarray | None = None, item: np.ndarray | None = None) -> list[Segment]:
    """Find segments where all that is no table is dark."""
    drawn = np.where(table[..., None], np.uint8(200), np.uint8(40)).repeat(3, axis=2) if picture is None else picture
    known = np.zeros_like(table) if item is None else item
    return find_segments(table, find_regions(drawn), item=known)


def test_every_hole_of_the_table_is_a_segment_the_largest_first():
    small, large = segments_of(table_without((20, 20, 50, 60), (100, 100, 120, 120)))[::-1]
    np.testing.assert_allclose(large.box, [20 / 320, 20 / 240, 50 / 320, 60 / 240])
    np.testing.assert_allclose(small.place, [110 / 320, 110 / 240])
    assert large.area == pytest.approx(30 * 40, rel=0.02)


@pytest.mark.parametrize("box", [(20, 20, 22, 22), (20, 20, 200, 22), (1, 1, 319, 239)])
def test_specks_lines_and_rooms_are_no_segments(box: tuple[int, int, int, int]):
    assert segments_of(table_without(box)) == []


def test_what_a_thing_surrounds_is_part_of_it():
    table = table_without((100, 100, 160, 150))
    table[115:135, 115:145] = True
    (ring,) = segments_of(table)
    assert ring.mask[125, 130]


def test_a_thing_that_the_lower_edge_cuts_off_is_whole():
    table = table_without((180, 140, 290, 240))
    table[180:, 250:] = False
    (tray,) = segments_of(table)
    assert tray.mask[235, 270]


def test_what_is_known_is_no_segment():
    item = np.zeros((240, 320), np.bool_)
    item[20:60, 20:50] = True
    (other,) = segments_of(table_without((20, 20, 50, 60), (100, 100, 120, 120)), item=item)
    np.testing.assert_allclose(other.place, [110 / 320, 110 / 240])


def test_a_bottle_that_hides_the_wall_is_whole_and_a_person_behind_the_table_is_none():
    table = np.zeros((240, 320), np.bool_)
    table[80:] = True
    table[80:120, 100:124] = False
    picture = np.where(table[..., None], np.uint8(200), np.uint8(120)).repeat(3, axis=2)
    picture[40:120, 100:124] = (20, 90, 30)
    picture[20:80, 180:260] = (160, 40, 40)
    (bottle,) = segments_of(table, picture)
    np.testing.assert_allclose(bottle.box, [100 / 320, 40 / 240, 124 / 320, 120 / 240], atol=0.02)


def test_things_that_touch_are_parted_by_their_looks():
    table = table_without((100, 100, 140, 140), (140, 105, 180, 142))
    picture = np.where(table[..., None], np.uint8(200), np.uint8(40)).repeat(3, axis=2)
    picture[105:142, 140:180] = (200, 40, 40)
    left, right = sorted(segments_of(table, picture), key=lambda segment: float(segment.place[0]))
    np.testing.assert_allclose(left.box[2], 140 / 320, atol=0.02)
    np.testing.assert_allclose(right.box[0], 140 / 320, atol=0.02)


def test_without_a_table_there_are_no_segments():
    assert segments_of(np.zeros((20, 30), np.bool_)) == []


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


@pytest.mark.parametrize("outline", [np.zeros((0, 2)), np.full((1, 2), 0.5), np.full((5, 2), 0.5)])
@pytest.mark.parametrize("place", [(0.5, 0.5), (0.0, 1.0)])
def test_of_an_outline_that_is_a_point_a_spot_is_left(outline: np.ndarray, place: tuple[float, float]):
    mask = outlined(outline, place, (60, 80))
    y, x = (np.array(place)[::-1] * (59, 79)).astype(int)
    assert mask[y, x]
    assert mask.sum() >= 4
