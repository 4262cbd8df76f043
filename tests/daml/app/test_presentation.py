"""Laws of showing an evaluation."""

import pytest

from daml.app.console import progress_bar
from daml.app.presentation import follow, show_evaluation
from daml.episode import Episode
from daml.evaluation import Evaluation


def episode(*, success: bool) -> Episode:
    return Episode("place/test/0", 0, "success" if success else "wrong_target", success, success, 0, 0, 0, 1.0)


def evaluation(**changed: object) -> Evaluation:
    values = {
        "settings": {},
        "n_tasks": 100,
        "n_rollouts": 300,
        "success_rate": 0.91,
        "interval": (0.87, 0.94),
        "interval_over_tasks": (0.86, 0.95),
        "success_once_rate": 0.92,
        "wrong_target_rate": 0.05,
        "control_failure_rate": 0.04,
        "shown_target_rate": None,
        "adapt_ms_median": None,
        "step_ms_median": 2.0,
        "episodes": (),
        "versions": {},
    }
    return Evaluation(**(values | changed))  # type: ignore[arg-type]


def test_the_bar_counts_rollouts_and_shows_the_rate_so_far(capsys: pytest.CaptureFixture[str]):
    with progress_bar() as progress:
        observe = follow(progress, "rollouts", total=4)
        for success in (True, True, True, False):
            observe(episode(success=success))
    text = capsys.readouterr().out
    assert "4/4" in text
    assert "success 75.0%" in text


def test_rates_are_shown_with_their_intervals(capsys: pytest.CaptureFixture[str]):
    show_evaluation(evaluation())
    text = capsys.readouterr().out
    for figure in ("91.0%", "87.0% to 94.0%", "86.0% to 95.0%", "92.0%", "5.0%", "4.0%", "2.0 ms", "300", "100"):
        assert figure in text


def test_only_what_was_measured_is_shown(capsys: pytest.CaptureFixture[str]):
    show_evaluation(evaluation(n_tasks=1))
    text = capsys.readouterr().out
    assert "video showed" not in text
    assert "adapting" not in text
    assert "over tasks" not in text
    show_evaluation(evaluation(shown_target_rate=0.9, adapt_ms_median=50.0))
    text = capsys.readouterr().out
    assert "video showed" in text
    assert "50 ms" in text
