"""Laws of folders that scenes take their looks from."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from daml.envs.scene.assets import PHOTOGRAPH_SIZE, Assets, draw_photograph, family_of, read_picture
from daml.envs.tasks.task import SPLITS


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("Asphalt_003.jpg", "asphalt"),
        ("red_cup.obj", "cup"),
        ("blue_cup.obj", "cup"),
        ("glue_1.obj", "glue"),
        ("empty_warehouse_01_1k.jpg", "warehouse"),
        ("007.jpg", "007"),
    ],
)
def test_a_family_is_the_last_word_of_a_name(name: str, family: str):
    assert family_of(Path(name)) == family


def test_every_file_is_of_one_split_and_no_family_of_two(assets: Assets):
    for of in (assets.photographs, assets.scans, assets.panoramas):
        found = {split: of(split) for split in SPLITS}
        files = [path for paths in found.values() for path in paths]
        assert len(files) == len(set(files))
        families = [{family_of(path) for path in paths} for paths in found.values()]
        assert sum(map(len, families)) == len(set.union(*families))
    photos = assets.photos
    assert photos is not None
    assert sum(len(assets.photographs(split)) for split in SPLITS) == len(list(Path(photos).iterdir()))
    assert len(assets.photographs("train")) > len(assets.photographs("test")) > 0


def test_without_folders_there_is_nothing():
    assert Assets().photographs("train") == Assets().scans("train") == Assets().panoramas("train") == ()


def test_a_folder_that_is_none_or_holds_nothing_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match=r"photos: expected a folder with files \.jpg"):
        Assets(photos=str(tmp_path / "missing"))
    with pytest.raises(ValueError, match=r"things: expected a folder with files \.obj"):
        Assets(things=str(tmp_path))


def test_a_photograph_is_drawn_from_its_seed(assets: Assets):
    files = assets.photographs("train")
    first, again, other = (draw_photograph(files, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert first.shape == (PHOTOGRAPH_SIZE, PHOTOGRAPH_SIZE, 3)
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_what_is_no_picture_is_refused(tmp_path: Path):
    broken = tmp_path / "broken.png"
    broken.write_text("no picture", encoding="utf-8")
    with pytest.raises(ValueError, match=r"broken\.png: expected a picture"):
        read_picture(broken, (8, 8))


def test_a_photograph_that_was_changed_is_read_again(tmp_path: Path):
    file = tmp_path / "photo.png"
    for number, level in enumerate((10, 200)):
        cv2.imwrite(str(file), np.full((8, 8, 3), level, np.uint8))
        os.utime(file, ns=(number, number))
        assert read_picture(file, (64, 64)).max() == level


def test_a_missing_photograph_is_refused_by_name(tmp_path: Path):
    with pytest.raises(ValueError, match=r"none\.png: expected a picture"):
        read_picture(tmp_path / "none.png", (64, 64))
