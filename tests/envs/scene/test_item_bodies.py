"""Laws of items that lie on the table."""

import mujoco
import numpy as np
import pytest
from numpy.typing import NDArray

from daml.envs.objects.items import (
    FAMILIES_OF_SPLIT,
    HOUSEHOLD_FAMILIES,
    MUG_ASPECT,
    PUSHED_FAMILIES_OF_SPLIT,
    TABLE_FAMILIES_OF_SPLIT,
    Item,
    draw_item,
    draw_pushed_item,
    draw_table_item,
    ranges_of,
)
from daml.envs.objects.palette import COLOURS
from daml.envs.scene.appearance import draw_appearance
from daml.envs.scene.item_bodies import SLIDING_FRICTION, add_item
from daml.envs.scene.specification import TIMESTEP, build_scene

DRAWS = (
    (draw_item, FAMILIES_OF_SPLIT),
    (draw_pushed_item, PUSHED_FAMILIES_OF_SPLIT),
    (draw_table_item, TABLE_FAMILIES_OF_SPLIT),
)
SORTS = {family: sort for sort in DRAWS for families in sort[1].values() for family in families}
ITEM_FAMILIES = sorted({*SORTS, *HOUSEHOLD_FAMILIES})
PUSHED_FAMILIES = sorted(family for family, (draw, _) in SORTS.items() if draw is not draw_item)


def an_item(family: str, *, seed: int = 0) -> Item:
    rng = np.random.default_rng(seed)
    if family in HOUSEHOLD_FAMILIES:
        return a_household_item(family, rng)
    draw, families_of_split = SORTS[family]
    split = next(split for split, families in families_of_split.items() if family in families)
    return next(drawn for drawn in (draw(split, rng) for _ in range(200)) if drawn.family == family)


def a_household_item(family: str, rng: np.random.Generator, *, is_pushed: bool = False) -> Item:
    length, width, height = (float(rng.uniform(*span)) for span in ranges_of(family, is_pushed=is_pushed))
    length = {"toy": width, "mug": max(length, MUG_ASPECT * width)}.get(family, length)
    return Item(family, (length, width, height), COLOURS["red"], COLOURS["sky"], "plain")


def scene_of(item: Item) -> mujoco.MjModel:
    spec = build_scene(draw_appearance(np.random.default_rng(0)))
    add_item(spec, "item", item)
    return spec.compile()


def dropped(model: mujoco.MjModel, position: tuple[float, float, float], *, duration: float) -> mujoco.MjData:
    data = mujoco.MjData(model)
    data.joint("item").qpos = [*position, 1.0, 0.0, 0.0, 0.0]
    mujoco.mj_step(model, data, round(duration / TIMESTEP))
    return data


@pytest.mark.parametrize("family", ITEM_FAMILIES)
def test_an_item_of_any_family_comes_to_rest_on_the_table(family: str):
    item = an_item(family)
    data = dropped(scene_of(item), (0.5, 0.0, item.half_extents[2] + 0.02), duration=1.5)
    assert np.linalg.norm(data.joint("item").qvel[:3]) < 0.01
    assert item.clearance - 2e-3 < data.body("item").xpos[2] <= max(item.half_extents) + 1e-3


@pytest.mark.parametrize(
    "family",
    [
        pytest.param(family, marks=pytest.mark.xfail(reason="its second bar is as long as the first"))
        if family == "cross"
        else family
        for family in ITEM_FAMILIES
    ],
)
def test_an_item_is_as_wide_as_it_says_and_weighs_what_a_hand_can_hold(family: str):
    item = an_item(family)
    model = scene_of(item)
    assert 0.005 < model.body("item").mass[0] < 0.25
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    # A ray along y from the side, to the middle, and for the pair of beads to the middle of one bead.
    along = item.half_extents[0] - item.half_extents[1] if family == "bead pair" else 0.0
    hit = np.full(1, -1, dtype=np.int32)
    distance = mujoco.mj_ray(model, data, np.array([along, 0.5, 1.0]), np.array([0.0, -1.0, 0.0]), None, 1, -1, hit)
    assert distance == pytest.approx(0.5 - item.half_extents[1], abs=1e-6)
    assert model.geom_bodyid[hit[0]] == model.body("item").id


@pytest.mark.parametrize("family", ITEM_FAMILIES)
def test_an_items_reach_is_that_of_its_outline(family: str):
    for seed in range(3):
        item = an_item(family, seed=seed)
        outline = np.linalg.norm(_corners_from_above(scene_of(item), "item"), axis=1).max()
        # A corner cut off is forgiven, one that sticks out is not.
        assert outline - 1e-9 <= item.reach <= 1.15 * outline


def _corners_from_above(model: mujoco.MjModel, body: str) -> NDArray[np.float64]:
    """Return points of a body's outline in its own frame, `(n, 2)`, in metres."""
    corners: list[NDArray[np.float64]] = []
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    origin = data.body(body).xpos[:2]
    around = np.stack([np.cos(angles := np.linspace(0, 2 * np.pi, 64, endpoint=False)), np.sin(angles)], axis=1)
    for geom in np.flatnonzero(model.geom_bodyid == model.body(body).id):
        middle, size = model.geom_pos[geom, :2], model.geom_size[geom]
        if model.geom_type[geom] == mujoco.mjtGeom.mjGEOM_MESH:  # the simulator turns a mesh about its own axes
            first, number = model.mesh_vertadr[model.geom_dataid[geom]], model.mesh_vertnum[model.geom_dataid[geom]]
            turned = model.mesh_vert[first : first + number] @ data.geom_xmat[geom].reshape(3, 3).T
            corners.append((turned + data.geom_xpos[geom])[:, :2] - origin)
            continue
        half_sides = {
            int(mujoco.mjtGeom.mjGEOM_BOX): np.array([(1, 1), (1, -1), (-1, 1), (-1, -1)]) * size[:2],
            int(mujoco.mjtGeom.mjGEOM_ELLIPSOID): around * size[:2],
        }
        corners.append(middle + half_sides.get(int(model.geom_type[geom]), around * size[0]))
    return np.concatenate(corners)


@pytest.mark.parametrize("family", HOUSEHOLD_FAMILIES)
def test_what_is_only_drawn_of_an_item_neither_touches_nor_weighs_anything(family: str):
    item = an_item(family)
    model = scene_of(item)
    own = np.flatnonzero(model.geom_bodyid == model.body("item").id)
    is_drawn = model.geom_contype[own] == 0
    assert not is_drawn.all()
    assert (model.geom_conaffinity[own][is_drawn] == 0).all()
    bare = scene_of(Item("box", item.half_extents, item.colour, item.accent, "plain"))
    assert model.body("item").mass[0] < 1.2 * bare.body("item").mass[0]


@pytest.mark.parametrize("family", HOUSEHOLD_FAMILIES)
def test_a_wide_household_item_slides_and_a_narrow_one_is_carried(family: str):
    rng = np.random.default_rng(0)
    assert a_household_item(family, rng, is_pushed=True).is_pushed
    assert not a_household_item(family, rng).is_pushed


@pytest.mark.parametrize("family", PUSHED_FAMILIES)
def test_a_pushed_item_slides_wherever_it_is_pushed(family: str):
    for seed in range(5):
        length, width, height = an_item(family, seed=seed).half_extents
        # Pushed at its top edge, friction at its foot would have to lift its weight over the edge in front.
        assert SLIDING_FRICTION[0] * 2 * height < min(length, width)
