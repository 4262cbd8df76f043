"""Laws of telling what has walls."""

import cv2
import numpy as np
import pytest

from daml.twins.segments import Segment
from daml.twins.walls import has_walls, outline_shares


def disc(*, width: int = 80, flatness: float = 0.55) -> np.ndarray:
    mask = np.zeros((200, 300), np.uint8)
    cv2.ellipse(mask, (150, 90), (width // 2, round(flatness * width / 2)), 0, 0, 360, 1, -1)
    return mask > 0


def bowl(*, width: int = 80, depth: int = 30) -> np.ndarray:
    mask = disc(width=width).astype(np.uint8)
    foot = cv2.ellipse(np.zeros_like(mask), (150, 90 + depth), (width // 3, round(0.55 * width / 3)), 0, 0, 360, 1, -1)
    rows, columns = np.nonzero(mask | foot)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.column_stack([columns, rows]).astype(np.int32)), 1)
    return mask > 0


@pytest.mark.parametrize("flatness", [0.35, 0.5, 0.65, 0.8])
def test_a_disc_is_flat_from_every_height_that_people_film_from(flatness: float):
    assert not has_walls(Segment(disc(flatness=flatness)))


@pytest.mark.parametrize("width", [50, 80, 120])
def test_what_is_widest_at_its_rim_has_walls(width: int):
    assert has_walls(Segment(bowl(width=width, depth=round(0.4 * width))))


def test_an_outline_that_is_cut_off_tells_nothing():
    assert has_walls(Segment(bowl()))
    assert not has_walls(Segment(bowl()[:120]))
    assert not has_walls(Segment(bowl()[:, 115:]))


def test_what_is_much_higher_than_wide_is_no_container():
    assert not has_walls(Segment(bowl(width=30, depth=70)))


def test_the_shares_do_not_depend_on_size_and_place():
    mask = bowl()
    double = cv2.resize(mask.astype(np.uint8), None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST) > 0
    np.testing.assert_allclose(outline_shares(Segment(double)), outline_shares(Segment(mask)), atol=0.03)
    np.testing.assert_allclose(outline_shares(Segment(np.roll(mask, 20, axis=1))), outline_shares(Segment(mask)))
