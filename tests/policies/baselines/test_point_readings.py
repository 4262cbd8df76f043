import pytest
import torch

from daml.policies.baselines.point_readings import frame_size, point_size, read_points, read_video_points
from daml.policies.tensor_trees import index_tensors
from daml.policies.vision.feature_map import N_LOCATORS
from daml.policies.vision.feature_points import NEAR_RADII, FeaturePoints, nearness
from daml.policies.vision.seen_image import SeenImage


@pytest.fixture
def points() -> FeaturePoints:
    torch.manual_seed(0)
    return FeaturePoints(8, 3)


def draw_images(n: int) -> SeenImage:
    return SeenImage.of_maps(torch.randn(n, 8 + N_LOCATORS, 4, 4))


def test_clips_are_independent(points: FeaturePoints):
    now, first, later = draw_images(6), draw_images(2), slice(3, None)

    together = read_points(points, now, first)
    second_alone = read_points(points, index_tensors(now, later), index_tensors(first, slice(1, None)))

    torch.testing.assert_close(index_tensors(together, later), second_alone)


def test_the_first_frame_of_a_video_is_its_clips_first(points: FeaturePoints):
    video = draw_images(6)

    expected = read_points(points, video, index_tensors(video, slice(1)))

    torch.testing.assert_close(read_video_points(points, video), expected, atol=0, rtol=0)


def test_places_are_those_of_the_points_and_what_the_effector_is_near(points: FeaturePoints):
    now, first = draw_images(4), draw_images(1)

    places = read_points(points, now, first).places

    torch.testing.assert_close(places[..., :2].flatten(1), points(now))
    torch.testing.assert_close(places[..., 2:4].flatten(1), points(first).expand(4, -1))
    near = nearness(points.attend(first).weights, first.middles, now.landmarks.effector[None])[0]
    for i in range(len(NEAR_RADII)):
        torch.testing.assert_close(places[..., 4 + i], near[:, 3 * i : 3 * i + 3])


def test_features_are_those_looked_at_in_the_first_frame(points: FeaturePoints):
    first = draw_images(2)

    features = read_points(points, draw_images(4), first).features

    torch.testing.assert_close(features, (points.attend(first).weights @ first.features).repeat_interleave(2, dim=0))


def test_by_frame_tells_all_but_the_looks_and_by_point_the_looks_too(points: FeaturePoints):
    seen = read_points(points, draw_images(4), draw_images(2))

    by_frame, by_point = seen.by_frame(), seen.by_point()

    assert by_frame.shape == (4, frame_size(8, 3))
    assert by_point.shape == (4, 3, point_size(8))
    assert torch.isin(seen.places, by_frame).all()
    assert torch.isin(seen.effector, by_frame).all()
    assert not torch.isin(seen.features, by_frame).any()
    assert all(torch.isin(value, by_point).all() for value in seen)
