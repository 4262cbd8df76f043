"""Laws of materials."""

import os
from pathlib import Path

import cv2
import mujoco
import numpy as np
import pytest

from daml.envs.scene.materials import add_material, add_object_material, read_photograph


def test_a_material_shows_its_picture():
    spec = mujoco.MjSpec()
    picture = np.random.default_rng(0).integers(256, size=(8, 16, 3)).astype(np.uint8)
    add_material(spec, "cloth", picture, repeat=(2.0, 3.0))
    spec.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, size=(1, 1, 1), material="cloth")
    model = spec.compile()
    np.testing.assert_array_equal(model.tex_data, picture.ravel())
    np.testing.assert_array_equal(model.material("cloth").texrepeat, (2.0, 3.0))


def test_a_pattern_covers_all_six_sides_alike():
    spec = mujoco.MjSpec()
    add_object_material(spec, "box", "checker", (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    spec.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, size=(1, 1, 1), material="box")
    faces = spec.compile().tex_data.reshape(6, -1)
    np.testing.assert_array_equal(faces, np.tile(faces[0], (6, 1)))
    assert len(np.unique(faces[0])) == 2


def test_a_photograph_takes_the_place_of_a_pattern(tmp_path: Path):
    picture = np.zeros((8, 8, 3), np.uint8)
    picture[:, :4] = (200, 10, 10)
    file = tmp_path / "photo.png"
    cv2.imwrite(str(file), picture[..., ::-1])
    np.testing.assert_array_equal(read_photograph(str(file), size=8), picture)
    spec = mujoco.MjSpec()
    add_object_material(spec, "box", "plain", (0, 0, 0), (0, 0, 0), photograph=str(file))
    spec.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, size=(1, 1, 1), material="box")
    assert spec.compile().tex_data.max() == 200


def test_a_photograph_that_was_changed_is_read_again(tmp_path: Path):
    file = tmp_path / "photo.png"
    for number, level in enumerate((10, 200)):
        cv2.imwrite(str(file), np.full((8, 8, 3), level, np.uint8))
        os.utime(file, ns=(number, number))
        assert read_photograph(str(file)).max() == level


def test_a_missing_photograph_is_refused_by_name(tmp_path: Path):
    with pytest.raises(ValueError, match=r"none\.png: expected a picture"):
        read_photograph(str(tmp_path / "none.png"))
