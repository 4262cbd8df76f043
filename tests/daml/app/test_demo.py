"""Laws of `daml demo`."""

from collections.abc import Callable
from pathlib import Path

import pytest

from daml import cli
from daml.demos import Reading, read_video

pytestmark = pytest.mark.usefixtures("quick_retelling")


@pytest.mark.usefixtures("quick_pictures")
def test_it_writes_the_film_and_counts_before_and_after(
    prior_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    output = tmp_path / "demo.mp4"
    cli.main(["demo", "--output", str(output), "--prior", str(prior_folder), "--task", "place", "--rollouts", "2"])
    assert len(read_video(output)) > 1
    assert list(tmp_path.iterdir()) == [output]
    text = capsys.readouterr().out
    assert "task place/test/0" in text
    assert "2/2" in text
    assert f"watch {output}" in text
    assert "success before adapting: " in text


@pytest.mark.usefixtures("quick_pictures")
def test_a_persons_film_is_told_and_counted_in_its_scene(
    prior_folder: Path,
    video: Path,
    tmp_path: Path,
    reading: Reading,
    read: Callable[[object], None],
    capsys: pytest.CaptureFixture[str],
):
    read(reading)
    output = tmp_path / "demo.mp4"
    words = ["--prior", str(prior_folder), "--rollouts", "2", "--workers", "1"]
    cli.main(["demo", "--video", str(video), "--output", str(output), *words])
    assert len(read_video(output)) > 1
    assert list(tmp_path.iterdir()) == [output]
    text = capsys.readouterr().out
    assert f"watch {output}" in text
    assert "success before adapting: " in text


@pytest.mark.usefixtures("read")
def test_a_film_that_cannot_be_read_has_no_story(
    prior_folder: Path, video: Path, tmp_path: Path, complaint: Callable[..., str]
):
    line = complaint("demo", "--video", video, "--output", tmp_path / "demo.mp4", "--prior", prior_folder)
    assert line.endswith("no hand was found")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--output", "demo.txt"], "expected a name that ends in .mp4"),
        (["--task", "fly"], "valid kinds: place, push, pick-place"),
        (["--task", "all"], "valid kinds: place, push, pick-place"),
        (["--rollouts", "0"], "at least 1"),
        (["--index", "-1"], "task index is -1"),
        (["--prior", "plaice"], "no shipped prior of that name"),
    ],
)
def test_what_cannot_be_shown_is_refused(
    words: list[str], message: str, tmp_path: Path, complaint: Callable[..., str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    assert message in complaint("demo", *words)
    assert list(tmp_path.iterdir()) == []
