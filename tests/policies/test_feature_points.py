import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.feature_points import FeaturePoints, expected_coordinates


@settings(deadline=None)  # the first call loads libraries
@given(row=st.integers(0, 6), column=st.integers(0, 8))
def test_soft_argmax_of_a_delta_is_its_coordinates(row: int, column: int):
    logits = torch.full((7, 9), -1e4)
    logits[row, column] = 0

    x, y = expected_coordinates(logits)

    torch.testing.assert_close(torch.stack([x, y]), torch.tensor([column / 8 * 2 - 1, row / 6 * 2 - 1]))


def test_soft_argmax_of_a_flat_map_is_the_centre():
    torch.testing.assert_close(expected_coordinates(torch.zeros(3, 5, 5)), torch.zeros(3, 2))


def test_soft_argmax_follows_a_shift():
    blob = torch.full((16, 16), -1e4)
    blob[4:7, 5:9] = torch.rand(3, 4, generator=torch.Generator().manual_seed(0))

    moved = expected_coordinates(blob.roll((3, 2), (0, 1))) - expected_coordinates(blob)

    torch.testing.assert_close(moved, torch.tensor([2 * 2 / 15, 3 * 2 / 15]))


def test_points_are_the_soft_argmax_of_the_projected_map():
    features = torch.randn(2, 8, 5, 6)
    module = FeaturePoints(8, 3)
    with torch.no_grad():
        module.log_temperature.fill_(-0.5)

    logits = torch.einsum("nchw,pc->nphw", features, module.weight) * 2.718281828**0.5

    torch.testing.assert_close(module(features), expected_coordinates(logits).flatten(1))


def test_points_are_drawn_to_what_they_favour():
    direction = torch.nn.functional.one_hot(torch.tensor(2), 8).float() * 30
    features = torch.zeros(1, 8, 5, 5)
    features[0, 2, 4, 1] = 1
    module = FeaturePoints(8, 3)
    module.favour(direction)

    torch.testing.assert_close(module(features), torch.tensor([[-0.5, 1.0] * 3]), atol=1e-3, rtol=0)


def test_a_lower_temperature_sharpens():
    features = torch.zeros(1, 1, 5, 5)
    features[0, 0, 0, 0] = 1
    module = FeaturePoints(1, 1)
    with torch.no_grad():
        module.weight.fill_(1.0)
        module.log_temperature.fill_(-5.0)

    torch.testing.assert_close(module(features), torch.tensor([[-1.0, -1.0]]), atol=1e-3, rtol=0)
