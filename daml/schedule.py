"""What changes over the steps of a run: the learning rate, and what is done every so many steps."""

import math

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
