"""Laws of skins."""

import mujoco
import numpy as np

from daml.envs.human.bodies import ARM_BONES, anatomy, find_body
from daml.envs.human.skins import MIRROR, Skin


def arm_skin() -> Skin:
    body, common = find_body(0), anatomy()
    return Skin(
        mesh=common.arm,
        vertices=body.arm,
        texcoords=common.texcoords,
        bones=("trunk", *ARM_BONES),
        heads=np.vstack([body.hips, body.joints]),
    )


def test_normals_point_outwards_on_either_side():
    for skin in (arm_skin(), arm_skin().mirrored()):
        thicker = skin.inflated(0.002)
        hand = skin.texcoords[:, 0] > 0.7
        centre = skin.vertices[hand].mean(axis=0)
        grown = np.linalg.norm(thicker.vertices - centre, axis=1) - np.linalg.norm(skin.vertices - centre, axis=1)
        assert (grown[hand] > 0).mean() > 0.6
        np.testing.assert_allclose(np.linalg.norm(thicker.vertices - skin.vertices, axis=1), 0.002, atol=1e-9)


def test_the_other_side_is_the_mirror_image_and_twice_mirrored_the_same():
    skin = arm_skin()
    other = skin.mirrored()
    np.testing.assert_array_equal(other.vertices, skin.vertices * MIRROR)
    np.testing.assert_allclose(other.normals(), skin.normals() * MIRROR, atol=1e-6)
    np.testing.assert_array_equal(other.mirrored().mesh.faces, skin.mesh.faces)
    np.testing.assert_array_equal(other.mirrored().heads, skin.heads)


def test_a_part_holds_the_faces_whose_corners_are_all_kept():
    skin = arm_skin()
    keep = skin.texcoords[:, 0] > 0.5
    part = skin.part(keep)
    assert len(part.mesh.faces) == keep[skin.mesh.faces].all(axis=1).sum()
    np.testing.assert_array_equal(np.unique(part.mesh.faces), np.arange(len(part.vertices)))
    assert (part.texcoords[:, 0] > 0.5).all()
    np.testing.assert_array_equal(skin.part(np.ones(len(keep), bool)).vertices, skin.vertices)


def test_in_a_scene_it_moves_with_its_bones():
    skin = arm_skin()
    spec = mujoco.MjSpec()
    for bone in skin.bones:
        spec.worldbody.add_body(name=bone, mocap=True)
    spec.add_material(name="skin")
    skin.add_to(spec, "arm", material="skin")
    model = spec.compile()
    data = mujoco.MjData(model)
    shift = np.array([0.3, -0.2, 0.5])
    for number, head in enumerate(skin.heads):
        data.mocap_pos[model.body(skin.bones[number]).mocapid[0]] = head + shift
    mujoco.mj_forward(model, data)
    scene = mujoco.MjvScene(model, maxgeom=100)
    camera, option = mujoco.MjvCamera(), mujoco.MjvOption()
    mujoco.mjv_updateScene(model, data, option, None, camera, mujoco.mjtCatBit.mjCAT_ALL.value, scene)
    drawn = np.array(scene.skinvert).reshape(-1, 3)[: len(skin.vertices)]
    np.testing.assert_allclose(drawn, skin.vertices + shift, atol=1e-4)
