"""Laws of outlining what was taken away and put down."""

import cv2
import numpy as np
import pytest

from daml.demos.reading.outlines import appearance, connected_parts, outline_change, outline_put

TRUST = np.ones((120, 160), np.float32)


def table(*discs: tuple[int, int], radius: int = 12) -> np.ndarray:
    picture = np.full((120, 160, 3), 150, np.uint8)
    for disc in discs:
        cv2.circle(picture, disc, radius, (220, 40, 40), -1)
    return picture


def outlined(before: np.ndarray, after: np.ndarray, *places: tuple[int, int]):
    one, two = (np.array(place, np.float64) for place in places)
    return outline_change(before, after, trust=TRUST, places=(one, two), unit=120.0, noise=20.0)


@pytest.mark.parametrize("put", [(110, 60), (70, 95), (62, 60)])
def test_both_are_outlined_where_they_are_even_when_they_overlap(put: tuple[int, int]):
    item, other = outlined(table((45, 60)), table(put), (45, 60), put)
    assert item.center == pytest.approx([45, 60], abs=2.5)
    assert other.center == pytest.approx(put, abs=2.5)
    assert item.area == pytest.approx(np.pi * 12**2, rel=0.25)


def test_a_place_named_roughly_does():
    item, other = outlined(table((45, 60)), table((110, 60)), (40, 52), (118, 64))
    assert item.center == pytest.approx([45, 60], abs=2)
    assert other.center == pytest.approx([110, 60], abs=2)


def test_an_item_that_hides_what_stands_out_more_than_itself_is_outlined_as_a_whole():
    before, after = (np.full((120, 160, 3), 150, np.uint8) for _ in range(2))
    for picture in (before, after):
        cv2.rectangle(picture, (92, 64), (128, 84), (40, 30, 20), -1)  # a dark coaster
    cv2.circle(before, (45, 60), 12, (185, 185, 185), -1)
    cv2.circle(after, (110, 66), 12, (185, 185, 185), -1)
    places = (np.array([45.0, 60.0]), np.array([110.0, 66.0]))
    surely = outline_change(before, after, trust=TRUST, places=places, unit=120.0, noise=20.0)
    whole = outline_change(before, after, trust=TRUST, places=places, unit=120.0, noise=20.0, whole_within=0.6)
    assert surely[1].area < whole[1].area
    assert whole[1].area == pytest.approx(np.pi * 12**2, rel=0.2)
    assert whole[1].center == pytest.approx([110, 66], abs=2)


@pytest.mark.parametrize("noise", [5.0, 20.0])
def test_only_what_changed_more_than_the_noise_is_outlined(noise: float):
    before, after = (np.full((120, 160, 3), 150, np.uint8) for _ in range(2))
    cv2.circle(before, (45, 60), 12, (165, 165, 165), -1)
    cv2.circle(after, (110, 60), 12, (165, 165, 165), -1)
    places = (np.array([45.0, 60.0]), np.array([110.0, 60.0]))
    found = outline_change(before, after, trust=TRUST, places=places, unit=120.0, noise=noise)
    assert (found is None) == (noise > 15)


def test_where_nothing_changed_nothing_is_outlined():
    assert outlined(table((45, 60)), table((45, 60)), (45, 60), (110, 60)) is None
    assert outlined(table((45, 60)), table(), (45, 60), (110, 60)) is None


def test_what_is_not_to_be_trusted_is_no_change():
    trust = TRUST.copy()
    trust[:, 90:] = 0
    assert (
        outline_change(
            table((45, 60)),
            table((110, 60)),
            trust=trust,
            places=(np.array([45.0, 60]), np.array([110.0, 60])),
            unit=120.0,
            noise=20.0,
        )
        is None
    )


def test_parts_that_touch_at_a_corner_are_connected():
    mask = np.zeros((4, 4), np.uint8)
    mask[0, 0] = mask[1, 1] = mask[3, 3] = 1
    parts = connected_parts(mask)
    assert parts[0, 0] == parts[1, 1] != parts[3, 3] > 0


@pytest.mark.parametrize("radius", [6, 12, 20])
def test_what_was_put_down_is_outlined_and_what_was_taken_away_is_not(radius: int):
    empty, full = table(), table((60, 60), radius=radius)
    asked = {"trust": TRUST, "place": np.array([62.0, 58.0]), "unit": 120.0, "noise": 20.0}
    put = outline_put(empty, full, **asked)
    assert put is not None
    assert put.center == pytest.approx([60, 60], abs=2)
    assert outline_put(full, empty, **asked) is None


def test_nothing_is_outlined_where_nothing_changed():
    assert outline_put(table(), table(), trust=TRUST, place=np.array([60.0, 60.0]), unit=120.0, noise=20.0) is None


def test_what_appears_one_way_disappears_the_other():
    empty, full = table(), table((60, 60))
    mask = np.abs(full.astype(int) - empty).max(axis=2) > 20
    assert appearance(empty, full, mask) > 1 > appearance(full, empty, mask)
