"""Fitting of a small network: Adam, one cycle of the learning rate, and observers that are told now and then."""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from daml.progress import Observer, Progress, report


def fit(
    network: nn.Module,
    loss_of: Callable[[int], Tensor],
    *,
    stage: str,
    rates: Sequence[float],
    report_every: int,
    max_gradient_norm: float | None = None,
    observers: Sequence[Observer] = (),
) -> None:
    """Descend a loss step by step; no gradient is left behind.

    Args:
        network: Changed in place.
        loss_of: Computes the loss of a step, whose number it is given.
        stage: What observers are told the work is.
        rates: Learning rate of each step.
        report_every: Steps between two that observers are told of.
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
        if is_due(report_every, step + 1, steps=len(rates)):
            report(observers, Progress(stage, step + 1, len(rates), {"loss": loss.item()}))
    optimizer.zero_grad()


def one_cycle_rates(steps: int, *, peak: float, warmup_share: float) -> list[float]:
    """Return the learning rate of each step of a one-cycle schedule: see `schedule.one_cycle`."""
    return [one_cycle(step, steps=steps, peak=peak, warmup_share=warmup_share) for step in range(steps)]


_FINAL_RATE_SHARE = 1e-2
"""The learning rate ends at this share of its peak."""


def one_cycle(step: int, *, steps: int, peak: float, warmup_share: float) -> float:
    """Compute the learning rate of a step: up from a tenth of the peak in a straight line, then down along a cosine.

    Args:
        step: Step number, from 0.
        steps: Number of steps.
        peak: Largest learning rate.
        warmup_share: Share of the steps in which the rate rises.

    Returns:
        Learning rate.
    """
    warmup = max(round(warmup_share * steps), 1)
    if step < warmup:
        return peak * (0.1 + 0.9 * step / warmup)
    progress = (step - warmup) / max(steps - warmup, 1)
    return peak * (_FINAL_RATE_SHARE + (1 - _FINAL_RATE_SHARE) * 0.5 * (1 + math.cos(math.pi * progress)))


def is_due(every: int, step: int, *, steps: int) -> bool:
    """Tell whether what happens every so many steps, and after the last of all `steps`, happens after a step."""
    return step % every == 0 or step == steps
