"""Laws of the pushing expert, on states made up for it, and when something comes in between."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from daml.envs.experts import push_expert
from daml.envs.experts.motion import TRAVEL_HEIGHT
from daml.envs.experts.push import ARRIVED, FINGER_RADIUS, LARGE_ITEMS, PUSH_HEIGHT, STANDOFF, STAYS
from daml.envs.objects.items import draw_pushed_item
from daml.envs.objects.zones import RADIUS
from daml.envs.tabletop import TabletopEnv
from daml.envs.tasks.push import HORIZON
from daml.envs.tasks.task import SPLITS, Task

HALF_EXTENTS = np.array([[0.028, 0.028, 0.024], [0.036, 0.027, 0.022]])
REACHES = np.hypot(HALF_EXTENTS[:, 0], HALF_EXTENTS[:, 1])
ITEMS = np.array([[0.45, -0.12, 0.024], [0.45, 0.12, 0.022]])
ZONE = np.array([0.58, 0.0])


def info(gripper: Any, *, target: int = 0, items: NDArray[np.float64] = ITEMS) -> dict[str, Any]:
    return {
        "state": {
            "gripper_position": np.array(gripper),
            "item_positions": items,
            "item_half_extents": HALF_EXTENTS,
            "item_reaches": REACHES,
            "zone_position": ZONE,
            "target_item": target,
        }
    }


def ahead_of(target: int) -> NDArray[np.float64]:
    way = ZONE - ITEMS[target, :2]
    return way / np.linalg.norm(way)


def behind(target: int, *, gap: float) -> NDArray[np.float64]:
    """Return a place behind an item, `(2,)`, with a gap between it and the fingers."""
    return ITEMS[target, :2] - (REACHES[target] + FINGER_RADIUS + gap) * ahead_of(target)


def test_the_gripper_is_closed_and_actions_stay_in_range_and_depend_on_the_state_alone():
    rng = np.random.default_rng(0)
    expert = push_expert
    for _ in range(300):
        items = np.column_stack([rng.uniform((0.35, -0.2), (0.65, 0.2), (2, 2)), np.full(2, 0.024)])
        state = info(rng.uniform((0.3, -0.28, 0.014), (0.7, 0.28, 0.3)), target=int(rng.integers(2)), items=items)
        action = expert(state)
        assert action.shape == (4,)
        assert action.dtype == np.float32
        assert action[3] == 1
        assert np.abs(action).max() <= 1
        np.testing.assert_array_equal(action, push_expert(state))


@pytest.mark.parametrize("target", [0, 1])
def test_from_afar_it_goes_behind_the_item_then_down_then_towards_the_zone(target: int):
    start, expert = np.array([0.60, 0.0]), push_expert
    towards = behind(target, gap=STANDOFF) - start
    above = expert(info([*start, TRAVEL_HEIGHT], target=target))
    np.testing.assert_allclose(above[:2] / np.linalg.norm(above[:2]), towards / np.linalg.norm(towards), atol=1e-5)
    down = expert(info([*behind(target, gap=STANDOFF), TRAVEL_HEIGHT], target=target))
    assert down[2] < -0.9
    assert np.abs(down[:2]).max() < 1e-5
    push = expert(info([*behind(target, gap=0.0), PUSH_HEIGHT], target=target))
    np.testing.assert_allclose(push[:2] / np.linalg.norm(push[:2]), ahead_of(target), atol=1e-5)
    assert np.abs(push[:3]).max() == pytest.approx(LARGE_ITEMS.speed)


@pytest.mark.parametrize("side", [-1, 1])
def test_beside_the_line_of_pushing_it_steers_back_to_it(side: int):
    ahead = ahead_of(0)
    aside = side * np.array([-ahead[1], ahead[0]])
    action = push_expert(info([*(behind(0, gap=0.0) + 0.01 * aside), PUSH_HEIGHT]))
    assert action[:2] @ aside < 0
    assert action[:2] @ ahead > 0


def test_low_and_on_the_wrong_side_of_the_item_it_goes_up_first():
    for place in (ITEMS[0, :2] + 0.06 * ahead_of(0), ITEMS[0, :2] + np.array([0.0, -0.10])):
        action = push_expert(info([*place, PUSH_HEIGHT]))
        np.testing.assert_array_equal(action[:2], 0)
        assert action[2] > 0.9


def test_an_item_that_has_arrived_is_left_alone_and_taken_up_again_only_if_it_slides_out():
    gone = [0.40, 0.1, TRAVEL_HEIGHT]
    for distance, height, leaves in (
        (0.9 * ARRIVED, PUSH_HEIGHT, True),
        (1.1 * ARRIVED, PUSH_HEIGHT, False),
        (0.9 * STAYS, TRAVEL_HEIGHT, True),
        (1.1 * STAYS, TRAVEL_HEIGHT, False),
    ):
        items = ITEMS.copy()
        items[0, :2] = ZONE - distance * ahead_of(0)
        gripper = [*(items[0, :2] - 0.06 * ahead_of(0)), height]
        action = push_expert(info(gripper, items=items))
        assert bool((action[:2] == 0).all()) == leaves
        if leaves:
            np.testing.assert_array_equal(push_expert(info(gone, items=items)), (0, 0, 0, 1))


def test_where_it_leaves_an_item_the_item_lies_within_the_zone():
    rng = np.random.default_rng(0)
    widest = max(draw_pushed_item(split, rng).reach for split in SPLITS for _ in range(100))
    assert max(ARRIVED, STAYS) + widest < RADIUS[0]


@pytest.fixture(scope="module")
def env() -> Iterator[TabletopEnv]:
    env = TabletopEnv("push", image_size=8)
    yield env
    env.close()


@pytest.mark.parametrize("index", range(4))
def test_an_item_knocked_aside_on_the_way_is_pushed_in_all_the_same(env: TabletopEnv, index: int):
    expert = push_expert
    _, info = env.reset(seed=index, options={"task": Task("push", "validation", index)})
    target, start = info["state"]["target_item"], info["state"]["item_positions"]
    knocked = False
    for _ in range(HORIZON):
        *_, info = env.step(expert(info))
        way = info["state"]["zone_position"] - start[target, :2]
        moved = info["state"]["item_positions"][target, :2] - start[target, :2]
        if not knocked and np.linalg.norm(moved) > 0.3 * np.linalg.norm(way):
            # 3 cm to the side, away from the other item.
            aside = np.array([-way[1], way[0]]) / np.linalg.norm(way)
            if aside @ (start[1 - target, :2] - start[target, :2]) > 0:
                aside = -aside
            env._data.joint(f"item{target}").qpos[:2] += 0.03 * aside
            knocked = True
    assert knocked
    assert info["is_success"]
