"""Laws of containers and other destinations."""

from dataclasses import replace
from pathlib import Path

import cv2
import mujoco
import numpy as np
import pytest
from numpy.typing import NDArray

from daml.envs.objects.containers import (
    FAMILIES,
    FAMILIES_OF_SPLIT,
    FLAT_FAMILIES_OF_SPLIT,
    TALL_FAMILIES_OF_SPLIT,
    Container,
    draw_container,
)
from daml.envs.objects.items import Item
from daml.envs.objects.zones import SHAPES_OF_SPLIT, Zone
from daml.envs.rendering.renderer import OffscreenRenderer
from daml.envs.scene.appearance import draw_appearance
from daml.envs.scene.cameras import Camera
from daml.envs.scene.container_bodies import add_container, add_zone
from daml.envs.scene.item_bodies import add_item
from daml.envs.scene.specification import TIMESTEP, build_scene

BALL = Item("ball", (0.015, 0.015, 0.015), (1.0, 0.0, 0.0), (1.0, 1.0, 1.0), "plain")
CUBE = Item("cube", (0.018, 0.018, 0.018), (1.0, 0.0, 0.0), (1.0, 1.0, 1.0), "plain")
ZONE_SHAPES = sorted({shape for shapes in SHAPES_OF_SPLIT.values() for shape in shapes})
WALLED = [family for family, ranges in FAMILIES.items() if ranges.sort == "walled"]
FLAT = [family for family, ranges in FAMILIES.items() if ranges.sort in ("flat", "marked")]
SCENE_FILES_ALONE = ("pan", "basket")
SOLID = [family for family, ranges in FAMILIES.items() if ranges.sort == "solid"]


def a_container(family: str) -> Container:
    rng = np.random.default_rng(0)
    if family in SCENE_FILES_ALONE:
        ranges = FAMILIES[family]
        width, length = ranges.radius[0], ranges.radius[0] * ranges.aspect[1]
        colour = (0.6, 0.4, 0.2)
        return Container(family, (width, length), ranges.height[0], ranges.flare[1], colour, colour, "plain")
    for families in (FAMILIES_OF_SPLIT, TALL_FAMILIES_OF_SPLIT, FLAT_FAMILIES_OF_SPLIT):
        for split, names in families.items():
            if family in names:
                drawn = (draw_container(split, rng, families=families) for _ in range(200))
                return next(container for container in drawn if container.family == family)
    raise AssertionError(family)


def scene_of(item: Item, container: Container, *, yaw: float = 0.0) -> mujoco.MjModel:
    spec = build_scene(draw_appearance(np.random.default_rng(0)))
    add_container(spec, "container", container, position=np.array([0.5, 0.1]), yaw=yaw)
    add_item(spec, "item", item)
    return spec.compile()


def dropped(model: mujoco.MjModel, position: tuple[float, float, float], *, duration: float) -> mujoco.MjData:
    data = mujoco.MjData(model)
    data.joint("item").qpos = [*position, 1.0, 0.0, 0.0, 0.0]
    mujoco.mj_step(model, data, round(duration / TIMESTEP))
    return data


@pytest.mark.parametrize("family", WALLED)
def test_an_item_dropped_into_a_container_of_any_family_stays_in_it(family: str):
    container = a_container(family)
    data = dropped(scene_of(BALL, container), (0.5, 0.1, container.height + 0.03), duration=1.5)
    local = data.body("item").xpos - (0.5, 0.1, 0.0)
    assert container.contains(local, BALL.clearance)
    assert np.linalg.norm(data.joint("item").qvel[:3]) < 0.03


@pytest.mark.parametrize("family", WALLED)
def test_walls_rise_to_the_rim_along_every_edge_of_the_floor(family: str):
    container, yaw = a_container(family), 0.8
    model = scene_of(BALL, container, yaw=yaw)
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    body = model.body("container").id
    walls = [
        geom
        for geom in range(model.ngeom)
        if model.geom_bodyid[geom] == body
        and model.geom_type[geom] == int(mujoco.mjtGeom.mjGEOM_BOX)
        and model.geom_contype[geom]
    ]
    assert len(walls) == FAMILIES[family].sides
    for wall, foot in zip(walls, _edge_middles(container, yaw), strict=True):
        up = data.geom_xmat[wall].reshape(3, 3)[:, 2] * model.geom_size[wall][2]
        assert (data.geom_xpos[wall] + up)[2] == pytest.approx(container.height)
        # The wall's middle line starts half its thickness outside of the floor's edge.
        assert np.linalg.norm((data.geom_xpos[wall] - up)[:2] - foot) == pytest.approx(0.0025, abs=1e-6)
        assert np.dot(up[:2], foot - (0.5, 0.1)) >= -1e-12


def _edge_middles(container: Container, yaw: float) -> NDArray[np.float64]:
    outline = container.polygon()
    turn = np.array([[np.cos(yaw), -np.sin(yaw)], [np.sin(yaw), np.cos(yaw)]])
    return (outline + np.roll(outline, -1, axis=0)) / 2 @ turn.T + (0.5, 0.1)


def test_a_container_does_not_move_when_it_is_hit():
    container = a_container("cup")
    model = scene_of(BALL, container)
    data = mujoco.MjData(model)
    data.joint("item").qpos = [0.40, 0.1, 0.04, 1.0, 0.0, 0.0, 0.0]
    data.joint("item").qvel = [2.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    mujoco.mj_step(model, data)
    before = data.body("container").xpos.copy()
    mujoco.mj_step(model, data, 50)
    np.testing.assert_array_equal(data.body("container").xpos, before)
    # Nor does the ball pass through its wall.
    assert data.body("item").xpos[0] < 0.5 - container.half_extents[0] * 0.8


@pytest.mark.parametrize("shape", ZONE_SHAPES)
def test_a_zone_is_a_mark_that_covers_its_circle_and_touches_nothing(shape: str):
    zone = Zone(shape, 0.085, (1.0, 0.0, 0.0), (1.0, 1.0, 1.0), "plain")
    spec = build_scene(draw_appearance(np.random.default_rng(0)))
    add_zone(spec, zone, position=np.array([0.5, 0.1]), yaw=0.7)
    add_item(spec, "item", BALL)
    model = spec.compile()
    data = mujoco.MjData(model)
    data.joint("item").qpos = [0.5, 0.1, 0.05, 1.0, 0.0, 0.0, 0.0]
    mujoco.mj_forward(model, data)
    for angle in np.linspace(0, 2 * np.pi, 32):
        point = np.array([0.5, 0.1, 0.5]) + 0.99 * zone.radius * np.array([np.cos(angle), np.sin(angle), 0.0])
        geom = np.array([-1], dtype=np.int32)
        mujoco.mj_ray(model, data, point, np.array([0.0, 0.0, -1.0]), None, 1, -1, geom)
        assert model.body(int(model.geom_bodyid[geom[0]])).name == "zone"
    # Seen, but no obstacle: a ball on it lies as on the table.
    mujoco.mj_step(model, data, round(1.0 / TIMESTEP))
    assert data.body("item").xpos[2] == pytest.approx(BALL.half_extents[2], abs=1e-3)
    assert data.ncon == 1


@pytest.mark.parametrize("family", [*FLAT, *SOLID])
def test_an_item_put_upon_a_destination_without_walls_rests_there(family: str):
    container = a_container(family)
    height = CUBE.half_extents[2]
    data = dropped(scene_of(CUBE, container), (0.5, 0.1, container.height + height + 0.01), duration=1.0)
    rests_upon = container.height if family in SOLID else 0.0
    assert data.body("item").xpos[2] == pytest.approx(rests_upon + height, abs=1.5e-3)
    assert container.contains(data.body("item").xpos - (0.5, 0.1, 0.0), CUBE.clearance)


@pytest.mark.parametrize("family", FLAT)
def test_an_item_slides_over_what_is_flat_as_over_the_table(family: str):
    container = a_container(family)
    stops: list[float] = []
    for where in (0.1, 5.0):  # on it, and far from it
        model = scene_of(CUBE, container)
        model.body("container").pos[1] = where
        data = mujoco.MjData(model)
        data.joint("item").qpos[:3] = (0.35, 0.1, CUBE.half_extents[2])
        data.joint("item").qvel[0] = 0.9
        mujoco.mj_step(model, data, round(1.0 / TIMESTEP))
        stops.append(float(data.body("item").xpos[0]))
    assert stops[0] == pytest.approx(stops[1], abs=1e-9)


def test_of_a_marked_place_only_the_edge_is_drawn():
    container = a_container("taped circle")
    model = scene_of(CUBE, container)
    body = model.body("container")
    assert int(body.geomnum[0]) == FAMILIES["taped circle"].sides
    middles = model.geom_pos[int(body.geomadr[0]) : int(body.geomadr[0]) + int(body.geomnum[0]), :2]
    assert np.linalg.norm(middles, axis=1).min() > 0.9 * min(container.half_extents)


@pytest.mark.parametrize("family", ["plate", "tray", "coaster", "book"])
def test_a_photograph_lies_on_the_floor_with_its_right_to_x_and_its_top_to_y(family: str, tmp_path: Path):
    picture = np.zeros((8, 8, 3), np.uint8)
    picture[:4, 4:] = 255  # upper right
    cv2.imwrite(str(tmp_path / "photo.png"), picture)
    container = replace(a_container(family), texture=str(tmp_path / "photo.png"), wall_colour=(0, 0, 0))
    spec = build_scene(draw_appearance(np.random.default_rng(0)))
    add_container(spec, "container", container, position=np.array([0.5, 0.1]), yaw=0.0)
    Camera("above", (0.501, 0.1, 0.7), (0.5, 0.1, 0.0), 30.0).add_to(spec)  # its picture's top is towards -x
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    renderer = OffscreenRenderer(96, 96)
    renderer.load(model)
    seen = renderer.render(data, "above").max(axis=-1).astype(int)
    step = 6
    quarters = {(x, y): seen[48 + x * step, 48 + y * step] for x in (-1, 1) for y in (-1, 1)}
    assert max(quarters, key=lambda quarter: quarters[quarter]) == (1, 1)


def test_a_photograph_is_no_obstacle(tmp_path: Path):
    cv2.imwrite(str(tmp_path / "photo.png"), np.zeros((8, 8, 3), np.uint8))
    plain = a_container("plate")
    ends = [
        dropped(scene_of(BALL, container), (0.5, 0.1, 0.06), duration=0.6).body("item").xpos
        for container in (plain, replace(plain, texture=str(tmp_path / "photo.png")))
    ]
    np.testing.assert_allclose(ends[0], ends[1], atol=1e-6)
