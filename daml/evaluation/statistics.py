"""Intervals around success rates, and tests of their differences."""

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


def mcnemar(only_first: int, only_second: int) -> float:
    """Test whether two methods that were judged on the same episodes succeed equally often: McNemar's exact test.

    Args:
        only_first: Episodes in which only the first one succeeded.
        only_second: Episodes in which only the second one did.

    Returns:
        Two-sided p-value: how often a fair coin would share these episodes out so unevenly; 1 where there are none.

    Raises:
        ValueError: A count is negative.

    References:
        McNemar (1947), "Note on the sampling error of the difference between correlated proportions or percentages".
    """
    if min(only_first, only_second) < 0:
        raise ValueError(f"expected counts of at least 0, got {only_first} and {only_second}")
    n_discordant = only_first + only_second
    return float(binomtest(only_first, n_discordant).pvalue) if n_discordant else 1.0


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values for their number, so that one below 0.05 among them comes by chance in at most 5 % of cases.

    Args:
        p_values: Of all tests that are looked at together.

    Returns:
        Adjusted ones, in the same order, none below what it was.

    References:
        Holm (1979), "A simple sequentially rejective multiple test procedure".
    """
    order = np.argsort(p_values)
    factors = np.arange(len(p_values), 0, -1)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(np.maximum.accumulate(factors * np.array(p_values)[order]), 1.0)
    return [float(value) for value in adjusted]


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
