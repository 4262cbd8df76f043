import pytest
import torch

from daml.policies.head import PolicyConfig
from daml.policies.vision.deep_trunk import DeepTrunk
from daml.policies.vision.feature_map import N_LOCATORS
from daml.policies.vision.trunk import Trunk
from daml.policies.visuomotor import VisuomotorPolicy

N_CHANNELS = 16


@pytest.fixture
def trunk() -> DeepTrunk:
    torch.manual_seed(0)
    trunk = DeepTrunk((8, 8, 12, 16, N_CHANNELS))
    with torch.no_grad():
        trunk.locators.weight.normal_()
        trunk.locators.bias.normal_()
    return trunk


@pytest.mark.parametrize("size", [(64, 64), (48, 80), (63, 65)])
def test_the_map_is_a_quarter_of_the_image(trunk: DeepTrunk, size: tuple[int, int]):
    maps = trunk(torch.rand(2, 3, *size))
    assert maps.shape == (2, N_CHANNELS + N_LOCATORS, -(-size[0] // 4), -(-size[1] // 4))


@torch.no_grad()
def test_features_are_normalised_over_channels_and_locators_are_read_linearly_off_them(trunk: DeepTrunk):
    features, locators = trunk(torch.rand(2, 3, 32, 32)).split([N_CHANNELS, N_LOCATORS], dim=1)
    torch.testing.assert_close(features.mean(1), torch.zeros(2, 8, 8), atol=1e-5, rtol=0)
    torch.testing.assert_close(features.var(1, correction=0), torch.ones(2, 8, 8), atol=1e-2, rtol=0)
    expected = torch.einsum("nchw,lc->nlhw", features, trunk.locators.weight) + trunk.locators.bias[:, None, None]
    torch.testing.assert_close(locators, expected)


@torch.no_grad()
def test_each_location_knows_what_is_far_away(trunk: DeepTrunk):
    images = torch.rand(1, 3, 96, 96)
    other = images.clone()
    other[..., :8, :8] += 0.5
    assert (trunk(images)[..., -1, -1] != trunk(other)[..., -1, -1]).any()


@torch.no_grad()
def test_neighbours_in_the_batch_do_not_matter(trunk: DeepTrunk):
    images = torch.rand(3, 3, 32, 32)
    torch.testing.assert_close(trunk(images)[1:2], trunk(images[1:2]), atol=1e-4, rtol=1e-4)


def test_maps_are_float32_under_autocast(trunk: DeepTrunk):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert trunk(torch.rand(1, 3, 32, 32)).dtype == torch.float32


@pytest.mark.parametrize("channels", [(8, 8, 8, 8), (8, 8, 8, 8, 8, 8), (8, 0, 8, 8, 8)])
def test_impossible_channels_are_refused(channels: tuple[int, ...]):
    with pytest.raises(ValueError, match="channels: expected 5 positive numbers"):
        DeepTrunk(channels)


def test_five_channels_make_a_policy_with_a_deep_trunk():
    assert isinstance(VisuomotorPolicy(PolicyConfig(channels=(8, 8, 8, 8, 8))).trunk, DeepTrunk)
    assert isinstance(VisuomotorPolicy(PolicyConfig(channels=(8, 8, 8, 8))).trunk, Trunk)
