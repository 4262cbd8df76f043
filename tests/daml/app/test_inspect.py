"""Laws of `daml inspect`."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from daml import cli, envs
from daml.demos import HumanDemo, measure, write_video


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
    frames, rate_hz = envs.film_human(envs.Task("place", "train", seed), seed=seed, image_size=128)
    assert measure(HumanDemo(frames, rate_hz)).warnings == ()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["missing.mp4"], "missing.mp4: no such file"),
        (["missing.mp4", "--output", "x.jpg"], "x.jpg: expected a name that ends in .png"),
    ],
)
def test_what_cannot_be_inspected_is_refused(words: list[str], message: str, complaint: Callable[..., str]):
    assert message in complaint("inspect", *words)
