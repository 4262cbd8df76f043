"""Laws of steering: in range, through the funnel, and letting go at the right place only."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from daml.envs.experts.motion import (
    APPROACH_SLOPE,
    CLOSED,
    FUNNEL_RADIUS,
    LIFT_FIRST,
    OPEN,
    RELEASE_GAP,
    RELEASE_TOLERANCE,
    TRAVEL_HEIGHT,
    approach,
    carry,
    steer,
    withdraw,
)
from daml.envs.robot.control import CONTROL_TIMESTEP, MAXIMUM_SPEED

STEP = MAXIMUM_SPEED * CONTROL_TIMESTEP
HALF_EXTENTS = np.array([[0.016, 0.016, 0.018], [0.030, 0.013, 0.012]])
CONTAINERS = np.array([[0.45, -0.15], [0.55, 0.05]])
RIMS = np.array([0.05, 0.02])


@pytest.mark.parametrize("speed", [1.0, 0.5])
def test_steering_keeps_the_direction_and_the_speed_limit(speed: float):
    rng = np.random.default_rng(0)
    for scale in (0.001, 0.01, 0.1, 1.0):
        for _ in range(20):
            error = rng.normal(0.0, scale, 3)
            action = steer(error, gripper_command=CLOSED, speed=speed)
            assert action.shape == (4,)
            assert action.dtype == np.float32
            assert np.abs(action[:3]).max() <= speed + 1e-6
            assert action[3] == 1
            np.testing.assert_allclose(
                action[:3] / np.linalg.norm(action[:3]), error / np.linalg.norm(error), atol=1e-5
            )


def test_steering_to_where_one_is_stands_still_and_never_overshoots():
    np.testing.assert_array_equal(steer(np.zeros(3), gripper_command=OPEN), (0, 0, 0, -1))
    for distance in (0.002, 0.02, 0.2):
        action = steer(np.array([distance, 0.0, 0.0]), gripper_command=OPEN)
        assert 0 < action[0] * STEP < distance


def approached(start: tuple[float, float, float], *, low: float) -> NDArray[np.float64]:
    """Return the course of a gripper that goes where it is sent, with the point to come down upon at the origin."""
    course = [np.array(start)]
    for _ in range(60):
        x, y, height = course[-1]
        action = approach(-np.array([x, y]), low=low, height=height, gripper_command=OPEN)
        course.append(course[-1] + STEP * action[:3])
    return np.stack(course)


@pytest.mark.parametrize("low", [0.02, 0.10])
@pytest.mark.parametrize(
    "start", [(0.2, 0.1, 0.25), (-0.3, 0.0, 0.19), (0.15, -0.2, 0.02), (0.0, 0.0, 0.2), (0.03, 0, 0)]
)
def test_an_approach_comes_down_upon_the_point_through_the_funnel(start: tuple[float, float, float], low: float):
    course = approached(start, low=low)
    np.testing.assert_allclose(course[-1], (0.0, 0.0, low), atol=2e-3)
    distances = np.linalg.norm(course[:, :2], axis=1)
    # Once it has come up into the funnel, it does not cut its walls.
    wanted = np.minimum(low + APPROACH_SLOPE * np.maximum(0.0, distances - FUNNEL_RADIUS), TRAVEL_HEIGHT)
    inside = np.flatnonzero(course[:, 2] >= wanted - LIFT_FIRST[0])
    assert (course[inside[0] :, 2] >= wanted[inside[0] :] - LIFT_FIRST[1]).all()


def test_a_gripper_too_low_goes_up_before_it_goes_sideways():
    far = np.array([0.2, 0.0])
    deep = approach(far, low=0.02, height=0.03, gripper_command=CLOSED)
    assert deep[2] > 0.9
    np.testing.assert_array_equal(deep[:2], 0)
    level = approach(far, low=0.02, height=TRAVEL_HEIGHT, gripper_command=CLOSED)
    assert level[0] > 0.9
    assert abs(level[2]) < 1e-6


def state(gripper: Any, item: Any, *, slot: int) -> dict[str, Any]:
    positions = np.array([[0.5, 0.15, 0.018], [0.5, -0.15, 0.012]])
    positions[slot] = item
    return {
        "gripper_position": np.array(gripper),
        "item_positions": positions,
        "item_half_extents": HALF_EXTENTS,
        "container_positions": CONTAINERS,
        "container_heights": RIMS,
    }


@pytest.mark.parametrize("container", [0, 1])
@pytest.mark.parametrize("item", [0, 1])
def test_an_item_is_carried_over_the_container_and_let_go_just_above_its_rim(item: int, container: int):
    # Held 6 mm off the middle: what is put over the container is the item.
    held_at = np.array([0.006, 0.0, 0.004])
    gripper, opened = np.array([0.42, 0.0, 0.20]), False
    for _ in range(60):
        action = carry(state(gripper, gripper - held_at, slot=item), item=item, container=container)
        place = gripper - held_at
        underside = place[2] - HALF_EXTENTS[item, 2]
        opened = action[3] < 0
        miss = np.linalg.norm(place[:2] - CONTAINERS[container])
        above = abs(underside - RIMS[container] - RELEASE_GAP)
        assert opened == bool(miss < RELEASE_TOLERANCE and above < RELEASE_TOLERANCE)
        if opened:
            break
        gripper = gripper + STEP * action[:3]
    assert opened


def test_withdrawing_goes_straight_up_and_then_rests():
    for command in (OPEN, CLOSED):
        up = withdraw(np.array([0.5, 0.1, 0.05]), gripper_command=command)
        assert up[2] > 0.9
        np.testing.assert_array_equal(up[[0, 1, 3]], (0, 0, command))
        np.testing.assert_array_equal(withdraw(np.array([0.5, 0.1, TRAVEL_HEIGHT]), gripper_command=command)[:3], 0)
