from pathlib import Path

import numpy as np
import pytest

from daml.demos import write_video
from daml.demos.lerobot.spool import Spool


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Twenty frames whose grey level tells their number."""
    frames = np.broadcast_to((10 + 8 * np.arange(20))[:, None, None, None], (20, 32, 32, 3)).astype(np.uint8)
    write_video(tmp_path / "film.mp4", frames, frame_rate_hz=10.0)
    return tmp_path / "film.mp4"


def test_parts_come_back_in_any_order_even_where_they_overlap(film: Path, tmp_path: Path):
    with Spool(tmp_path, size=(8, 8), fit="crop") as spool:
        spool.fill(film, {7: (15, 19), 3: (2, 5), 4: (4, 8)})
        for number, shown in ((4, [4, 5, 6, 7]), (7, [15, 16, 17, 18]), (3, [2, 3, 4])):
            frames = spool.take(number)
            assert np.rint((frames.mean(axis=(1, 2, 3)) - 10) / 8).astype(int).tolist() == shown
        assert frames.shape == (3, 8, 8, 3)


def test_a_film_with_too_few_frames_is_named(film: Path, tmp_path: Path):
    with (
        Spool(tmp_path, size=(8, 8), fit="crop") as spool,
        pytest.raises(ValueError, match=r"film.mp4: 20 frames could be decoded, but its episodes need 21"),
    ):
        spool.fill(film, {0: (18, 21)})
