"""Laws of talking to a person."""

import pytest

from daml.app.console import progress_bar, say


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
