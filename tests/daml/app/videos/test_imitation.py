"""Laws of imitating a video."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from daml.app.videos.excerpt import Excerpt
from daml.app.videos.imitation import imitate, show_understanding
from daml.demos import FilmNotReadableError, Reading
from daml.deployment.belief import Belief
from daml.learners.methods import read_learner

pytestmark = pytest.mark.usefixtures("quick_retelling")


def test_a_film_that_must_be_understood_is_refused_where_it_is_not(
    prior_folder: Path, video: Path, read: Callable[[object], None]
):
    read(FilmNotReadableError("mine.mp4: no hand was found"))
    prior = read_learner(prior_folder)
    assert imitate(prior, video, excerpt=Excerpt(), adapt_on="retold", step=1).understanding is None
    with pytest.raises(FilmNotReadableError, match="no hand was found; or do something else"):
        imitate(prior, video, excerpt=Excerpt(), adapt_on="retold", step=1, otherwise="or do something else")
    with pytest.raises(FilmNotReadableError, match=r"no hand was found$"):
        imitate(prior, video, excerpt=Excerpt(), adapt_on="retold", step=1, otherwise="")


def test_of_several_steps_one_is_imitated_and_that_is_told(
    prior_folder: Path,
    video: Path,
    reading: Reading,
    read: Callable[[object], None],
    capsys: pytest.CaptureFixture[str],
):
    second = replace(reading.steps[0], kind="pick-place", start_s=0.6, end_s=1.0)
    read(replace(reading, steps=(reading.steps[0], second), moments=reading.moments * 2))
    prior = read_learner(prior_folder)
    kinds = [
        imitation.understanding.twin.scene.kind
        for imitation in (imitate(prior, video, excerpt=Excerpt(), adapt_on="raw", step=n) for n in (1, 2))
        if imitation.understanding is not None
    ]
    assert kinds == ["push", "pick-place"]
    assert "2 steps; step 2 is imitated (--step)" in capsys.readouterr().out


def test_where_the_policy_takes_another_thing_it_is_said(
    prior_folder: Path,
    video: Path,
    tmp_path: Path,
    reading: Reading,
    read: Callable[[object], None],
    capsys: pytest.CaptureFixture[str],
):
    read(reading)
    understanding = imitate(read_learner(prior_folder), video, excerpt=Excerpt(), adapt_on="raw", step=1).understanding
    assert understanding is not None
    mistaken = replace(understanding, belief=Belief(reading.steps[0].item, (0.5, 0.5)))
    show_understanding(mistaken, picture=tmp_path / "sheet.png")
    text = capsys.readouterr().out
    assert "takes what is at (0.50, 0.50) for the destination, but the film shows the one at (0.95, 0.50)" in text
    assert "for the item" not in text
    assert (tmp_path / "sheet.png").exists()
