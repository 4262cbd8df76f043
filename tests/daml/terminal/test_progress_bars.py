"""Laws of the progress bars."""

import pytest

from daml.progress import Progress
from daml.terminal import progress_bars as module
from daml.terminal.progress_bars import ProgressBars


def test_a_bar_shows_the_latest_of_each_figure():
    with ProgressBars(visible=False) as bars:
        bars(Progress("round 1", 2, 9, {"validation_success_rate": 0.5, "loss": 2.0}))
        bars(Progress("round 1", 3, 9, {"loss": 1.0, "gradient_norm": 7.0}))

    (task,) = bars.display.tasks
    assert (task.description, task.completed, task.total) == ("round 1", 3, 9)
    assert task.fields["figures"] == "validation success 0.500, loss 1.000"


def test_every_stage_has_a_bar_of_its_own_and_one_that_begins_again_a_new_one():
    with ProgressBars(visible=False) as bars:
        for _ in range(2):
            bars(Progress("tracking", 1, 4))
            bars(Progress("tracking", 4, 4))
            bars(Progress("tracker", 8, 8, {"loss": 0.5}))
            bars(Progress("tracker", 8, 8, {"loss": 0.5}))
        bars(Progress("tracker", 1, 8))

    shown = [(task.description, task.completed, task.total) for task in bars.display.tasks]
    assert shown == [("tracking", 4, 4), ("tracker", 8, 8), ("tracking", 4, 4), ("tracker", 1, 8)]


def test_the_speed_is_that_since_the_stage_began(monkeypatch: pytest.MonkeyPatch):
    now = 10.0
    monkeypatch.setattr(module.time, "monotonic", lambda: now)
    with ProgressBars(visible=False) as bars:
        bars(Progress("collecting", 3, 5))
        now = 14.0
        bars(Progress("collecting", 4, 5, {"frames": 80}))

    assert bars.display.tasks[0].fields["figures"] == "20 frames/s"


def test_the_rate_so_far_is_shown(capsys: pytest.CaptureFixture[str]):
    with ProgressBars() as bars:
        bars(Progress("place", 4, 4, {"success_rate": 0.75}))

    text = capsys.readouterr().out
    assert "4/4" in text
    assert "success 75.0%" in text
