"""Laws of talking to a person."""

import pytest

from daml.app.console import progress_bar, say


@pytest.mark.parametrize("text", ["runs/[bold]/x.mp4: 3 frames", "long " * 60 + "line", ":smile: /a/b [/]"])
def test_a_line_is_printed_as_it_is(text: str, capsys: pytest.CaptureFixture[str]):
    say(text)
    assert capsys.readouterr().out == text + "\n"


def test_the_bar_shows_figures(capsys: pytest.CaptureFixture[str]):
    with progress_bar() as progress:
        bar = progress.add_task("training", total=2, figures="")
        progress.update(bar, advance=2, figures="loss 0.1")
    text = capsys.readouterr().out
    assert "training" in text
    assert "2/2" in text
    assert "loss 0.1" in text
