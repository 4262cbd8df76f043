"""Laws of finding what something was put onto."""

import cv2
import numpy as np
import pytest

from daml.demos.reading.destinations import destination_of
from daml.demos.reading.outlines import Outline


def outline(mask: np.ndarray) -> Outline:
    y, x = np.nonzero(mask)
    return Outline(mask > 0, np.array([x.mean(), y.mean()]))


def disc(place: tuple[int, int], radius: int = 8) -> Outline:
    mask = np.zeros((120, 160), np.uint8)
    cv2.circle(mask, place, radius, 1, -1)
    return outline(mask)


def table() -> np.ndarray:
    return np.full((120, 160, 3), 150, np.uint8)


def test_on_a_plate_it_is_the_middle_of_the_plate():
    plate = table()
    cv2.ellipse(plate, (100, 60), (28, 18), 0, 0, 360, (60, 90, 200), -1)
    for place in ((100, 60), (90, 55), (112, 64)):
        assert destination_of(disc(place), plate, stands=False) == pytest.approx([100, 60], abs=2)


def test_in_a_deep_basket_whose_walls_are_darker_than_its_floor_it_is_the_middle_all_the_same():
    basket = np.clip(table() + np.linspace(-60, 60, 160)[None, :, None] * np.ones((120, 1, 1)), 0, 255).astype(np.uint8)
    cv2.rectangle(basket, (70, 40), (118, 78), (70, 90, 100), -1)
    cv2.rectangle(basket, (75, 50), (113, 78), (88, 108, 118), -1)
    assert destination_of(disc((84, 66), radius=5), basket, stands=False) == pytest.approx([94, 59], abs=6)


def test_a_spot_of_a_table_that_grows_dark_towards_its_edge_is_no_plate():
    shaded = np.clip(table() * np.linspace(0.4, 1.6, 160)[None, :, None], 0, 255).astype(np.uint8)
    assert destination_of(disc((90, 55)), shaded, stands=False) == pytest.approx([90, 55], abs=0.5)


def test_on_the_bare_table_it_is_the_spot_itself():
    assert destination_of(disc((90, 55)), table(), stands=False) == pytest.approx([90, 55], abs=0.5)


def test_what_stands_upright_is_put_where_its_foot_is():
    mask = np.zeros((120, 160), np.uint8)
    mask[30:80, 70:84] = 1
    bottle = outline(mask)
    assert destination_of(bottle, table(), stands=False)[1] == pytest.approx(54.5, abs=0.5)
    assert 60 < destination_of(bottle, table(), stands=True)[1] < 80
