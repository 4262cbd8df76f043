"""Laws of talking to a person."""

import io
import sys

import pytest

from daml.terminal import console
from daml.terminal.console import can_show, progress_bar, say


@pytest.mark.parametrize("text", ["runs/[bold]/x.mp4: 3 frames", "long " * 60 + "line", ":smile: /a/b [/]"])
def test_a_line_is_printed_as_it_is(text: str, capsys: pytest.CaptureFixture[str]):
    say(text)
    assert capsys.readouterr().out == text + "\n"


@pytest.mark.parametrize("width", ["80", "200"])
def test_the_bar_shows_counts_and_figures_in_windows_of_any_width(
    width: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", width)
    with progress_bar() as progress:
        bar = progress.add_task("meta-training", total=6000, figures="")
        progress.update(bar, advance=6000, figures="loss 0.123, goal error [m] 0.012, validation success 0.930")
    words = capsys.readouterr().out.split()
    for word in ("meta-training", "6000/6000", "0.123,", "0.012,", "0.930"):
        assert word in words


def test_a_log_gets_a_line_now_and_then(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    now = 0.0
    monkeypatch.setattr(console.time, "monotonic", lambda: now)
    with progress_bar() as progress:
        bar = progress.add_task("pretraining", total=4, figures="")
        for step, now in enumerate((30.0, 70.0, 80.0, 135.0), start=1):  # noqa: B007 - read by the clock
            progress.update(bar, completed=step, figures=f"recognised {step}0%")
        lines = capsys.readouterr().out.splitlines()

    assert lines == ["pretraining 2/4 recognised 20%", "pretraining 4/4 recognised 40%"]


def test_a_bar_that_is_not_shown_says_nothing(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(console, "SECONDS_BETWEEN_LINES", 0.0)
    with progress_bar(visible=False) as progress:
        progress.update(progress.add_task("pretraining", total=4, figures=""), completed=1)

    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("encoding", "shown"), [("utf-8", True), ("ascii", False), ("latin-1", False)])
def test_bars_are_shown_where_the_terminal_has_such_letters(
    encoding: str, *, shown: bool, monkeypatch: pytest.MonkeyPatch
):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    assert can_show("▁█") == shown
    assert can_show("plain")
