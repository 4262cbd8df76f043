from pathlib import Path

import numpy as np
import pytest

from daml.demos import read_video, write_video
from daml.page import film_intake
from daml.page.film_intake import draw_strip, examine_film, find_film

FRAMES = np.random.default_rng(0).integers(0, 255, (20, 48, 64, 3), dtype=np.uint8)


def test_a_film_is_made_playable(tmp_path: Path):
    write_video(tmp_path / "film.webm", FRAMES, frame_rate_hz=10)
    told = examine_film(tmp_path)
    assert told["duration"] == pytest.approx(1.9)
    assert (told["width"], told["height"]) == (64, 48)
    assert len(read_video(tmp_path / "shown.mp4")) == 20
    assert (tmp_path / "strip.png").exists()


def test_a_long_film_is_refused_by_what_it_says_before_it_is_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_video(tmp_path / "film.mp4", FRAMES, frame_rate_hz=0.1)
    monkeypatch.setattr(film_intake, "read_video", None)
    with pytest.raises(ValueError, match="at most 60 s"):
        examine_film(tmp_path)


def test_a_large_picture_is_refused_before_it_is_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_video(tmp_path / "film.mp4", np.zeros((2, 2320, 4100, 3), np.uint8), frame_rate_hz=10)
    monkeypatch.setattr(film_intake, "read_video", None)
    with pytest.raises(ValueError, match="pixels; export it smaller"):
        examine_film(tmp_path)


def test_what_is_no_film_is_refused(tmp_path: Path):
    (tmp_path / "film.mp4").write_bytes(b"#EXTM3U\nhttp://127.0.0.1/x.ts\n")
    with pytest.raises(ValueError, match=r"film\.mp4"):
        examine_film(tmp_path)


def test_without_a_film_there_is_none(tmp_path: Path):
    with pytest.raises(ValueError, match="no film yet"):
        find_film(tmp_path)


def test_a_strip_shows_the_film_from_left_to_right(tmp_path: Path):
    frames = np.zeros((20, 64, 64, 3), np.uint8)
    frames[10:] = 255
    write_video(tmp_path / "film.mp4", frames, frame_rate_hz=10)
    strip = draw_strip(read_video(tmp_path / "film.mp4"))
    assert strip.shape == (64, 640, 3)
    assert strip[:, :300].mean() < 20
    assert strip[:, 340:].mean() > 235
