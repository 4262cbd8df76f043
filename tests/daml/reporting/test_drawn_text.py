import io

import pytest

from daml.reporting.drawn_text import LONGEST, drawn_text


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("one human video", "one human video"),
        ("two\nlines\tand tabs", "two lines and tabs"),
        ("a\x00b\x1b[31mc\udcffd", "a?b?[31mc?d"),
        ("$\\frac{1}{", "\\$\\frac{1}{"),
        ("_hidden", " _hidden"),
        ("x" * 1000, "x" * (LONGEST - 3) + "..."),
    ],
)
def test_a_text_is_shown_as_it_is_as_far_as_it_can_be(text: str, drawn: str):
    assert drawn_text(text) == drawn


@pytest.mark.parametrize(
    "text", ["$\\frac{1}{$", "$$$", "\\$x$", "a$b", "\\", "\x00", "\udcff", "日本 😀 مرحبا", "^_{}", "x" * 10_000]
)
@pytest.mark.filterwarnings("ignore:Glyph")
def test_matplotlib_draws_whatever_comes_out(text: str):
    figure = pytest.importorskip("matplotlib.figure").Figure()
    axes = figure.subplots()
    axes.set_title(drawn_text(text))
    axes.plot([0, 1], label=drawn_text(text))
    axes.legend()
    file = io.BytesIO()
    figure.savefig(file, format="png")
    assert file.getvalue()
