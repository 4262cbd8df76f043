"""Laws of what is recognised on the table."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from daml.demos import Reading
from daml.twins.recognition import recognize


def test_item_destination_and_the_other_thing_are_told_apart(reading: Reading):
    sights = recognize(reading)
    np.testing.assert_allclose(sights.item.segment.place, (0.3, 0.6), atol=0.02)
    assert sights.item.role == "item"
    assert sights.destination is not None
    np.testing.assert_allclose(sights.destination.segment.place, (0.65, 0.7), atol=0.02)
    assert sights.destination.role == "flat"
    (other,) = sights.others
    np.testing.assert_allclose(other.segment.place, (0.5, 0.4), atol=0.02)
    assert other.role == "item"


@pytest.mark.parametrize("shape", ["bowl", "sheet"])
def test_a_destination_is_what_it_looks_like(shape: str, bare_table: np.ndarray, make_reading: Callable[..., Reading]):
    picture = bare_table.copy()
    picture[132:156, 84:108] = (190, 30, 30)
    if shape == "sheet":
        picture[140:192, 180:236] = (40, 70, 200)
    else:
        rim = cv2.ellipse2Poly((208, 160), (34, 20), 0, 0, 360, 5)
        foot = cv2.ellipse2Poly((208, 184), (18, 10), 0, 0, 360, 5)
        cv2.fillConvexPoly(picture, cv2.convexHull(np.concatenate([rim, foot])), (40, 70, 200))
    destination = recognize(make_reading(picture, (0.3, 0.6), (0.65, 0.7))).destination
    assert destination is not None
    assert destination.role == {"bowl": "container", "sheet": "flat"}[shape]
    pushed = recognize(make_reading(picture, (0.3, 0.6), (0.65, 0.7), kind="push")).destination
    assert pushed is not None
    assert pushed.role == "flat"


def test_an_item_put_on_the_bare_table_has_no_destination(scenery: np.ndarray, make_reading: Callable[..., Reading]):
    assert recognize(make_reading(scenery, (0.3, 0.6), (0.15, 0.85))).destination is None


def test_where_nothing_stands_out_the_item_is_what_was_read(
    bare_table: np.ndarray, make_reading: Callable[..., Reading]
):
    sights = recognize(make_reading(bare_table, (0.3, 0.6), (0.65, 0.7)))
    np.testing.assert_allclose(sights.item.segment.place, (0.3, 0.6), atol=0.02)
    assert sights.others == ()


def test_the_other_plate_is_flat(scenery: np.ndarray, make_reading: Callable[..., Reading]):
    sights = recognize(make_reading(scenery, (0.3, 0.6), (0.15, 0.85)))
    assert {(sight.role, round(float(sight.segment.place[0]), 1)) for sight in sights.others} == {
        ("flat", 0.7),
        ("item", 0.5),
    }


def test_there_is_no_step_beyond_the_last(reading: Reading):
    with pytest.raises(IndexError):
        recognize(reading, step=1)


def test_a_shadow_and_a_crumb_are_no_things(scenery: np.ndarray, make_reading: Callable[..., Reading]):
    picture = scenery.copy()
    picture[200:225, 60:100] = (picture[200:225, 60:100] * 0.8).astype(np.uint8)
    picture[210:216, 150:156] = (20, 120, 20)
    (other,) = recognize(make_reading(picture, (0.3, 0.6), (0.65, 0.7))).others
    np.testing.assert_allclose(other.segment.place, (0.5, 0.4), atol=0.02)


def test_of_an_item_that_touches_its_destination_the_two_are_told_apart(
    bare_table: np.ndarray, make_reading: Callable[..., Reading]
):
    picture = bare_table.copy()
    picture[140:180, 140:220] = (40, 70, 200)
    picture[150:174, 116:140] = (190, 30, 30)
    sights = recognize(make_reading(picture, (128 / 320, 162 / 240), (180 / 320, 160 / 240)))
    assert sights.destination is not None
    np.testing.assert_allclose(sights.item.segment.place, (128 / 320, 162 / 240), atol=0.02)
    np.testing.assert_allclose(sights.destination.segment.place, (180 / 320, 160 / 240), atol=0.03)


def test_a_large_thing_with_bays_is_an_item(bare_table: np.ndarray, make_reading: Callable[..., Reading]):
    picture = bare_table.copy()
    picture[132:156, 84:108] = (190, 30, 30)
    picture[30:90, 180:196] = (30, 120, 40)  # an L, four times as large as the item
    picture[74:90, 180:240] = (30, 120, 40)
    (other,) = recognize(make_reading(picture, (0.3, 0.6), (0.15, 0.85))).others
    assert other.segment.area > 2 * 24**2
    assert other.role == "item"
