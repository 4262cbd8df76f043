"""Laws of the walls."""

import mujoco
import numpy as np
import pytest

from daml.envs.rendering.renderer import OffscreenRenderer
from daml.envs.scene.appearance import draw_appearance
from daml.envs.scene.cameras import Camera, draw_filming_camera
from daml.envs.scene.specification import build_scene
from daml.envs.scene.walls import add_walls


def room(seed: int, cameras: list[Camera]) -> mujoco.MjModel:
    rng = np.random.default_rng(seed)
    spec = build_scene(draw_appearance(rng))
    add_walls(spec, rng)
    for camera in cameras:
        camera.add_to(spec)
    return spec.compile()


@pytest.mark.parametrize("seed", range(6))
def test_no_camera_that_films_the_table_sees_nothing(seed: int):
    camera = draw_filming_camera(np.random.default_rng(seed))
    model = room(seed, [camera])
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    with OffscreenRenderer(48, 48) as renderer:
        renderer.load(model)
        assert (renderer.identify(data, camera.name)[..., 0] >= 0).mean() > 0.98
        assert renderer.render(data, camera.name).mean() > 30


def test_nothing_touches_a_wall_and_no_two_are_alike():
    model = room(0, [])
    colours: list[tuple[int, ...]] = []
    for number in range(4):
        geom = model.geom(f"wall{number}")
        assert geom.contype[0] == geom.conaffinity[0] == 0
        texture = model.texture(f"wall{number}").id
        start = model.tex_adr[texture]
        colours.append(tuple(model.tex_data[start : start + 3].tolist()))
    assert len(set(colours)) == 4
