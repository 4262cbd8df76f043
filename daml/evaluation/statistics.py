"""Intervals around success rates, and tests of their differences."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

CONFIDENCE = 0.95
"""Confidence of every interval that is reported."""

_UPPER_QUANTILE = (1 + CONFIDENCE) / 2


def wilson_interval(n_successes: int, n_trials: int) -> tuple[float, float]:
    """Compute the Wilson score interval of a success rate.

    Args:
        n_successes: Successes.
        n_trials: Independent trials; at least 1.

    Returns:
        Lower and upper bound, in [0, 1].

    Raises:
        ValueError: There are no trials, or more successes than trials.

    References:
        Wilson (1927), "Probable inference, the law of succession, and statistical inference".
    """
    if n_trials < 1 or not 0 <= n_successes <= n_trials:
        raise ValueError(
            f"expected at least 1 trial and at most as many successes, got {n_successes} of {n_trials} trials"
        )
    return _wilson(n_successes / n_trials, n_trials)


def interval_over_tasks(successes: Mapping[str, Sequence[bool]]) -> tuple[float, float]:
    """Compute the Wilson interval of a success rate for as many trials as the rollouts of all tasks are worth.

    Rollouts of one task share its objects and are not independent; tasks are. The more the rates of tasks differ, the
    fewer independent trials the rollouts are worth: from all of them down to one for each task. With one rollout of
    each task it is Wilson's interval, and like that one it has a width even where all rollouts end alike. In
    simulations of 20 tasks with a rate of 0.97 and one or three rollouts it held the rate in 95 to 98 of 100 cases; a
    bootstrap over tasks did in 45 to 80.

    Args:
        successes: Outcomes of the rollouts of each task; at least one task, and at least one rollout of each.

    Returns:
        Lower and upper bound, in [0, 1].

    Raises:
        ValueError: There are no tasks.

    References:
        Korn and Graubard (1998), "Confidence intervals for proportions with small expected number of positive counts
        estimated from survey data": effective sample size and its degrees of freedom. Franco et al. (2019),
        "Comparative study of confidence intervals for proportions in complex sample surveys": with Wilson's interval.
    """
    if not successes:
        raise ValueError("successes: expected at least one task, got none")
    won = np.array([sum(outcomes) for outcomes in successes.values()], dtype=np.float64)
    tried = np.array([len(outcomes) for outcomes in successes.values()], dtype=np.float64)
    rate = float(won.sum() / tried.sum())
    return _wilson(rate, _effective_trials(won, tried))


def sign_flip_test(differences: Sequence[int]) -> float:
    """Test whether two methods that were judged on the same tasks succeed equally often: an exact test over tasks.

    If neither method is better, each task's difference is as likely to have one sign as the other. Rollouts of one task
    keep together. With one rollout of each task this is McNemar's exact test.

    Args:
        differences: Of each task, how many more of its rollouts the first method did than the second.

    Returns:
        Two-sided p-value: how often random signs would give a sum as far from 0; 1 where there are no differences.

    References:
        Fisher (1935), "The Design of Experiments", Sec. 21. McNemar (1947), "Note on the sampling error of the
        difference between correlated proportions or percentages".
    """
    largest = sum(abs(difference) for difference in differences)
    shares = np.zeros(2 * largest + 1)  # of all choices of signs, by their sum from -largest to largest
    shares[largest] = 1.0
    for difference in differences:
        shares = (np.roll(shares, difference) + np.roll(shares, -difference)) / 2
    sums = np.arange(-largest, largest + 1)
    return min(1.0, float(shares[np.abs(sums) >= abs(sum(differences))].sum()))


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


def _wilson(rate: float, n_trials: float) -> tuple[float, float]:
    """Compute Wilson's interval of a rate; the number of trials need not be whole."""
    z = float(ndtri(_UPPER_QUANTILE))
    shrinkage = 1 + z**2 / n_trials
    centre = (rate + z**2 / (2 * n_trials)) / shrinkage
    half_width = z / shrinkage * math.sqrt(rate * (1 - rate) / n_trials + (z / (2 * n_trials)) ** 2)
    # Rounding alone would take a bound past the rate, where that is 0 or 1.
    return min(rate, max(0.0, centre - half_width)), max(rate, min(1.0, centre + half_width))


def _effective_trials(won: NDArray[np.float64], tried: NDArray[np.float64]) -> float:
    """Return how many independent trials have a mean that varies as much as that of the rollouts of all tasks does."""
    n_tasks, n_rollouts = len(won), float(tried.sum())
    rate = won.sum() / n_rollouts
    if n_tasks == 1 or rate in (0.0, 1.0):  # nothing tells how much tasks differ
        return float(n_tasks)
    variance = n_tasks / (n_tasks - 1) * np.square(won - rate * tried).sum() / n_rollouts**2
    if variance == 0:
        return n_rollouts
    few_tasks = stdtrit(n_rollouts - 1, _UPPER_QUANTILE) / stdtrit(n_tasks - 1, _UPPER_QUANTILE)
    return float(np.clip(few_tasks**2 * rate * (1 - rate) / variance, n_tasks, n_rollouts))
