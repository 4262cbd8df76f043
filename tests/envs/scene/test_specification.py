"""Laws of the table and what lies on it."""

import mujoco
import numpy as np
import pytest
from numpy.typing import NDArray

from daml.envs.objects.items import Item
from daml.envs.scene.appearance import draw_appearance
from daml.envs.scene.item_bodies import add_item
from daml.envs.scene.specification import (
    TABLE_CENTRE,
    TABLE_HALF_EXTENTS,
    TIMESTEP,
    add_objects,
    build_scene,
    place_items,
)
from daml.envs.tasks.kinds import TASK_KINDS, draw_objects
from daml.envs.tasks.task import ALL_KINDS as KINDS
from daml.envs.tasks.task import SPLITS, Task

BALL = Item("ball", (0.015, 0.015, 0.015), (1.0, 0.0, 0.0), (1.0, 1.0, 1.0), "plain")


def test_the_table_top_is_at_height_zero():
    assert TABLE_CENTRE[2] + TABLE_HALF_EXTENTS[2] == 0
    spec = build_scene(draw_appearance(np.random.default_rng(0)))
    add_item(spec, "item", BALL)
    model = spec.compile()
    data = mujoco.MjData(model)
    data.joint("item").qpos[:3] = (0.5, 0.0, 0.05)
    mujoco.mj_step(model, data, round(1.0 / TIMESTEP))
    resting = data.body("item").xpos
    np.testing.assert_allclose(resting, (0.5, 0.0, BALL.half_extents[2]), atol=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_laid_out_lies_where_the_layout_says_and_stays_there(kind: str):
    for index in range(3):
        objects = draw_objects(Task(kind, SPLITS[index], index))
        layout = TASK_KINDS[kind].draw_layout(objects, np.random.default_rng(index))
        spec = build_scene(draw_appearance(np.random.default_rng(0)))
        add_objects(spec, objects, layout)
        model = spec.compile()
        data = mujoco.MjData(model)
        place_items(data, objects, layout)
        mujoco.mj_forward(model, data)
        for slot, (place, yaw) in enumerate(zip(layout.container_positions, layout.container_yaws, strict=True)):
            _lies(data, f"container{slot}", place, yaw)
        for slot, (place, yaw) in enumerate(zip(layout.item_positions, layout.item_yaws, strict=True)):
            _lies(data, f"item{slot}", place, yaw)
        if objects.zone is not None:
            _lies(data, "zone", layout.zone_position, layout.zone_yaw)
        if TASK_KINDS[kind].starts_holding(objects):
            continue  # the item is in the gripper, or the hand, which are not here
        before = [data.body(f"item{slot}").xpos.copy() for slot in range(len(objects.items))]
        mujoco.mj_step(model, data, round(0.5 / TIMESTEP))
        for slot, place in enumerate(before):
            assert np.linalg.norm(data.body(f"item{slot}").xpos - place) < 2e-3


def _lies(data: mujoco.MjData, body: str, place: NDArray[np.float64], yaw: float) -> None:
    np.testing.assert_allclose(data.body(body).xpos[:2], place, atol=1e-9)
    heading = data.body(body).xmat.reshape(3, 3)[:, 0]
    np.testing.assert_allclose(heading, (np.cos(yaw), np.sin(yaw), 0.0), atol=1e-6)
