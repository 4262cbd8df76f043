"""Laws of a picture's regions."""

import cv2
import numpy as np

from daml.twins.regions import find_regions


def test_light_that_changes_slowly_and_thin_gaps_are_no_boundaries():
    picture = np.full((120, 160, 3), (180, 160, 140), np.float64) * np.linspace(0.7, 1.1, 160)[None, :, None]
    picture[60:62] *= 0.6  # a gap between boards
    regions = find_regions(picture.astype(np.uint8))
    assert regions.areas.max() > 0.95 * 120 * 160


def test_a_thing_is_a_region_of_its_own(scenery: np.ndarray):
    regions = find_regions(scenery)
    red, blue, table = regions.labels[144, 96], regions.labels[168, 208], regions.labels[220, 20]
    assert len({red, blue, table}) == 3
    assert abs(regions.areas[red] - 25**2) < 0.15 * 25**2
    difference, length = regions.differences[min(red, table), max(red, table)]
    assert difference > 16
    assert abs(length - 4 * 25) < 25


def test_every_pixel_is_in_one_region_and_sums_are_kept(scenery: np.ndarray):
    regions = find_regions(scenery)
    assert regions.labels.min() == 0
    assert regions.labels.max() == len(regions) - 1
    assert regions.areas.sum() == regions.labels.size
    values = np.random.default_rng(0).random(regions.labels.shape)
    np.testing.assert_allclose(regions.sums(values).sum(), values.sum())
    assert regions.union(set(range(len(regions)))).all()


def test_a_picture_of_one_colour_and_one_of_noise_have_regions():
    assert len(find_regions(np.full((30, 40, 3), 90, np.uint8))) == 1
    noise = np.random.default_rng(0).integers(0, 256, (30, 40, 3)).astype(np.uint8)
    assert find_regions(noise).areas.sum() == noise.shape[0] * noise.shape[1]


def test_a_picture_turned_by_half_has_about_the_same_regions(scenery: np.ndarray):
    turned = find_regions(np.asarray(cv2.rotate(scenery, cv2.ROTATE_180), np.uint8))
    again = find_regions(scenery)
    for row, column in ((144, 96), (168, 208)):
        one = again.areas[again.labels[row, column]]
        other = turned.areas[turned.labels[239 - row, 319 - column]]
        assert abs(int(one) - int(other)) < 0.1 * one
