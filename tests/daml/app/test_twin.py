"""Laws of `daml twin`."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from daml import cli
from daml.app.videos import excerpt
from daml.demos import Reading, Step
from daml.demos.reading.reading import ActingHand
from daml.envs import read_scene


def reading() -> Reading:
    picture = np.full((120, 160, 3), 180, np.uint8)
    picture[50:70, 30:50] = (200, 20, 20)
    picture[70:100, 90:130] = (20, 20, 200)
    outline = np.array([[30, 50], [50, 50], [50, 70], [30, 70]]) / (160, 120)
    put = np.array([[100, 80], [120, 80], [120, 95], [100, 95]]) / (160, 120)
    step = Step(
        kind="pick-place",
        item=(0.25, 0.5),
        destination=(0.68, 0.71),
        start_s=0.2,
        end_s=0.9,
        hand="right",
        outline=outline,
        put_outline=put,
        confidence=0.9,
    )
    hand = ActingHand(np.zeros(1), np.zeros((1, 2)))
    return Reading((step,), picture, (0.0, 0.0, 1.0, 1.0), hand, ((picture, picture),), 0.0)


def test_the_scene_is_written_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(excerpt, "read_film", lambda *_, **__: reading())
    output = tmp_path / "mine.toml"
    cli.main(["twin", "mine.mp4", "--output", str(output)])
    assert read_scene(output).kind == "pick-place"
    assert output.with_suffix(".png").is_file()
    text = capsys.readouterr().out
    assert "mine.mp4: pick-place, 4 things" in text
    assert "acted on" in text
    assert "added, so that there is a choice" in text


def test_what_cannot_be_built_is_said_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, complaint: Callable[..., str]
):
    assert "toml" in complaint("twin", "mine.mp4", "--output", str(tmp_path / "mine.json"))
    monkeypatch.setattr(excerpt, "read_film", lambda *_, **__: reading())
    assert "step 2" in complaint("twin", "mine.mp4", "--step", "2", "--output", str(tmp_path / "mine.toml"))


def test_an_edited_scene_is_drawn_beside_the_video(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(excerpt, "read_film", lambda *_, **__: reading())
    first, edited, picture = tmp_path / "mine.toml", tmp_path / "edited.toml", tmp_path / "edited.png"
    cli.main(["twin", "mine.mp4", "--output", str(first)])
    lines = first.read_text(encoding="utf-8").splitlines()
    number = next(number for number, line in enumerate(lines) if line.startswith("colour"))
    lines[number] = 'colour = "green"'
    edited.write_text("\n".join(lines), encoding="utf-8")
    cli.main(["twin", "mine.mp4", "--scene", str(edited), "--output", str(picture)])
    with Image.open(picture) as new, Image.open(first.with_suffix(".png")) as old:
        assert new.size == old.size
        assert new.tobytes() != old.tobytes()
