import pytest
import torch
from torch.nn import functional

from daml.temporal_loss import TemporalLoss, TemporalLossConfig, n_activations, stack_activations
from policies.visuomotor import PolicyConfig, VisuomotorHead

DEEP = TemporalLossConfig(n_outputs=3, hidden_filters=(8, 6))
SHALLOW = TemporalLossConfig(n_outputs=3)


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


@pytest.mark.parametrize(
    ("config", "expected"),
    [(SHALLOW, 5), (DEEP, 13), (TemporalLossConfig(kernel_size=1), 1), (TemporalLossConfig(kernel_size=3), 3)],
)
def test_the_receptive_field_is_the_shortest_video(config: TemporalLossConfig, expected: int):
    loss = TemporalLoss(4, config)

    assert loss.receptive_field == expected
    assert loss(torch.randn(expected, 4)).isfinite()


@pytest.mark.parametrize("config", [SHALLOW, DEEP])
def test_every_frame_within_the_receptive_field_counts(config: TemporalLossConfig):
    loss = TemporalLoss(4, config)
    activations = torch.randn(loss.receptive_field, 4)
    for t in range(loss.receptive_field):
        changed = activations.clone()
        changed[t] += torch.randn(4)
        assert loss(changed) != loss(activations)


@pytest.mark.parametrize("config", [SHALLOW, DEEP])
def test_windows_and_products_are_convolutions(config: TemporalLossConfig):
    loss = TemporalLoss(4, config)
    activations = torch.randn(16, 4)

    def convolve(values: torch.Tensor, layer: torch.nn.Module) -> torch.Tensor:
        assert isinstance(layer, torch.nn.Linear)
        weight = layer.weight.unflatten(1, (5, -1)).transpose(1, 2)  # (filters, inputs, time)
        return functional.conv1d(values.T[None], weight, layer.bias)[0].T

    values = activations
    for layer, norm in zip(loss.hidden, loss.norms, strict=True):
        values = functional.relu(norm(convolve(values, layer)))
    expected = convolve(values, loss.output).square().sum(1).mean()

    torch.testing.assert_close(loss(activations), expected)


@pytest.mark.parametrize("config", [SHALLOW, DEEP])
def test_it_is_never_negative(config: TemporalLossConfig):
    loss = TemporalLoss(4, config)

    assert all(loss(torch.randn(16, 4)) >= 0 for _ in range(20))


@pytest.mark.parametrize("config", [SHALLOW, DEEP])
def test_the_order_of_frames_matters(config: TemporalLossConfig):
    loss = TemporalLoss(4, config)
    activations = torch.randn(16, 4)

    assert not torch.isclose(loss(activations), loss(activations.flip(0)))


def test_a_still_video_costs_the_same_at_any_length():
    loss = TemporalLoss(4, SHALLOW)
    frame = torch.randn(1, 4)

    torch.testing.assert_close(loss(frame.repeat(5, 1)), loss(frame.repeat(30, 1)))


def test_activations_hold_every_output_of_the_policy():
    config = PolicyConfig(channels=(8, 8, 8, 8), n_points=3, bias_size=5, hidden_size=16, readout_size=8)
    output = VisuomotorHead(8, config)(torch.randn(5, 8, 4, 4), torch.randn(1, 8, 4, 4), torch.zeros(5, 4))

    activations = stack_activations(output)

    assert activations.shape == (5, n_activations(config))
    assert all(torch.isin(value, activations).all() for value in output)
