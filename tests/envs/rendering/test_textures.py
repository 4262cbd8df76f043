"""Laws of textures as flat pictures."""

import mujoco
import numpy as np

from daml.envs.rendering.solids import solid_of
from daml.envs.rendering.textures import cover_of, texture_of

SIDES = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0], [255, 0, 255], [0, 255, 255]], np.uint8)
"""A colour for each side of a cube: right, left, up, down, front, back."""


def model(kind: str, *, cube: bool, repeat: tuple[float, float] = (1.0, 1.0)) -> mujoco.MjModel:
    spec = mujoco.MjSpec()
    shape = (6 * 4, 4) if cube else (4, 4)
    pixels = np.repeat(SIDES, 16, axis=0) if cube else np.arange(48, dtype=np.uint8)
    sort = mujoco.mjtTexture.mjTEXTURE_CUBE if cube else mujoco.mjtTexture.mjTEXTURE_2D
    texture = spec.add_texture(name="t", type=sort, height=shape[0], width=shape[1], nchannel=3)
    texture.data = pixels.tobytes()
    spec.add_material(name="m", texrepeat=repeat).textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = "t"
    if kind == "slab":
        corners = [(x, y, z) for x in (-0.1, 0.1) for y in (-0.2, 0.2) for z in (0.0, 0.01)]
        spec.add_mesh(name="slab", uservert=np.ravel(corners))
        spec.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_MESH, meshname="slab", material="m")
    else:
        spec.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, size=[0.1, 0.2, 0.3], material="m")
    spec.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, size=[0.1, 0.1, 0.1])
    return spec.compile()


def test_a_geom_without_a_texture_has_no_cover():
    plain = model("box", cube=True)
    assert texture_of(plain, 1) is None
    assert cover_of(plain, 1, solid_of(plain, 1)) is None


def test_each_side_of_a_box_shows_the_whole_of_its_side_of_a_cube():
    boxed = model("box", cube=True)
    solid = solid_of(boxed, 0)
    cover = cover_of(boxed, 0, solid)
    assert cover is not None
    assert cover.picture.shape == (24, 4, 3)
    for number, axis in enumerate((0, 0, 1, 1, 2, 2)):
        seen = solid.normals[:, 0, axis] == (1, -1)[number % 2]
        places = cover.places[seen].reshape(-1, 2)
        assert np.allclose([places.min(axis=0), places.max(axis=0)], [[0, number / 6], [1, (number + 1) / 6]])


def test_a_flat_picture_lies_on_the_top_of_a_box_as_often_as_it_is_repeated():
    table = model("box", cube=False, repeat=(3.0, 2.0))
    solid = solid_of(table, 0)
    cover = cover_of(table, 0, solid)
    assert cover is not None
    assert cover.picture.ravel().tolist() == list(range(48))
    assert np.allclose(np.ptp(cover.places.reshape(-1, 2), axis=0), [3, 2])
    right = solid.unit[..., 0] == 1
    assert (cover.places[right][:, 0] > cover.places[~right][:, 0].max()).all()


def test_the_top_of_a_slab_shows_a_quarter_of_each_side_around_it():
    slab = model("slab", cube=True)
    cover = cover_of(slab, 0, solid_of(slab, 0))
    assert cover is not None
    assert cover.places.min() >= 0
    assert cover.places.max() <= 1
    height, width = cover.picture.shape[:2]
    edges = [cover.picture[height // 2, -1], cover.picture[height // 2, 0], cover.picture[-1, width // 2]]
    edges.append(cover.picture[0, width // 2])
    assert len({tuple(edge) for edge in edges}) == 4
