"""Intervals around success rates."""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.stats import binomtest

CONFIDENCE = 0.95
"""Confidence of every interval that is reported."""

_N_RESAMPLES = 5000


def wilson_interval(n_successes: int, n_trials: int) -> tuple[float, float]:
    """Compute the Wilson score interval of a success rate.

    Args:
        n_successes: Successes.
        n_trials: Trials; at least 1.

    Returns:
        Lower and upper bound, in [0, 1].

    Raises:
        ValueError: There are no trials, or more successes than trials.

    References:
        Wilson (1927), "Probable inference, the law of succession, and statistical inference".
    """
    if n_trials < 1:
        raise ValueError(f"n_trials: expected at least 1, got {n_trials}")
    interval = binomtest(n_successes, n_trials).proportion_ci(confidence_level=CONFIDENCE, method="wilson")
    return float(interval.low), float(interval.high)


def bootstrap_over_tasks(successes: Mapping[str, Sequence[bool]], *, seed: int = 0) -> tuple[float, float]:
    """Compute a percentile bootstrap interval of the success rate, drawing whole tasks.

    Rollouts of one task share its objects and are not independent; tasks are.

    Args:
        successes: Outcomes of the rollouts of each task; at least one task.
        seed: Seed of the resampling.

    Returns:
        Lower and upper bound, in [0, 1].

    Raises:
        ValueError: There are no tasks.
    """
    if not successes:
        raise ValueError("successes: expected at least one task, got none")
    won = np.array([sum(outcomes) for outcomes in successes.values()], dtype=np.float64)
    tried = np.array([len(outcomes) for outcomes in successes.values()], dtype=np.float64)
    drawn = np.random.default_rng(seed).integers(len(won), size=(_N_RESAMPLES, len(won)))
    rates = won[drawn].sum(axis=1) / tried[drawn].sum(axis=1)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(rates, [tail, 1 - tail])
    return float(low), float(high)
