"""Laws of scanned things."""

from collections.abc import Callable
from pathlib import Path

import mujoco
import numpy as np
import pytest

from daml.envs.objects.items import TABLE_HALF_WIDTH, Item
from daml.envs.scene.appearance import draw_appearance
from daml.envs.scene.assets import Assets
from daml.envs.scene.item_bodies import add_item
from daml.envs.scene.scans import HEIGHTS, LONGEST, add_scan, as_item, half_extents_of
from daml.envs.scene.specification import TIMESTEP, build_scene

PLAIN = Item("can", (0.018, 0.018, 0.018), (1.0, 0.0, 0.0), (1.0, 1.0, 1.0), "plain")


def test_a_mesh_is_as_large_as_its_vertices_say(written_cube: Callable[..., Path], tmp_path: Path):
    assert half_extents_of(written_cube("a.obj", (0.03, 0.02, 0.05))) == pytest.approx((0.03, 0.02, 0.05))
    (tmp_path / "empty.obj").write_text("# nothing\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"empty\.obj: expected a mesh"):
        half_extents_of(tmp_path / "empty.obj")


def test_a_thing_that_is_handled_has_a_shape_that_fingers_hold(written_cube: Callable[..., Path]):
    for number, size in enumerate([(0.03, 0.03, 0.1), (0.2, 0.15, 0.01), (0.01, 0.012, 0.013)]):
        item = as_item(PLAIN, written_cube(f"{number}.obj", size), is_handled=True)
        assert item is not None
        length, width, height = item.half_extents
        assert TABLE_HALF_WIDTH[0] <= width <= TABLE_HALF_WIDTH[1]
        assert width <= length <= 1.6 * width
        assert HEIGHTS[0] <= height <= HEIGHTS[1]
    fork = written_cube("fork.obj", (0.1, 0.01, 0.005))
    assert as_item(PLAIN, fork, is_handled=True) is None
    lying = as_item(PLAIN, fork, is_handled=False)
    assert lying is not None
    assert lying.half_extents[0] == pytest.approx(LONGEST)


def test_a_scan_is_seen_where_its_item_is_and_touches_nothing(assets: Assets):
    item = as_item(PLAIN, assets.scans("train")[0], is_handled=True)
    assert item is not None
    spec = build_scene(draw_appearance(np.random.default_rng(0)))
    add_item(spec, "item", item)
    model = spec.compile()
    data = mujoco.MjData(model)
    data.joint("item").qpos[:3] = (0.5, 0.0, item.half_extents[2])
    mujoco.mj_step(model, data, round(0.5 / TIMESTEP))
    assert np.linalg.norm(data.joint("item").qvel[:3]) < 0.01
    geom = np.array([-1], dtype=np.int32)
    distance = mujoco.mj_ray(model, data, np.array([0.5, 0.0, 0.5]), np.array([0.0, 0.0, -1.0]), None, 1, -1, geom)
    assert model.geom_type[geom[0]] == mujoco.mjtGeom.mjGEOM_MESH
    assert distance == pytest.approx(0.5 - 2 * item.half_extents[2], abs=1e-3)
    assert model.geom_contype[geom[0]] == model.geom_conaffinity[geom[0]] == 0


def test_an_item_without_a_scan_is_refused():
    spec = mujoco.MjSpec()
    with pytest.raises(ValueError, match="expected an item with a scan"):
        add_scan(spec, spec.worldbody.add_body(name="item0"), PLAIN)
