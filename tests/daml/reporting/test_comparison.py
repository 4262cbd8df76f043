"""Laws of results side by side."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from daml.evaluation.controls import CONTROLS
from daml.evaluation.statistics import sign_flip_test
from daml.reporting.comparison import CONTROL_NAMES, arrange, compare, distinct_titles, kinds_of
from daml.reporting.recorded_results import Outcome, RecordedResult


def result(kind: str = "place", successes: str = "1100", **settings: Any) -> RecordedResult:
    """Return a result; each digit is whether one episode succeeded."""
    outcomes = [
        Outcome(f"{kind}/test/{number}", number, "success" if digit == "1" else "not_completed")
        for number, digit in enumerate(successes)
    ]
    settings = {"control": "none", "shift": "none", "prior": "tabletop", "shots": 1, "seed": 7} | settings
    return RecordedResult(Path("x.json"), {"kind": kind, **settings}, tuple(outcomes), 0.25, None, {})


def test_kinds_of_the_same_settings_share_a_row_and_others_do_not():
    rows = arrange([result("push"), result("place"), result("place", seed=8), result("place", control="no-demo")])
    assert [sorted(row.results) for row in rows] == [["place", "push"], ["place"], ["place"]]
    assert kinds_of(rows) == ["place", "push"]


def test_what_is_there_twice_has_two_rows():
    assert len(arrange([result(), result()])) == 2


def test_the_method_comes_first_then_controls_then_shifts():
    settings = [
        {"shift": "light"},
        {"control": "no-demo"},
        {"control": "wrong-demo"},
        {},
        {"shift": "camera"},
    ]
    rows = arrange([result(**changes) for changes in settings])
    assert [(row.value("control"), row.shift) for row in rows] == [
        ("none", "none"),
        ("wrong-demo", "none"),
        ("no-demo", "none"),
        ("none", "camera"),
        ("none", "light"),
    ]


def test_results_without_a_shift_were_judged_in_the_world_of_training():
    old = result()
    settings = {name: value for name, value in old.settings.items() if name != "shift"}
    (row,) = arrange([RecordedResult(old.path, settings, old.outcomes, 0.25, None, {})])
    assert row.shift == "none"


@pytest.mark.parametrize(
    ("settings", "title"),
    [
        ({}, "one human video"),
        ({"shots": 3}, "3 human videos"),
        ({"control": "wrong-demo", "shots": 2}, "video of another choice, 2 of them"),
        ({"control": "no-demo", "shots": 2}, "no video"),
        ({"shift": "light"}, "one human video; light"),
        ({"policy": "runs/mine"}, "policy mine"),
        ({"video": "films/me.mp4"}, "video me.mp4"),
    ],
)
def test_a_row_says_what_was_shown(settings: dict[str, Any], title: str):
    (row,) = arrange([result(**settings)])
    assert row.title == title


def test_every_control_has_its_words():
    assert list(CONTROL_NAMES) == [*CONTROLS, "expert"]


def test_pairs_are_counted_over_the_episodes_that_both_have():
    rows = arrange([result(successes="11100"), result(successes="1001", control="no-demo")])
    (pair,) = compare(rows)
    assert (pair.first.value("control"), pair.second.value("control")) == ("none", "no-demo")
    assert (pair.n_pairs, pair.n_tasks, pair.only_first, pair.only_second) == (4, 4, 2, 1)
    assert pair.p_value == sign_flip_test([1, 1, -1])


def of_tasks(one: RecordedResult, n_tasks: int) -> RecordedResult:
    """Share the episodes of a result out among a few tasks."""
    outcomes = tuple(
        outcome._replace(task=f"place/test/{number % n_tasks}") for number, outcome in enumerate(one.outcomes)
    )
    return replace(one, outcomes=outcomes)


def test_rollouts_of_one_task_are_no_more_evidence_than_the_task():
    ours, theirs = result(successes="1" * 12), result(successes="0" * 12, control="no-demo")
    (pair,) = compare(arrange([of_tasks(ours, 3), of_tasks(theirs, 3)]))
    assert (pair.n_pairs, pair.n_tasks, pair.only_first, pair.p_value) == (12, 3, 12, 2 / 2**3)


def test_of_one_task_alone_its_episodes_are_compared():
    ours, theirs = result(successes="1" * 12), result(successes="0" * 12, control="no-demo")
    (pair,) = compare(arrange([of_tasks(ours, 1), of_tasks(theirs, 1)]))
    assert (pair.n_pairs, pair.n_tasks, pair.p_value) == (12, 1, 2 / 2**12)


def test_swapping_what_succeeded_swaps_the_counts():
    there, back = (
        compare(arrange([result(successes=ours), result(successes=theirs, shift="light")]))[0]
        for ours, theirs in (("1110", "0011"), ("0011", "1110"))
    )
    assert (there.only_first, there.only_second) == (back.only_second, back.only_first)
    assert there.p_value == back.p_value


@pytest.mark.parametrize(
    ("first", "second", "compared"),
    [
        ({}, {"control": "no-demo"}, True),
        ({}, {"prior": "other"}, True),
        ({}, {"shots": 3}, True),
        ({"shift": "light"}, {"shift": "light", "control": "no-demo"}, True),
        ({"control": "wrong-demo"}, {"control": "no-demo"}, False),
        ({"shift": "light"}, {"shift": "camera"}, False),
        ({"shift": "light"}, {"control": "no-demo"}, False),
        ({}, {"seed": 8}, False),
        ({}, {"scene": {"kind": "place"}, "control": "no-demo"}, False),
    ],
)
def test_rows_that_differ_in_one_thing_are_compared(first: dict[str, Any], second: dict[str, Any], *, compared: bool):
    assert bool(compare(arrange([result(**first), result(**second)]))) == compared


def test_without_shared_episodes_nothing_is_compared():
    ours, theirs = result(), result(control="no-demo")
    others = tuple(outcome._replace(seed=outcome.seed + 50) for outcome in theirs.outcomes)
    assert compare(arrange([ours, RecordedResult(theirs.path, theirs.settings, others, 0.25, None, {})])) == []


def test_p_values_are_adjusted_for_the_number_of_comparisons():
    shifted = [result(successes="0" * 12, shift=shift) for shift in ("light", "camera")]
    pairs = compare(arrange([result(successes="1" * 12), *shifted]))
    assert [pair.adjusted_p_value for pair in pairs] == pytest.approx([2 * pair.p_value for pair in pairs])


def test_a_row_names_the_method_where_it_is_a_baseline():
    rows = arrange([result(method="daml"), result(method="lstm", prior="lstm")])
    assert sorted(row.title for row in rows) == ["lstm, one human video", "one human video"]


@pytest.mark.parametrize(
    ("prior", "name"),
    [("tabletop", "tabletop"), ("runs/mine", "mine"), ("runs/ablations/bc/best", "bc"), ("best", "best")],
)
def test_the_best_prior_of_a_run_is_called_by_the_run(prior: str, name: str):
    (row,) = arrange([result(prior=prior)])
    assert row.prior == name


def test_priors_are_held_against_the_one_that_was_judged_most():
    others = [result(prior=f"runs/{name}/best") for name in ("a", "b", "c")]
    rows = arrange([result(), result(control="no-demo"), *others])

    priors = [{pair.first.prior, pair.second.prior} for pair in compare(rows)]
    assert sorted(map(sorted, priors)) == [["a", "tabletop"], ["b", "tabletop"], ["c", "tabletop"], ["tabletop"]]
    assert sorted(distinct_titles(rows))[:2] == ["no video", "one human video (a)"]


def test_what_has_no_prior_is_not_the_prior_that_others_are_held_against():
    adapted = [result(policy=f"runs/{name}") for name in ("x", "y", "z")]
    adapted = [replace(one, settings={k: v for k, v in one.settings.items() if k != "prior"}) for one in adapted]
    rows = arrange([*adapted, result(), result(prior="runs/a/best")])

    assert {"a", "tabletop"} in [{pair.first.prior, pair.second.prior} for pair in compare(rows)]


def test_of_priors_that_were_judged_in_as_many_ways_that_of_the_most_episodes_is_held_against():
    rows = arrange([result(prior="a"), result(prior="b"), result(prior="main", successes="11001100")])

    priors = [{pair.first.prior, pair.second.prior} for pair in compare(rows)]
    assert sorted(map(sorted, priors)) == [["a", "main"], ["b", "main"]]
