import pytest
import torch

from daml.policies.vision.feature_map import N_CLASSES, N_EFFECTOR, N_LOCATORS, FeatureMap, grid

N_CHANNELS, HEIGHT, WIDTH = 4, 3, 5


@pytest.fixture
def maps() -> torch.Tensor:
    return torch.randn(2, N_CHANNELS + N_LOCATORS, HEIGHT, WIDTH, generator=torch.Generator().manual_seed(0))


def without_votes(maps: torch.Tensor) -> torch.Tensor:
    maps = maps.clone()
    maps[:, N_CHANNELS + N_CLASSES : -N_EFFECTOR] = 0
    maps[:, -2:] = 0
    return maps


def with_effector(maps: FeatureMap, *, at: int) -> FeatureMap:
    """Give one location all the score."""
    logits = torch.full_like(maps.effector_logits, -1e4)
    logits[:, at] = 0
    return maps._replace(effector_logits=logits)


def test_every_channel_has_its_meaning_at_every_location(maps: torch.Tensor):
    split = FeatureMap.split(maps)

    for row in range(HEIGHT):
        for column in range(WIDTH):
            here = torch.tensor([(column + 0.5) / WIDTH, (row + 0.5) / HEIGHT]) * 2 - 1
            features, classes, votes, effector, place = maps[:, :, row, column].split(
                [N_CHANNELS, N_CLASSES, 2 * N_CLASSES, 1, 2], 1
            )
            location = row * WIDTH + column
            assert torch.equal(split.features[:, location], features)
            assert torch.equal(split.class_logits[:, location], classes)
            assert torch.equal(split.effector_logits[:, location], effector[:, 0])
            torch.testing.assert_close(split.middles[:, location], here + votes.unflatten(1, (N_CLASSES, 2)))
            torch.testing.assert_close(split.effector_places[:, location], here + place)


def test_locations_are_the_middles_of_equal_cells_from_edge_to_edge():
    places = grid(2, 4, like=torch.zeros(1))

    assert places.tolist() == [[x, y] for y in (-0.5, 0.5) for x in (-0.75, -0.25, 0.25, 0.75)]


def test_the_memory_layout_changes_no_value(maps: torch.Tensor):
    in_channels_last = FeatureMap.split(maps.contiguous(memory_format=torch.channels_last))

    assert all(torch.equal(a, b) for a, b in zip(in_channels_last, FeatureMap.split(maps), strict=True))


def test_votes_of_zero_point_at_the_locations_themselves(maps: torch.Tensor):
    split = FeatureMap.split(without_votes(maps))

    here = grid(HEIGHT, WIDTH, like=maps).expand(2, -1, -1)
    assert torch.equal(split.middles, here[:, :, None].expand(-1, -1, N_CLASSES, -1))
    assert torch.equal(split.effector_places, here)


def test_the_effector_is_where_the_only_location_with_a_score_says(maps: torch.Tensor):
    split = FeatureMap.split(maps)

    landmarks = with_effector(split, at=7).landmarks()

    torch.testing.assert_close(landmarks.effector, split.effector_places[:, 7])
    torch.testing.assert_close(landmarks.effector_features, split.features[:, 7])


def test_without_scores_or_votes_the_effector_is_in_the_middle(maps: torch.Tensor):
    split = FeatureMap.split(without_votes(maps))

    landmarks = split._replace(effector_logits=torch.zeros_like(split.effector_logits)).landmarks()

    torch.testing.assert_close(landmarks.effector, torch.zeros(2, 2), atol=1e-6, rtol=0)
    torch.testing.assert_close(landmarks.effector_features, split.features.mean(1))


def test_where_all_locations_agree_the_scores_do_not_matter(maps: torch.Tensor):
    place = torch.tensor([0.31, -0.77])
    split = FeatureMap.split(maps)

    landmarks = split._replace(effector_places=place.expand_as(split.effector_places)).landmarks()

    torch.testing.assert_close(landmarks.effector, place.expand(2, -1))


def test_presence_is_one_for_a_twentieth_of_the_image_and_nothing_for_nothing():
    maps = torch.full((1, N_CHANNELS + N_LOCATORS, 10, 10), -50.0)
    maps[0, N_CHANNELS + 1, :1, :5] = 50.0

    torch.testing.assert_close(FeatureMap.split(maps).landmarks().presence, torch.tensor([[0.0, 1.0, 0.0]]))


def test_landmarks_of_an_image_do_not_depend_on_its_neighbours(maps: torch.Tensor):
    together, alone = FeatureMap.split(maps).landmarks(), FeatureMap.split(maps[1:]).landmarks()

    for whole, part in zip(together, alone, strict=True):
        torch.testing.assert_close(whole[1:], part)


def test_an_effector_whose_place_is_known_is_there_with_the_features_around_it(maps: torch.Tensor):
    split = FeatureMap.split(maps)
    here = grid(HEIGHT, WIDTH, like=maps)
    split = split._replace(features=here.expand(2, -1, -1))  # the feature of a place is where it is

    landmarks = split.landmarks(effector=torch.stack([here[3], torch.full((2,), torch.nan)]))

    assert torch.equal(landmarks.effector[0], here[3])
    assert (landmarks.effector_features[0] - here[3]).norm() < 0.1
    for known, found in zip(landmarks, split.landmarks(), strict=True):
        torch.testing.assert_close(known[1], found[1])
    assert torch.equal(landmarks.presence, split.landmarks().presence)
