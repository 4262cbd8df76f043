"""Laws of the intervals."""

import operator
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from daml.evaluation.statistics import holm, interval_over_tasks, sign_flip_test, wilson_interval


@pytest.mark.parametrize(
    ("n_successes", "n_trials", "expected"),
    [(0, 10, (0.0, 0.2775)), (90, 100, (0.8256, 0.9448)), (1, 2, (0.0945, 0.9055))],
)
def test_wilson_known_values(n_successes: int, n_trials: int, expected: tuple[float, float]):
    assert wilson_interval(n_successes, n_trials) == pytest.approx(expected, abs=1e-4)


@given(st.integers(1, 300), st.data())
def test_wilson_holds_the_rate_and_mirrors_failures(n_trials: int, data: st.DataObject):
    n_successes = data.draw(st.integers(0, n_trials))
    low, high = wilson_interval(n_successes, n_trials)
    assert 0 <= low <= n_successes / n_trials <= high <= 1
    assert wilson_interval(n_trials - n_successes, n_trials) == pytest.approx((1 - high, 1 - low))


def test_wilson_narrows_with_more_trials():
    widths = [high - low for low, high in (wilson_interval(9 * n, 10 * n) for n in (1, 4, 16, 64))]
    assert widths == sorted(widths, reverse=True)


@pytest.mark.parametrize(("n_successes", "n_trials"), [(0, 0), (3, 2), (-1, 2)])
def test_wilson_refuses_impossible_counts(n_successes: int, n_trials: int):
    with pytest.raises(ValueError, match="at least 1 trial"):
        wilson_interval(n_successes, n_trials)


@given(st.lists(st.booleans(), min_size=1, max_size=200))
def test_with_one_rollout_a_task_the_interval_over_tasks_is_wilsons(outcomes: list[bool]):
    by_task = {str(task): [outcome] for task, outcome in enumerate(outcomes)}
    assert interval_over_tasks(by_task) == pytest.approx(wilson_interval(sum(outcomes), len(outcomes)))


@pytest.mark.parametrize("n_tasks", [1, 20])
@pytest.mark.parametrize("outcome", [True, False])
def test_rollouts_that_all_end_alike_tell_as_much_as_one_of_each_task(n_tasks: int, *, outcome: bool):
    by_task = {str(task): [outcome] * 5 for task in range(n_tasks)}
    assert interval_over_tasks(by_task) == pytest.approx(wilson_interval(n_tasks * outcome, n_tasks))


@given(st.lists(st.lists(st.booleans(), min_size=1, max_size=4), min_size=1, max_size=30))
def test_the_interval_over_tasks_holds_the_rate_and_is_never_a_point(rollouts: list[list[bool]]):
    low, high = interval_over_tasks({str(task): outcomes for task, outcomes in enumerate(rollouts)})
    outcomes = [outcome for of_task in rollouts for outcome in of_task]
    assert 0 <= low <= sum(outcomes) / len(outcomes) <= high <= 1
    assert high - low > 0.01


def test_tasks_of_equal_rates_are_worth_all_their_rollouts_and_tasks_of_one_outcome_one_each():
    mixed = interval_over_tasks({str(task): [True, False] for task in range(50)})
    pure = interval_over_tasks({str(task): [task % 2 == 0] * 2 for task in range(50)})
    assert mixed == pytest.approx(wilson_interval(50, 100))
    assert pure == pytest.approx(wilson_interval(25, 50), abs=0.005)


def test_rollouts_that_go_together_widen_it():
    alone = interval_over_tasks({str(task): [task % 2 == 0] for task in range(200)})
    together = interval_over_tasks({str(task): [task % 2 == 0] * 10 for task in range(20)})
    assert together[1] - together[0] > 2 * (alone[1] - alone[0])


def test_an_interval_over_tasks_holds_the_true_rate_in_nineteen_of_twenty_cases():
    rng = np.random.default_rng(0)
    n_held = 0
    for _ in range(400):
        rates = rng.beta(2.7, 0.3, size=30)
        low, high = interval_over_tasks({str(i): list(rng.random(4) < rate) for i, rate in enumerate(rates)})
        n_held += low <= 0.9 <= high
    assert 0.92 < n_held / 400 < 0.98


def test_no_tasks_are_refused():
    with pytest.raises(ValueError, match="at least one task"):
        interval_over_tasks({})


@given(st.lists(st.integers(-1, 1), max_size=60))
def test_with_one_rollout_a_task_sign_flips_are_mcnemars_exact_test(differences: list[int]):
    only_first, only_second = differences.count(1), differences.count(-1)
    n_discordant = only_first + only_second
    expected = binomtest(only_first, n_discordant).pvalue if n_discordant else 1.0
    assert sign_flip_test(differences) == pytest.approx(expected)


@given(st.lists(st.integers(-3, 3), max_size=9))
def test_sign_flips_count_every_choice_of_signs(differences: list[int]):
    sums = [sum(map(operator.mul, signs, differences)) for signs in product((1, -1), repeat=len(differences))]
    expected = sum(abs(value) >= abs(sum(differences)) for value in sums) / len(sums)
    assert sign_flip_test(differences) == pytest.approx(expected)
    assert sign_flip_test([-difference for difference in differences]) == pytest.approx(expected)


def test_rollouts_of_one_task_are_no_more_evidence_than_the_task():
    assert sign_flip_test([10]) == 1.0
    assert sign_flip_test([10] * 5) == pytest.approx(2 / 2**5)
    assert sign_flip_test([1] * 50) == pytest.approx(2 / 2**50)


def test_holm_known_values():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.2]) == [0.2]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_keeps_the_order_and_lowers_nothing(p_values: list[float]):
    adjusted = holm(p_values)
    assert all(1 >= after >= before for before, after in zip(p_values, adjusted, strict=True))
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    assert [adjusted[i] for i in order] == sorted(adjusted)
