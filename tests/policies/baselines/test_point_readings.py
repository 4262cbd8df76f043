import pytest
import torch

from daml.policies.baselines.point_readings import PointReadings, frame_size, point_size, read_points
from daml.policies.vision.feature_map import N_LOCATORS, split_feature_map
from daml.policies.vision.feature_points import NEAR_RADII, FeaturePoints, nearness


@pytest.fixture
def points() -> FeaturePoints:
    torch.manual_seed(0)
    return FeaturePoints(8, 3)


def draw_maps(n: int) -> torch.Tensor:
    return torch.randn(n, 8 + N_LOCATORS, 4, 4)


def see(points: FeaturePoints, now: torch.Tensor, first: torch.Tensor) -> PointReadings:
    return read_points(points, split_feature_map(now), split_feature_map(first))


def test_clips_are_independent(points: FeaturePoints):
    now, first = draw_maps(6), draw_maps(2)

    together, second_alone = see(points, now, first), see(points, now[3:], first[1:])

    for whole, part in zip(together, second_alone, strict=True):
        torch.testing.assert_close(whole[3:], part)


def test_places_are_those_of_the_points_and_what_the_effector_is_near(points: FeaturePoints):
    now, first = draw_maps(4), draw_maps(1)
    maps, maps_first = split_feature_map(now), split_feature_map(first)

    places = see(points, now, first).places

    torch.testing.assert_close(places[..., :2].flatten(1), points(maps))
    torch.testing.assert_close(places[..., 2:4].flatten(1), points(maps_first).expand(4, -1))
    near = nearness(points.attend(maps_first).weights, maps_first.middles, maps.landmarks().effector[None])[0]
    for i in range(len(NEAR_RADII)):
        torch.testing.assert_close(places[..., 4 + i], near[:, 3 * i : 3 * i + 3])


def test_features_are_those_looked_at_in_the_first_frame(points: FeaturePoints):
    first = draw_maps(2)
    maps = split_feature_map(first)

    features = see(points, draw_maps(4), first).features

    torch.testing.assert_close(features, (points.attend(maps).weights @ maps.features).repeat_interleave(2, dim=0))


def test_by_frame_tells_all_but_the_looks_and_by_point_the_looks_too(points: FeaturePoints):
    seen = see(points, draw_maps(4), draw_maps(2))

    by_frame, by_point = seen.by_frame(), seen.by_point()

    assert by_frame.shape == (4, frame_size(8, 3))
    assert by_point.shape == (4, 3, point_size(8))
    assert torch.isin(seen.places, by_frame).all()
    assert torch.isin(seen.effector, by_frame).all()
    assert not torch.isin(seen.features, by_frame).any()
    assert all(torch.isin(value, by_point).all() for value in seen)
