"""Laws of pictures beside a scene file."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from daml.envs.scene_files.texture_files import MOST_BYTES, name_of_texture, texture_of
from daml.envs.scene_files.toml_table import Table


def named(name: object) -> Table:
    return Table("items[0]", {"texture": name}, keys=("texture",))


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "mine.textures" / "item0.png"
    path.parent.mkdir()
    cv2.imwrite(str(path), np.zeros((4, 4, 3), np.uint8))
    return path


def test_a_name_is_the_way_from_the_scene_file(picture: Path, tmp_path: Path):
    assert name_of_texture(str(picture), tmp_path) == "mine.textures/item0.png"
    assert texture_of(named("mine.textures/item0.png"), tmp_path) == str(picture.resolve())


def test_no_name_is_no_texture(tmp_path: Path):
    assert texture_of(named(""), tmp_path) == ""


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("../item0.png", r"items\[0\].texture: expected a picture below the scene file's folder"),
        ("/etc/passwd", "below the scene file's folder"),
        ("missing.png", "found none at 'missing.png'"),
        ("mine.textures", "expected a picture"),
        (3, "expected a text"),
    ],
)
def test_what_is_no_picture_below_the_folder_is_refused(name: object, message: str, picture: Path, tmp_path: Path):
    assert picture.is_file()
    with pytest.raises(ValueError, match=message):
        texture_of(named(name), tmp_path)


def test_a_huge_file_is_no_texture(tmp_path: Path):
    (tmp_path / "huge.png").write_bytes(b"0" * (MOST_BYTES + 1))
    with pytest.raises(ValueError, match="at most"):
        texture_of(named("huge.png"), tmp_path)


def test_a_texture_elsewhere_or_with_an_odd_name_has_no_name_in_a_file(picture: Path, tmp_path: Path):
    with pytest.raises(ValueError, match="copy it there"):
        name_of_texture(str(picture), tmp_path / "other")
    with pytest.raises(ValueError, match="rename it"):
        name_of_texture(str(tmp_path / 'a"b.png'), tmp_path)
