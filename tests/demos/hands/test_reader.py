"""Laws of finding the hands of a whole film, with a tracker that says what it is told to."""

import math
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np
import pytest

from daml.demos import read_hands, write_video
from daml.demos.hands import reader
from daml.demos.hands.landmarks import Hand


class Watcher:
    """Finds the brightest spot of each picture, and counts pictures."""

    sizes: ClassVar[list[tuple[int, ...]]] = []

    def track(self, picture: np.ndarray) -> list[Hand]:
        self.sizes.append(picture.shape)
        y, x = np.unravel_index(int(picture.sum(axis=2).argmax()), picture.shape[:2])
        return [Hand(np.tile([float(x), float(y)], (21, 1)), 1.0, 1.0)]

    def find(self, *_: object) -> None:
        """Find nothing in any region."""


@pytest.fixture
def film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(Watcher, "sizes", [])
    monkeypatch.setattr(reader, "HandTracker", Watcher)
    frames = np.full((60, 48, 64, 3), 60, np.uint8)
    for number, frame in enumerate(frames):
        frame[20:28, number // 2 : number // 2 + 8] = 250
    write_video(tmp_path / "film.mp4", frames, frame_rate_hz=30.0)
    return tmp_path / "film.mp4"


def test_a_hand_of_a_film_is_one_track_in_shares_of_the_picture(film: Path):
    hands = read_hands(film)
    (track,) = hands.tracks
    assert len(hands.times_s) == len(track.times_s) == 60
    assert track.times_s[-1] == pytest.approx(59 / 30, abs=0.01)
    assert track.landmarks[0, 0] == pytest.approx([4 / 64, 24 / 48], abs=0.09)
    assert track.landmarks[-1, 0, 0] - track.landmarks[0, 0, 0] == pytest.approx(29 / 64, abs=0.06)


def test_observers_get_each_picture_and_how_far_the_film_is(film: Path):
    seen: list[reader.Sighting] = []
    read_hands(film, observers=[seen.append])
    assert [sighting.picture.shape for sighting in seen] == Watcher.sizes
    shares = [sighting.share for sighting in seen]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert shares[-1] > 0.9


def test_of_a_part_times_count_from_its_first_picture(film: Path):
    hands = read_hands(film, start_s=0.5, end_s=1.0)
    assert len(hands.times_s) == 16
    assert hands.times_s[0] == 0
    assert hands.times_s[-1] == pytest.approx(0.5, abs=0.01)


@pytest.mark.usefixtures("film")
def test_of_a_long_film_every_so_many_pictures_are_looked_at(tmp_path: Path):
    frames = np.zeros((400, 16, 16, 3), np.uint8)
    write_video(tmp_path / "long.mp4", frames, frame_rate_hz=40.0)
    times = read_hands(tmp_path / "long.mp4").times_s
    assert 100 <= len(times) <= 101
    assert np.diff(times)[1:] == pytest.approx(0.1, abs=0.01)


@pytest.mark.usefixtures("film")
def test_a_folder_of_images_is_a_film(tmp_path: Path):
    (tmp_path / "images").mkdir()
    for number in range(4):
        cv2.imwrite(str(tmp_path / "images" / f"{number}.png"), np.full((16, 16, 3), 50, np.uint8))
    assert len(read_hands(tmp_path / "images").times_s) == 4


@pytest.mark.parametrize(("start_s", "end_s"), [(math.nan, 1.0), (0.0, math.nan), (-1.0, 1.0), (1.0, 0.5)])
def test_times_that_are_none_are_refused(film: Path, start_s: float, end_s: float):
    with pytest.raises(ValueError, match="expected a start of at least 0 s and an end after it"):
        read_hands(film, start_s=start_s, end_s=end_s)
