import pytest
import torch

from daml.policies.tensor_trees import index_tensors
from daml.policies.vision.feature_map import N_CLASSES, N_LOCATORS, FeatureMap
from daml.policies.vision.seen_image import N_SHOWN, SHOWN_SHARE, SeenImage

N_CHANNELS, HEIGHT, WIDTH = 4, 3, 5
PER_LOCATION = ("features", "class_logits", "middles")
"""Fields that tell of each location."""


@pytest.fixture
def maps() -> torch.Tensor:
    return torch.randn(2, N_CHANNELS + N_LOCATORS, HEIGHT, WIDTH, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """Let no more than four locations be kept."""
    monkeypatch.setattr("daml.policies.vision.seen_image.N_SHOWN", 4)
    return 4


def test_only_the_locations_that_show_things_are_kept(few: int, maps: torch.Tensor):
    whole, seen = FeatureMap.split(maps), SeenImage.of_maps(maps)

    scores = whole.class_logits.amax(-1)
    for number in range(len(maps)):
        best = sorted(scores[number].argsort(descending=True)[:few].tolist())
        order = seen.class_logits[number].amax(-1).argsort()
        expected = scores[number][best].argsort()
        for name in PER_LOCATION:
            kept, everywhere = getattr(seen, name)[number], getattr(whole, name)[number]
            assert torch.equal(kept[order], everywhere[best][expected])


def test_where_there_are_few_locations_all_are_kept(maps: torch.Tensor):
    whole, seen = FeatureMap.split(maps), SeenImage.of_maps(maps)

    for name in PER_LOCATION:
        assert torch.equal(getattr(seen, name), getattr(whole, name))


@pytest.mark.parametrize(("side", "n_kept"), [(24, N_SHOWN), (48, int(SHOWN_SHARE * 48**2))])
def test_of_a_finer_map_more_locations_are_kept(side: int, n_kept: int):
    seen = SeenImage.of_maps(torch.randn(1, N_CHANNELS + N_LOCATORS, side, side))

    assert seen.features.shape == (1, n_kept, N_CHANNELS)
    assert seen.class_logits.shape == (1, n_kept, N_CLASSES)
    assert seen.middles.shape == (1, n_kept, N_CLASSES, 2)


@pytest.mark.usefixtures("few")
def test_the_landmarks_are_those_of_the_whole_map(maps: torch.Tensor):
    for told, known in zip(FeatureMap.split(maps).landmarks(), SeenImage.of_maps(maps).landmarks, strict=True):
        assert torch.equal(told, known)


@pytest.mark.usefixtures("few")
def test_what_is_seen_of_an_image_does_not_depend_on_its_neighbours(maps: torch.Tensor):
    together, alone = SeenImage.of_maps(maps), SeenImage.of_maps(maps[1:])

    torch.testing.assert_close(index_tensors(together, slice(1, None)), alone)
