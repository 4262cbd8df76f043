import pytest
import torch

from daml.policies.vision.feature_map import N_EFFECTOR, N_LOCATORS
from daml.policies.vision.trunk import Trunk

N_CHANNELS = 16


@pytest.fixture
def trunk() -> Trunk:
    torch.manual_seed(0)
    trunk = Trunk((8, 8, 16, N_CHANNELS))
    with torch.no_grad():
        trunk.locators.weight.normal_()
        trunk.locators.bias.normal_()
    return trunk


@pytest.mark.parametrize("size", [(64, 64), (48, 80), (63, 65)])
def test_the_map_is_a_quarter_of_the_image(trunk: Trunk, size: tuple[int, int]):
    maps = trunk(torch.rand(2, 3, *size))

    assert maps.shape == (2, N_CHANNELS + N_LOCATORS, -(-size[0] // 4), -(-size[1] // 4))


def test_features_are_normalised_over_channels(trunk: Trunk):
    features = trunk(torch.rand(2, 3, 32, 32))[:, :N_CHANNELS]

    torch.testing.assert_close(features.mean(1), torch.zeros(2, 8, 8), atol=1e-5, rtol=0)
    torch.testing.assert_close(features.var(1, correction=0), torch.ones(2, 8, 8), atol=1e-2, rtol=0)


def test_locators_are_read_linearly_off_the_features(trunk: Trunk):
    maps = trunk(torch.rand(2, 3, 32, 32))
    features, locators = maps.split([N_CHANNELS, N_LOCATORS], dim=1)

    expected = torch.einsum("nchw,lc->nlhw", features, trunk.locators.weight) + trunk.locators.bias[:, None, None]
    torch.testing.assert_close(locators, expected)


@torch.no_grad()
def test_only_the_effector_is_looked_for_in_the_surroundings(trunk: Trunk):
    images = torch.rand(2, 3, 32, 32)
    before = trunk(images)
    trunk.surroundings[-1].weight.normal_()

    unchanged = trunk(images) == before

    assert unchanged[:, :-N_EFFECTOR].all()
    assert not unchanged[:, -N_EFFECTOR:].any()


@torch.no_grad()
def test_the_effector_is_found_by_what_is_far_away(trunk: Trunk):
    trunk.surroundings[-1].weight.normal_()
    images = torch.rand(1, 3, 96, 96)
    other = images.clone()
    other[..., :8, :8] += 0.5

    change = (trunk(other) - trunk(images))[0, :, 10, 10].abs()  # 30 pixels away

    assert change[-N_EFFECTOR:].max() > 10 * change[:N_CHANNELS].max() > 0  # normalisation alone sees all of an image


def test_before_pretraining_nothing_is_located():
    locators = Trunk((8, 8, 16, N_CHANNELS))(torch.rand(2, 3, 32, 32))[:, N_CHANNELS:]

    assert torch.equal(locators, torch.zeros(2, N_LOCATORS, 8, 8))


def test_an_image_does_not_depend_on_its_neighbours_in_the_batch(trunk: Trunk):
    images = torch.rand(3, 3, 32, 32)

    torch.testing.assert_close(trunk(images)[1:2], trunk(images[1:2]), atol=1e-4, rtol=1e-4)


def test_the_memory_layout_changes_no_value(trunk: Trunk):
    images = torch.rand(2, 3, 32, 32)

    in_channels_last = trunk(images.contiguous(memory_format=torch.channels_last))

    torch.testing.assert_close(in_channels_last, trunk(images), atol=1e-4, rtol=1e-4)


def test_maps_are_float32_under_autocast(trunk: Trunk):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert trunk(torch.rand(1, 3, 32, 32)).dtype == torch.float32


@pytest.mark.parametrize("channels", [(8, 8, 8), (8, 0, 8, 8)])
def test_impossible_channels_are_refused(channels: tuple[int, ...]):
    with pytest.raises(ValueError, match="channels: expected"):
        Trunk(channels)
