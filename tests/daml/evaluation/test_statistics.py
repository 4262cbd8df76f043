"""Laws of the intervals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daml.evaluation.statistics import bootstrap_over_tasks, holm, mcnemar, wilson_interval


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
    with pytest.raises(ValueError, match=r"."):
        wilson_interval(n_successes, n_trials)


def test_one_task_has_no_spread_over_tasks():
    assert bootstrap_over_tasks({"place/test/0": [True, True, True, False]}) == (0.75, 0.75)


def test_equal_tasks_have_no_spread_over_tasks():
    assert bootstrap_over_tasks({str(task): [True, False] for task in range(10)}) == (0.5, 0.5)


def test_with_one_rollout_a_task_it_agrees_with_wilson():
    by_task = {str(task): [task < 80] for task in range(100)}
    assert bootstrap_over_tasks(by_task) == pytest.approx(wilson_interval(80, 100), abs=0.03)


def test_rollouts_that_go_together_widen_it():
    alone = bootstrap_over_tasks({str(task): [task % 2 == 0] for task in range(200)})
    together = bootstrap_over_tasks({str(task): [task % 2 == 0] * 10 for task in range(20)})
    assert together[1] - together[0] > 2 * (alone[1] - alone[0])


def test_the_same_seed_gives_the_same_interval():
    by_task = {str(task): [task % 3 == 0] for task in range(30)}
    assert bootstrap_over_tasks(by_task, seed=4) == bootstrap_over_tasks(by_task, seed=4)


def test_no_tasks_are_refused():
    with pytest.raises(ValueError, match="at least one task"):
        bootstrap_over_tasks({})


@pytest.mark.parametrize(
    ("only_first", "only_second", "expected"), [(0, 0, 1.0), (5, 5, 1.0), (0, 5, 2 / 32), (1, 9, 2 * 11 / 1024)]
)
def test_mcnemar_known_values(only_first: int, only_second: int, expected: float):
    assert mcnemar(only_first, only_second) == pytest.approx(expected)
    assert mcnemar(only_second, only_first) == pytest.approx(expected)


def test_mcnemar_refuses_impossible_counts():
    with pytest.raises(ValueError, match="at least 0, got -1 and 3"):
        mcnemar(-1, 3)


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
