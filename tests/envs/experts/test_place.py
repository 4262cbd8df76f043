"""Laws of the placing expert, on states made up for it."""

from typing import Any

import numpy as np
import pytest

from daml.envs.experts import Expert, find_expert, pick_place_expert, place_expert, push_expert
from daml.envs.experts.motion import RELEASE_GAP, TRAVEL_HEIGHT

HALF_EXTENTS = np.array([[0.016, 0.016, 0.018]])
CONTAINERS = np.array([[0.45, -0.15], [0.55, 0.0], [0.60, 0.15]])
RIM = 0.05


def info(gripper: tuple[float, float, float], *, opening: float = 0.032, target: int = 0, item: Any = None) -> dict:
    return {
        "state": {
            "gripper_position": np.array(gripper),
            "gripper_opening": opening,
            "item_positions": np.array([gripper if item is None else item]),
            "item_half_extents": HALF_EXTENTS,
            "container_positions": CONTAINERS,
            "container_heights": np.full(3, RIM),
            "target_container": target,
        }
    }


@pytest.mark.parametrize("target", [0, 1, 2])
def test_from_afar_it_heads_for_the_target_and_holds_on(target: int):
    start = np.array([0.42, 0.05, TRAVEL_HEIGHT])
    action = place_expert(info((0.42, 0.05, TRAVEL_HEIGHT), target=target))
    towards = CONTAINERS[target] - start[:2]
    assert np.dot(action[:2], towards) / np.linalg.norm(action[:2]) / np.linalg.norm(towards) > 0.999
    assert action[3] == 1
    assert action.shape == (4,)
    assert action.dtype == np.float32


def test_over_the_target_it_goes_down_and_at_the_release_point_it_opens():
    above = place_expert(info((*CONTAINERS[0], TRAVEL_HEIGHT)))
    assert above[2] < -0.5
    assert above[3] == 1
    at_release = place_expert(info((*CONTAINERS[0], RIM + RELEASE_GAP + HALF_EXTENTS[0, 2])))
    assert at_release[3] == -1
    assert np.abs(at_release[:3]).max() < 1e-6


def test_once_the_item_is_let_go_it_withdraws_and_then_rests():
    low = info((*CONTAINERS[0], 0.10), opening=0.08, item=(*CONTAINERS[0], 0.02))
    up = place_expert(low)
    assert up[2] > 0.9
    assert np.abs(up[:2]).max() < 1e-6
    high = info((*CONTAINERS[0], TRAVEL_HEIGHT), opening=0.08, item=(*CONTAINERS[0], 0.02))
    np.testing.assert_allclose(place_expert(high), (0, 0, 0, -1), atol=1e-6)


def test_an_item_held_off_centre_is_what_is_put_over_the_target():
    held = (CONTAINERS[0][0] + 0.01, CONTAINERS[0][1], 0.15)
    action = place_expert(info((*CONTAINERS[0], 0.15), item=held))
    assert action[0] < 0


def test_actions_stay_in_range_and_depend_on_the_state_alone():
    rng = np.random.default_rng(0)
    for _ in range(200):
        gripper = tuple(rng.uniform((0.3, -0.3, 0.02), (0.76, 0.3, 0.4)))
        state = info(gripper, opening=rng.uniform(0, 0.08), target=int(rng.integers(3)))
        action = place_expert(state)
        assert np.abs(action).max() <= 1
        np.testing.assert_array_equal(action, place_expert(state))


@pytest.mark.parametrize(
    ("kind", "expert"), [("place", place_expert), ("push", push_expert), ("pick-place", pick_place_expert)]
)
def test_an_expert_is_found_by_its_kind(kind: str, expert: Expert):
    assert find_expert(kind) is expert


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="no expert for task kind 'juggle'; valid kinds: place, push, pick-place"):
        find_expert("juggle")
