"""Laws of the fitting of a small network."""

import pytest
import torch
from torch import Tensor, nn

from daml.optimization.fitting import fit, is_due, one_cycle, one_cycle_rates
from daml.progress import Progress


def squared(network: nn.Linear) -> Tensor:
    return (network.weight - 3).square().sum()


def create() -> nn.Linear:
    network = nn.Linear(2, 1, bias=False)
    nn.init.zeros_(network.weight)
    return network


def test_the_loss_is_descended_and_no_gradient_is_left():
    network = create()
    seen: list[Progress] = []
    rates = one_cycle_rates(50, peak=0.3, warmup_share=0.1)
    fit(network, lambda _: squared(network), stage="motor", rates=rates, report_every=20, observers=[seen.append])
    assert [progress[:3] for progress in seen] == [("motor", step, 50) for step in (20, 40, 50)]
    assert seen[-1].figures["loss"] < 0.1 * 18
    assert network.weight.grad is None


def test_each_step_has_its_number_and_its_rate():
    network = create()
    numbers: list[int] = []

    def loss_of(step: int) -> Tensor:
        numbers.append(step)
        return squared(network)

    fit(network, loss_of, stage="motor", rates=[0.0, 0.0, 0.5], report_every=1)
    assert numbers == [0, 1, 2]
    assert torch.allclose(network.weight, torch.full((1, 2), 0.5), atol=1e-2)  # Adam's step is its rate


@pytest.mark.parametrize("norm", [None, 1e-9])
def test_gradients_are_clipped_if_asked(norm: float | None):
    network = create()
    fit(network, lambda _: squared(network), stage="motor", rates=[0.5], report_every=1, max_gradient_norm=norm)
    # Beside its epsilon Adam hardly sees a gradient that small.
    assert (network.weight.detach().max() > 0.4) == (norm is None)


def test_the_learning_rate_rises_to_its_peak_and_falls():
    rates = [one_cycle(step, steps=100, peak=1.0, warmup_share=0.1) for step in range(100)]

    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[10] == pytest.approx(1.0)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 0.02


def test_a_run_of_one_step_has_a_rate():
    assert one_cycle(0, steps=1, peak=1.0, warmup_share=0.03) > 0


def test_what_is_done_every_so_many_steps_is_also_done_after_the_last():
    assert [step for step in range(1, 12) if is_due(4, step, steps=11)] == [4, 8, 11]
