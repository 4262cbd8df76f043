import dataclasses
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from daml.demos.video.image_folder import read_image_folder
from daml.demos.video.limits import Stretch
from daml.demos.video.video_file import DEFAULT_LIMITS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve images whose shade tells their number."""
    for number in range(12):
        Image.fromarray(np.full((8, 8, 3), 20 * number, np.uint8)).save(tmp_path / f"{number}.png")
    return tmp_path


def test_images_are_read_in_natural_order(folder: Path):
    demo = read_image_folder(folder, limits=DEFAULT_LIMITS, stretch=Stretch(), frame_rate_hz=5.0)
    assert (demo.frames[:, 0, 0, 0] // 20).tolist() == list(range(12))
    assert demo.frame_rate_hz == 5.0


def test_pipes_and_folders_among_the_images_are_passed_over(folder: Path):
    os.mkfifo(folder / "3b.png")
    (folder / "4b.png").mkdir()
    assert len(read_image_folder(folder, limits=DEFAULT_LIMITS, stretch=Stretch(), frame_rate_hz=5.0)) == 12


def test_the_pixels_of_all_images_are_bounded_together(folder: Path):
    enough = dataclasses.replace(DEFAULT_LIMITS, max_decoded=12 * 64)
    assert len(read_image_folder(folder, limits=enough, stretch=Stretch(), frame_rate_hz=5.0)) == 12
    with pytest.raises(ValueError, match="more than 767 pixels in all frames together"):
        read_image_folder(
            folder,
            limits=dataclasses.replace(DEFAULT_LIMITS, max_decoded=767),
            stretch=Stretch(),
            frame_rate_hz=5.0,
        )
