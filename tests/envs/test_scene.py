"""Laws of the table and what lies on it."""

import mujoco
import numpy as np
import pytest
from numpy.typing import NDArray

from envs.appearance import draw_appearance
from envs.containers import FAMILIES, Container, draw_container
from envs.items import FAMILIES_OF_SPLIT, Item, draw_item
from envs.scene import TABLE_CENTRE, TABLE_HALF_EXTENTS, TIMESTEP, add_container, add_item, build_scene

BALL = Item("ball", (0.015, 0.015, 0.015), (1.0, 0.0, 0.0), (1.0, 1.0, 1.0), "plain")
ITEM_FAMILIES = sorted({family for families in FAMILIES_OF_SPLIT.values() for family in families})


def a_container(family: str) -> Container:
    split = next(split for split in ("train", "validation", "test") if family in _families(split))
    rng = np.random.default_rng(0)
    return next(drawn for drawn in (draw_container(split, rng) for _ in range(200)) if drawn.family == family)


def _families(split: str) -> set[str]:
    rng = np.random.default_rng(1)
    return {draw_container(split, rng).family for _ in range(100)}


def an_item(family: str) -> Item:
    rng = np.random.default_rng(0)
    split = next(split for split, families in FAMILIES_OF_SPLIT.items() if family in families)
    return next(drawn for drawn in (draw_item(split, rng) for _ in range(200)) if drawn.family == family)


def scene_of(item: Item, container: Container | None = None, *, yaw: float = 0.0) -> mujoco.MjModel:
    spec = build_scene(draw_appearance(np.random.default_rng(0)))
    if container is not None:
        add_container(spec, "container", container, position=np.array([0.5, 0.1]), yaw=yaw)
    add_item(spec, "item", item)
    return spec.compile()


def dropped(model: mujoco.MjModel, position: tuple[float, float, float], *, duration: float) -> mujoco.MjData:
    data = mujoco.MjData(model)
    data.joint("item").qpos = [*position, 1.0, 0.0, 0.0, 0.0]
    mujoco.mj_step(model, data, round(duration / TIMESTEP))
    return data


def test_the_table_top_is_at_height_zero():
    assert TABLE_CENTRE[2] + TABLE_HALF_EXTENTS[2] == 0
    resting = dropped(scene_of(BALL), (0.5, 0.0, 0.05), duration=1.0).body("item").xpos
    np.testing.assert_allclose(resting, (0.5, 0.0, BALL.half_extents[2]), atol=1e-3)


@pytest.mark.parametrize("family", ITEM_FAMILIES)
def test_an_item_of_any_family_comes_to_rest_on_the_table(family: str):
    item = an_item(family)
    data = dropped(scene_of(item), (0.5, 0.0, item.half_extents[2] + 0.02), duration=1.5)
    assert np.linalg.norm(data.joint("item").qvel[:3]) < 0.01
    assert item.clearance - 2e-3 < data.body("item").xpos[2] <= max(item.half_extents) + 1e-3


@pytest.mark.parametrize("family", ITEM_FAMILIES)
def test_an_item_is_as_wide_as_it_says_and_weighs_what_a_hand_can_hold(family: str):
    item = an_item(family)
    model = scene_of(item)
    assert 0.005 < model.body("item").mass[0] < 0.2
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    # A ray along y from the side, to the middle, and for the pair of beads to the middle of one bead.
    along = item.half_extents[0] - item.half_extents[1] if family == "bead pair" else 0.0
    hit = np.full(1, -1, dtype=np.int32)
    distance = mujoco.mj_ray(model, data, np.array([along, 0.5, 1.0]), np.array([0.0, -1.0, 0.0]), None, 1, -1, hit)
    assert distance == pytest.approx(0.5 - item.half_extents[1], abs=1e-6)
    assert model.geom_bodyid[hit[0]] == model.body("item").id


@pytest.mark.parametrize("family", FAMILIES)
def test_an_item_dropped_into_a_container_of_any_family_stays_in_it(family: str):
    container = a_container(family)
    data = dropped(scene_of(BALL, container), (0.5, 0.1, container.height + 0.03), duration=1.5)
    local = data.body("item").xpos - (0.5, 0.1, 0.0)
    assert container.contains(local, BALL.clearance)
    assert np.linalg.norm(data.joint("item").qvel[:3]) < 0.03


@pytest.mark.parametrize("family", FAMILIES)
def test_walls_rise_to_the_rim_along_every_edge_of_the_floor(family: str):
    container, yaw = a_container(family), 0.8
    model = scene_of(BALL, container, yaw=yaw)
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    body = model.body("container").id
    walls = [
        geom
        for geom in range(model.ngeom)
        if model.geom_bodyid[geom] == body and model.geom_type[geom] == int(mujoco.mjtGeom.mjGEOM_BOX)
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
