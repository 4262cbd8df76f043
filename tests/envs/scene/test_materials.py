"""Laws of materials."""

import mujoco
import numpy as np

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
