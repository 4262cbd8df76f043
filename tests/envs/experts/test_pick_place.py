"""Laws of the picking expert, on states made up for it, and when an item slips or is knocked away."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from daml.envs.experts import pick_place_expert
from daml.envs.experts.motion import CLOSED, OPEN, TRAVEL_HEIGHT
from daml.envs.tabletop import TabletopEnv
from daml.envs.tasks.pick_place import HORIZON
from daml.envs.tasks.task import Task

HALF_EXTENTS = np.array([[0.016, 0.016, 0.018], [0.028, 0.013, 0.016]])
ITEMS = np.array([[0.45, -0.15, 0.018], [0.45, 0.15, 0.016]])
CONTAINERS = np.array([[0.60, -0.10], [0.60, 0.10]])
N_EPISODES = 4


def info(
    gripper: Any,
    *,
    opening: float = 0.08,
    item: int = 0,
    container: int = 0,
    item_at: Any = None,
    completed: Any = None,
) -> dict[str, Any]:
    positions = ITEMS.copy()
    if item_at is not None:
        positions[item] = item_at
    return {
        "state": {
            "gripper_position": np.array(gripper),
            "gripper_opening": opening,
            "item_positions": positions,
            "item_half_extents": HALF_EXTENTS,
            "container_positions": CONTAINERS,
            "container_heights": np.full(2, 0.05),
            "target_item": item,
            "target_container": container,
            "target_slot": 2 * item + container,
            "completed_slot": completed,
        }
    }


def act(*arguments: Any, **options: Any) -> np.ndarray:
    return pick_place_expert(info(*arguments, **options))


@pytest.mark.parametrize("container", [0, 1])
@pytest.mark.parametrize("item", [0, 1])
def test_it_goes_over_the_item_open_then_down_then_closes_then_carries(item: int, container: int):
    chosen = {"item": item, "container": container}
    start = np.array([0.5, 0.0, TRAVEL_HEIGHT])
    over = act(start, **chosen)
    towards = ITEMS[item, :2] - start[:2]
    np.testing.assert_allclose(over[:2] / np.linalg.norm(over[:2]), towards / np.linalg.norm(towards), atol=1e-5)
    assert over[3] == OPEN
    down = act([*ITEMS[item, :2], TRAVEL_HEIGHT], **chosen)
    assert down[2] < -0.9
    assert down[3] == OPEN
    closes = act(ITEMS[item], **chosen)
    assert np.abs(closes[:3]).max() < 1e-5
    assert closes[3] == CLOSED
    held = act(ITEMS[item], opening=2 * HALF_EXTENTS[item, 1], **chosen)
    assert held[2] > 0.9
    assert held[3] == CLOSED
    carried = act([*start[:2], TRAVEL_HEIGHT], opening=2 * HALF_EXTENTS[item, 1], item_at=start, **chosen)
    towards = CONTAINERS[container] - start[:2]
    assert carried[:2] @ towards / np.linalg.norm(carried[:2]) / np.linalg.norm(towards) > 0.999
    assert carried[3] == CLOSED


def test_fingers_that_have_closed_upon_nothing_open_again():
    assert act([*ITEMS[0, :2], 0.15], opening=0.0)[3] == OPEN
    assert act(ITEMS[0], opening=0.0)[3] == OPEN


def test_what_is_done_is_left_alone():
    low, high = [*CONTAINERS[1], 0.10], [*CONTAINERS[1], TRAVEL_HEIGHT]
    lies = [*CONTAINERS[1], 0.03]
    up = act(low, item=1, container=1, item_at=lies, completed=3)
    assert up[2] > 0.9
    np.testing.assert_array_equal(up[[0, 1, 3]], (0, 0, OPEN))
    np.testing.assert_array_equal(act(high, item=1, container=1, item_at=lies, completed=3), (0, 0, 0, OPEN))
    # What is done, but was not asked for, is not.
    assert np.abs(act(high, item=1, container=0, item_at=lies, completed=3)[:3]).max() > 0.1


def test_actions_stay_in_range_and_depend_on_the_state_alone():
    rng = np.random.default_rng(0)
    expert = pick_place_expert
    for _ in range(300):
        gripper = rng.uniform((0.3, -0.28, 0.014), (0.7, 0.28, 0.3))
        item_at = gripper if rng.random() < 0.3 else rng.uniform((0.4, -0.2, 0.014), (0.6, 0.2, 0.2))
        state = info(
            gripper,
            opening=rng.uniform(0, 0.08),
            item=int(rng.integers(2)),
            container=int(rng.integers(2)),
            item_at=item_at,
        )
        action = expert(state)
        assert action.shape == (4,)
        assert action.dtype == np.float32
        assert np.abs(action).max() <= 1
        np.testing.assert_array_equal(action, pick_place_expert(state))


@pytest.fixture(scope="module")
def env() -> Iterator[TabletopEnv]:
    env = TabletopEnv("pick-place", image_size=8)
    yield env
    env.close()


Mishap = Callable[[TabletopEnv, dict[str, Any]], np.ndarray | None]


def finished(env: TabletopEnv, index: int, mishap: Mishap) -> dict[str, Any]:
    """Return the info at the end of an episode to which a mishap befalls once; it may take the action's place."""
    expert, befallen = pick_place_expert, False
    _, info = env.reset(seed=index, options={"task": Task("pick-place", "validation", index)})
    for _ in range(HORIZON):
        action = expert(info)
        if not befallen:
            instead = mishap(env, info)
            befallen = instead is not None
            action = action if instead is None else instead
        *_, info = env.step(action)
    assert befallen
    return info


@pytest.mark.parametrize("index", range(N_EPISODES))
def test_an_item_dropped_in_mid_air_is_fetched_again(env: TabletopEnv, index: int):
    def let_go(_: TabletopEnv, info: dict[str, Any]) -> np.ndarray | None:
        state = info["state"]
        lifted = state["item_positions"][state["target_item"], 2] > 0.06
        return np.array([0.0, 0.0, 0.0, OPEN]) if lifted else None

    assert finished(env, index, let_go)["is_success"]


@pytest.mark.parametrize("index", range(N_EPISODES))
def test_an_item_moved_away_before_it_is_grasped_is_followed(env: TabletopEnv, index: int):
    def move(env: TabletopEnv, info: dict[str, Any]) -> np.ndarray | None:
        state = info["state"]
        item, container = (
            state["item_positions"][state["target_item"]],
            state["container_positions"][state["target_container"]],
        )
        if np.linalg.norm(item - state["gripper_position"]) > 0.05:
            return None
        # 3 cm out from between the open fingers' ends: up, so as not to be put inside of a finger, and to the side.
        joint = env._data.joint(f"item{state['target_item']}")
        joint.qpos[:2] += 0.03 * (item[:2] - container) / np.linalg.norm(item[:2] - container)
        return np.array([0.0, 0.0, 1.0, OPEN])

    assert finished(env, index, move)["is_success"]


@pytest.mark.parametrize("index", range(N_EPISODES))
def test_an_item_that_slips_out_of_the_closed_fingers_is_fetched_again(env: TabletopEnv, index: int):
    def slip(env: TabletopEnv, info: dict[str, Any]) -> np.ndarray | None:
        state = info["state"]
        slot = state["target_item"]
        if state["item_positions"][slot, 2] < 0.06:
            return None
        start = env._layout.item_positions[slot]
        joint = env._data.joint(f"item{slot}")
        joint.qpos[:3] = [*start, state["item_half_extents"][slot, 2]]
        joint.qvel = 0.0
        return np.array([0.0, 0.0, 0.0, CLOSED])

    assert finished(env, index, slip)["is_success"]
