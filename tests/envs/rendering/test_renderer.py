"""Laws of the offscreen renderer."""

import multiprocessing
from multiprocessing.connection import Connection

import mujoco
import numpy as np
import pytest
from numpy.typing import NDArray

from daml.envs.rendering.quality import PERSON_QUALITY
from daml.envs.rendering.renderer import OffscreenRenderer


def scene(seed: int = 0, *, n_geoms: int = 50) -> tuple[mujoco.MjModel, mujoco.MjData]:
    random = np.random.default_rng(seed)
    spec = mujoco.MjSpec()
    texture = spec.add_texture(name="grain", type=mujoco.mjtTexture.mjTEXTURE_2D, width=64, height=64, nchannel=3)
    texture.data = random.integers(0, 255, 64 * 64 * 3, dtype=np.uint8).tobytes()
    material = spec.add_material(name="grain")
    material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB.value] = "grain"
    spec.worldbody.add_light(pos=[0, 0, 2], dir=[0, 0, -1], castshadow=True)
    spec.worldbody.add_geom(
        type=mujoco.mjtGeom.mjGEOM_BOX, size=[0.4, 0.4, 0.02], pos=[0.5, 0, -0.02], material="grain"
    )
    kinds = (
        mujoco.mjtGeom.mjGEOM_BOX,
        mujoco.mjtGeom.mjGEOM_CYLINDER,
        mujoco.mjtGeom.mjGEOM_CAPSULE,
        mujoco.mjtGeom.mjGEOM_SPHERE,
    )
    for index in range(n_geoms):
        spec.worldbody.add_geom(
            type=kinds[index % len(kinds)],
            size=[0.03, 0.03, 0.03],
            pos=[random.uniform(0.3, 0.7), random.uniform(-0.3, 0.3), 0.1],
            rgba=[*random.random(3), 1],
        )
    axes = [0, 1, 0, -0.6, 0, 0.8]
    spec.worldbody.add_camera(name="front", pos=[1.2, 0, 0.8], xyaxes=axes, fovy=45)
    spec.worldbody.add_camera(name="above", pos=[0.5, 0, 1.2], xyaxes=[1, 0, 0, 0, 1, 0], fovy=45)
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    return model, data


def image_of(seed: int, height: int = 48, width: int = 64) -> NDArray[np.uint8]:
    model, data = scene(seed)
    with OffscreenRenderer(height, width) as renderer:
        renderer.load(model)
        return renderer.render(data, "front")


def test_image_has_the_size_asked_for_whatever_the_models_own_buffer_is():
    model, data = scene()
    model.vis.global_.offheight = model.vis.global_.offwidth = 8
    with OffscreenRenderer(480, 640) as renderer:
        renderer.load(model)
        image = renderer.render(data, "front")
    assert image.shape == (480, 640, 3)
    assert image.dtype == np.uint8
    assert image.std() > 10


def test_same_scene_gives_the_same_pixels_and_another_scene_others():
    np.testing.assert_array_equal(image_of(3), image_of(3))
    assert (image_of(3) != image_of(4)).any()


def test_image_is_upright():
    spec = mujoco.MjSpec()
    spec.worldbody.add_light(pos=[0, -3, 3], dir=[0, 1, -1])
    spec.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_SPHERE, size=[0.2, 0, 0], pos=[0, 0, 0.5], rgba=[1, 0, 0, 1])
    spec.worldbody.add_camera(name="level", pos=[0, -3, 0], xyaxes=[1, 0, 0, 0, 0, 1])
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    with OffscreenRenderer(32, 32) as renderer:
        renderer.load(model)
        redness = renderer.render(data, "level")[..., 0].astype(float)
    assert redness[:16].sum() > 0
    assert redness[16:].sum() == 0


def test_loading_leaves_the_model_unchanged():
    model, data = scene()
    model.vis.global_.offheight, model.vis.quality.offsamples, model.vis.quality.numslices = 7, 3, 9
    with OffscreenRenderer(16, 16) as renderer:
        renderer.load(model)
        renderer.render(data, "front")
        renderer.render(data, "front", quality=PERSON_QUALITY)
    assert model.vis.global_.offheight == 7
    assert model.vis.quality.offsamples == 3
    assert model.vis.quality.numslices == 9


def test_renderers_side_by_side_do_not_disturb_one_another():
    first, second = scene(1), scene(2)
    alone = image_of(1, 64, 64)
    with OffscreenRenderer(64, 64) as small, OffscreenRenderer(64, 64) as same_size, OffscreenRenderer(240, 320) as big:
        small.load(first[0])
        same_size.load(second[0])
        big.load(first[0])
        for _ in range(2):
            big.render(first[1], "above", quality=PERSON_QUALITY)
            other = same_size.render(second[1], "front")
            np.testing.assert_array_equal(small.render(first[1], "front"), alone)
            assert (other != alone).any()
        big.close()
        np.testing.assert_array_equal(small.render(first[1], "front"), alone)


def test_a_new_model_replaces_the_old_one():
    model, data = scene(5)
    with OffscreenRenderer(48, 64) as renderer:
        for seed in range(20):
            renderer.load(scene(seed)[0])
        renderer.load(model)
        np.testing.assert_array_equal(renderer.render(data, "front"), image_of(5))


def test_shadows_are_drawn_for_people_only():
    spec = mujoco.MjSpec()
    spec.worldbody.add_light(pos=[-1, 0, 2], dir=[1, 0, -2], castshadow=True, cutoff=90)
    spec.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, size=[1, 1, 0.1], pos=[0, 0, -0.1], rgba=[1, 1, 1, 1])
    # The light comes from the left, so the shadow falls 0.33 m to the right of the sphere.
    spec.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_SPHERE, size=[0.1, 0, 0], pos=[0, 0, 0.5])
    spec.worldbody.add_camera(name="above", pos=[0, 0, 3], xyaxes=[1, 0, 0, 0, 1, 0], fovy=45)
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    with OffscreenRenderer(100, 100) as renderer:
        renderer.load(model)
        plain = renderer.render(data, "above").astype(float)
        shaded = renderer.render(data, "above", quality=PERSON_QUALITY).astype(float)
        np.testing.assert_array_equal(renderer.render(data, "above"), plain)
    shadow, lit = (50, 63), (50, 37)
    assert shaded[shadow].mean() < 0.8 * shaded[lit].mean()
    assert plain[shadow].mean() > 0.9 * plain[lit].mean()


def test_an_image_is_not_overwritten_by_the_next():
    model, data = scene()
    with OffscreenRenderer(32, 32) as renderer:
        renderer.load(model)
        first = renderer.render(data, "front")
        kept = first.copy()
        renderer.render(data, "above")
    np.testing.assert_array_equal(first, kept)


def _send_image(end: Connection) -> None:
    end.send(image_of(6))


def test_a_forked_process_renders_the_same_pixels():
    expected = image_of(6)
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_send_image, args=(there,))
    process.start()
    assert here.poll(30)
    np.testing.assert_array_equal(here.recv(), expected)
    process.join()
    assert process.exitcode == 0


def test_unknown_camera_is_refused_with_the_names_there_are():
    model, data = scene()
    with OffscreenRenderer(16, 16) as renderer:
        renderer.load(model)
        with pytest.raises(ValueError, match=r"no camera named 'side'.*front, above"):
            renderer.render(data, "side")


def test_rendering_without_a_model_is_refused():
    _, data = scene()
    with pytest.raises(RuntimeError, match=r"call load\(model\) first"):
        OffscreenRenderer(16, 16).render(data, "front")


def test_an_empty_image_is_refused():
    with pytest.raises(ValueError, match=r"\(0, 64\)"):
        OffscreenRenderer(0, 64)


def test_each_pixel_is_told_what_it_shows():
    model, data = scene(n_geoms=3)
    with OffscreenRenderer(64, 64) as renderer:
        renderer.load(model)
        shown = renderer.identify(data, "front")
        picture = renderer.render(data, "front")
    assert shown.shape == (64, 64, 2)
    geom = mujoco.mjtObj.mjOBJ_GEOM.value
    assert set(shown[..., 0].ravel().tolist()) == {-1, geom}
    assert set(shown[shown[..., 0] == geom][:, 1].tolist()) == {0, 1, 2, 3}
    # The background is black, and looking at it leaves the pictures as they are.
    assert picture[shown[..., 0] == -1].mean() < picture[shown[..., 0] == geom].mean() / 4
    with OffscreenRenderer(64, 64) as renderer:
        renderer.load(model)
        np.testing.assert_array_equal(renderer.render(data, "front"), picture)
