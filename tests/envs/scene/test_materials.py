"""Laws of materials."""

from pathlib import Path

import cv2
import mujoco
import numpy as np

from daml.envs.scene.assets import read_picture
from daml.envs.scene.materials import add_material, add_object_material


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
    np.testing.assert_array_equal(read_picture(file, (8, 8)), picture)
    spec = mujoco.MjSpec()
    add_object_material(spec, "box", "plain", (0, 0, 0), (0, 0, 0), photograph=str(file))
    spec.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, size=(1, 1, 1), material="box")
    assert spec.compile().tex_data.max() == 200
