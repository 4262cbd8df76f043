"""Fitting of a small network: Adam, one cycle of the learning rate, and observers that are told now and then."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from daml.schedule import is_due, one_cycle

Observer = Callable[[int, float], None]
"""Told the number of steps done and the loss."""


def fit(
    network: nn.Module,
    loss_of: Callable[[int], Tensor],
    *,
    rates: Sequence[float],
    told_every: int,
    max_gradient_norm: float | None = None,
    observers: Sequence[Observer] = (),
) -> None:
    """Descend a loss step by step; no gradient is left behind.

    Args:
        network: Changed in place.
        loss_of: Computes the loss of a step, whose number it is given.
        rates: Learning rate of each step.
        told_every: Steps between two that observers are told of.
        max_gradient_norm: Norm that gradients are clipped to; they are not when None.
        observers: Told of these steps and of the last one.
    """
    optimizer = torch.optim.Adam(network.parameters())
    for step, rate in enumerate(rates):
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = loss_of(step)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        if max_gradient_norm is not None:
            torch.nn.utils.clip_grad_norm_(network.parameters(), max_gradient_norm)
        optimizer.step()  # pyright: ignore[reportUnknownMemberType] - Adam's stub has no type for the closure
        if is_due(told_every, step + 1, steps=len(rates)):
            for observe in observers:
                observe(step + 1, loss.item())
    optimizer.zero_grad()


def one_cycle_rates(steps: int, *, peak: float, warmup_share: float) -> list[float]:
    """Return the learning rate of each step of a one-cycle schedule: see `schedule.one_cycle`."""
    return [one_cycle(step, steps=steps, peak=peak, warmup_share=warmup_share) for step in range(steps)]
