import pytest
import torch
from torch.nn import functional

from daml.temporal_loss import (
    TemporalLoss,
    TemporalLossConfig,
    mean_squared_norm,
    n_activations,
    signed_mean,
    stack_activations,
)
from policies.visuomotor import PolicyConfig, VisuomotorHead


@pytest.mark.parametrize("kernel_size", [1, 3, 5])
def test_the_receptive_field_is_the_shortest_video(kernel_size: int):
    loss = TemporalLoss(4, TemporalLossConfig(n_filters=8, kernel_size=kernel_size))

    assert loss.receptive_field == 2 * kernel_size - 1
    assert loss(torch.randn(loss.receptive_field, 4)).isfinite()


def test_one_frame_within_the_receptive_field_changes_the_loss():
    loss = TemporalLoss(4, TemporalLossConfig(n_filters=8))
    activations = torch.randn(9, 4)
    for t in range(9):
        changed = activations.clone()
        changed[t] += 1
        assert loss(changed) != loss(activations)


def test_windows_and_products_are_a_convolution():
    loss = TemporalLoss(4, TemporalLossConfig(n_filters=8))
    activations = torch.randn(12, 4)

    values = activations
    for convolution, norm in zip(loss.convolutions, loss.norms, strict=True):
        weight = convolution.weight.reshape(8, 5, -1).transpose(1, 2)  # (filters, inputs, time)
        values = functional.relu(norm(functional.conv1d(values.T[None], weight, convolution.bias)[0].T))

    torch.testing.assert_close(loss(activations), loss.output(values).mean())


def test_the_order_of_frames_matters():
    loss = TemporalLoss(4, TemporalLossConfig(n_filters=8))
    activations = torch.randn(12, 4)

    assert not torch.isclose(loss(activations), loss(activations.flip(0)))


def test_the_squared_loss_is_never_negative():
    torch.manual_seed(0)
    values = torch.randn(7, 3)

    assert mean_squared_norm(values) == values.square().sum() / 7
    assert signed_mean(-values) == -signed_mean(values)
    assert TemporalLoss(4, TemporalLossConfig(output="squared"))(torch.randn(12, 4)) >= 0


def test_activations_hold_every_output_of_the_policy():
    config = PolicyConfig(channels=(8, 8, 8, 8), n_points=3, bias_size=5, hidden_size=16, readout_size=8)
    output = VisuomotorHead(8, config)(torch.randn(5, 8, 4, 4), torch.randn(1, 8, 4, 4), torch.zeros(5, 4))

    activations = stack_activations(output)

    assert activations.shape == (5, n_activations(config))
    assert all(torch.isin(value, activations).all() for value in output)
