"""Laws of showing an evaluation."""

import pytest

from daml.evaluation.evaluation import Evaluation
from daml.terminal.evaluations import show_evaluations


def evaluation(**changed: object) -> Evaluation:
    values = {
        "settings": {"kind": "place"},
        "n_tasks": 100,
        "n_rollouts": 300,
        "success_rate": 0.91,
        "interval": (0.87, 0.94),
        "interval_over_tasks": (0.86, 0.95),
        "success_once_rate": 0.92,
        "wrong_target_rate": 0.05,
        "wrong_object_rate": 0.02,
        "wrong_kind_rate": 0.0,
        "success_of_manners": {},
        "wrong_container_rate": 0.03,
        "not_completed_rate": 0.04,
        "right_kind_rate": 0.98,
        "chance_rate": 0.25,
        "shown_target_rate": None,
        "adapt_ms_median": None,
        "step_ms_median": 2.0,
        "elapsed_s": 30.0,
        "episodes": (),
        "versions": {},
    }
    return Evaluation(**(values | changed))  # type: ignore[arg-type]


FIGURES = {
    "success at end": "91.0%",
    "95 % interval": "87.0% to 94.0%",
    "interval over tasks": "86.0% to 95.0%",
    "success once": "92.0%",
    "wrong object": "2.0%",
    "wrong container": "3.0%",
    "not completed": "4.0%",
    "right kind of task": "98.0%",
    "chance": "25.0%",
    "one control step": "2.0 ms",
}


def line_of(name: str, text: str) -> str:
    (line,) = (line for line in text.splitlines() if name in line)
    return line


def test_every_figure_stands_by_its_name(capsys: pytest.CaptureFixture[str]):
    show_evaluations([evaluation()])
    text = capsys.readouterr().out
    for name, figure in FIGURES.items():
        assert figure in line_of(name, text)
    assert "300 rollouts, 100 tasks" in text


def test_several_stand_side_by_side(capsys: pytest.CaptureFixture[str]):
    shown = [evaluation(settings={"kind": kind}, success_rate=rate) for kind, rate in (("push", 0.5), ("place", 0.75))]
    show_evaluations(shown)
    text = capsys.readouterr().out
    line = line_of("success at end", text)
    assert 0 < line.index("50.0%") < line.index("75.0%")
    assert 0 < text.index("push") < text.index("place")
    assert line_of("push", text) == line_of("place", text)


def test_only_what_was_measured_is_shown(capsys: pytest.CaptureFixture[str]):
    show_evaluations([evaluation(n_tasks=1)])
    text = capsys.readouterr().out
    assert "video showed" not in text
    assert "adapting" not in text
    assert "over tasks" not in text
    show_evaluations([evaluation(n_tasks=1), evaluation(shown_target_rate=0.9, adapt_ms_median=50.0)])
    text = capsys.readouterr().out
    assert "90.0%" in line_of("video showed", text)
    assert "50 ms" in line_of("adapting", text)
    assert "86.0% to 95.0%" in line_of("over tasks", text)
