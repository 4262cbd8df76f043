import pytest
import torch

from policies.trunk import Trunk


@pytest.fixture
def trunk() -> Trunk:
    return Trunk((8, 8, 16, 16))


@pytest.mark.parametrize("size", [(64, 64), (48, 80), (63, 65)])
def test_the_map_is_a_quarter_of_the_image(trunk: Trunk, size: tuple[int, int]):
    features = trunk(torch.rand(2, 3, *size))

    assert features.shape == (2, 16, -(-size[0] // 4), -(-size[1] // 4))


def test_features_are_normalised_over_channels(trunk: Trunk):
    features = trunk(torch.rand(2, 3, 32, 32))

    torch.testing.assert_close(features.mean(1), torch.zeros(2, 8, 8), atol=1e-5, rtol=0)
    torch.testing.assert_close(features.var(1, correction=0), torch.ones(2, 8, 8), atol=1e-2, rtol=0)


def test_an_image_does_not_depend_on_its_neighbours_in_the_batch(trunk: Trunk):
    images = torch.rand(3, 3, 32, 32)

    torch.testing.assert_close(trunk(images)[1:2], trunk(images[1:2]), atol=1e-5, rtol=1e-4)


def test_the_memory_layout_changes_no_value(trunk: Trunk):
    images = torch.rand(2, 3, 32, 32)

    in_channels_last = trunk(images.contiguous(memory_format=torch.channels_last))

    torch.testing.assert_close(in_channels_last, trunk(images), atol=1e-5, rtol=1e-4)


def test_features_are_float32_under_autocast(trunk: Trunk):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert trunk(torch.rand(1, 3, 32, 32)).dtype == torch.float32


@pytest.mark.parametrize("channels", [(8, 8, 8), (8, 0, 8, 8)])
def test_impossible_channels_are_refused(channels: tuple[int, ...]):
    with pytest.raises(ValueError, match="channels: expected"):
        Trunk(channels)
