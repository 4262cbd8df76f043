"""Laws of looking at films picture by picture."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from daml.demos import read_video, write_video
from daml.demos.video.limits import Stretch
from daml.demos.video.streaming import film_timing, stream_film


@pytest.fixture
def film(tmp_path: Path) -> Path:
    frames = np.stack([np.full((24, 32, 3), 4 * number, np.uint8) for number in range(40)])
    write_video(tmp_path / "film.mp4", frames, frame_rate_hz=20.0)
    return tmp_path / "film.mp4"


def test_a_stream_shows_what_the_whole_film_holds(film: Path):
    whole = read_video(film)
    streamed = list(stream_film(film, stretch=Stretch(), longest_side=640))
    assert np.array_equal(np.stack([picture for _, picture in streamed]), whole.frames)
    assert [time for time, _ in streamed] == pytest.approx(np.arange(40) / 20)


def test_at_a_lower_rate_pictures_are_even_in_time(film: Path):
    times = [time for time, _ in stream_film(film, stretch=Stretch(max_rate_hz=5.0), longest_side=640)]
    assert np.diff(times)[1:] == pytest.approx(0.2)


def test_a_stretch_is_shown_alone_and_large_pictures_are_shrunk(film: Path):
    shown = list(stream_film(film, stretch=Stretch(start_s=0.5, end_s=1.0), longest_side=16))
    assert (shown[0][0], shown[-1][0]) == pytest.approx((0.5, 1.0))
    assert shown[0][1].shape == (12, 16, 3)


def test_a_file_says_how_long_it_is_and_a_folder_does_not(film: Path):
    assert film_timing(film) == pytest.approx((2.0, 20.0))
    assert film_timing(film.parent) == (None, None)


def test_a_folder_of_images_is_streamed(tmp_path: Path):
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(3):
        cv2.imwrite(str(folder / f"{number}.png"), np.full((16, 16, 3), 50, np.uint8))
    assert len(list(stream_film(folder, stretch=Stretch(), longest_side=640))) == 3


def test_what_is_not_there_is_named(tmp_path: Path):
    for look in (film_timing, lambda path: list(stream_film(path, stretch=Stretch(), longest_side=640))):
        with pytest.raises(FileNotFoundError, match=r"none\.mp4: no such file"):
            look(tmp_path / "none.mp4")
