"""Laws of `daml inspect`."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from daml import cli, envs
from daml.demos import HumanDemo, Reading, measure, write_video


def test_what_was_read_is_told_drawn_and_written(
    video: Path,
    tmp_path: Path,
    reading: Reading,
    read: Callable[[object], None],
    capsys: pytest.CaptureFixture[str],
):
    read(reading)
    sheet, steps = tmp_path / "sheet.png", tmp_path / "steps.json"
    cli.main(["inspect", str(video), "--output", str(sheet), "--json", str(steps)])
    text = capsys.readouterr().out
    assert "step 1: push from (0.25, 0.45) to (0.95, 0.50), 0.2 to 0.9 s, right hand, 90% sure" in text
    assert "use --fit pad" in text  # the destination lies outside of the middle
    assert f"reading: {sheet}" in text
    assert json.loads(steps.read_text()) == reading.to_json()
    with Image.open(sheet) as picture:
        assert picture.width == 960


@pytest.mark.usefixtures("read")
def test_a_film_that_cannot_be_read_is_refused_in_words_and_has_no_steps(
    video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    cli.main(["inspect", str(video), "--json", str(tmp_path / "steps.json")])
    assert "no hand was found" in capsys.readouterr().out
    assert json.loads((tmp_path / "steps.json").read_text())["steps"] == []


def test_without_what_finds_hands_the_rest_is_told_and_nothing_is_written(
    video: Path,
    tmp_path: Path,
    read: Callable[[object], None],
    capsys: pytest.CaptureFixture[str],
    complaint: Callable[..., str],
):
    read(FileNotFoundError("the hand models are not installed"))
    cli.main(["inspect", str(video)])
    assert "what it shows is not read: the hand models are not installed" in capsys.readouterr().out
    assert "are not installed" in complaint("inspect", str(video), "--json", str(tmp_path / "steps.json"))
    assert not (tmp_path / "steps.json").exists()


@pytest.mark.usefixtures("read")
def test_a_video_is_told_in_words_and_shown_in_a_picture(
    video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    sheet = tmp_path / "new" / "sheet.png"
    cli.main(["inspect", str(video), "--output", str(sheet)])
    text = capsys.readouterr().out
    assert "1.1 s, 12 frames at 10.0 Hz, 40 x 32 px" in text
    assert f"contact sheet: {sheet}" in text
    with Image.open(sheet) as picture:
        assert min(picture.size) > 32


@pytest.mark.usefixtures("read")
def test_what_would_spoil_it_is_told_and_a_trimmed_part_judged_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    frames = np.full((30, 48, 64, 3), 128, np.uint8)
    frames[18:, 10:20, 30:40] = 250
    write_video(tmp_path / "still.mp4", frames, frame_rate_hz=10.0)
    cli.main(["inspect", str(tmp_path / "still.mp4"), "--end", "1.5"])
    assert "warning: no motion" in capsys.readouterr().out
    cli.main(["inspect", str(tmp_path / "still.mp4")])
    assert "warning: no motion" not in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["still.mp4"]


@pytest.mark.parametrize("seed", range(4))
def test_the_simulated_human_is_a_good_demonstrator(seed: int):
    frames, rate_hz = envs.film_human(envs.Shot(envs.Task("place", "train", seed), seed=seed, image_size=128))
    assert measure(HumanDemo(frames, rate_hz)).warnings == ()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["missing.mp4"], "missing.mp4: no such file"),
        (["missing.mp4", "--output", "x.jpg"], "x.jpg: expected a name that ends in .png"),
        (["missing.mp4", "--json", "x.txt"], "x.txt: expected a name that ends in .json"),
    ],
)
def test_what_cannot_be_inspected_is_refused(words: list[str], message: str, complaint: Callable[..., str]):
    assert message in complaint("inspect", *words)
