"""Laws of coming to rest."""

import numpy as np

from daml.chains.rest import LEAST_STEPS, STILL_STEPS, RestWatch, home_action
from daml.policies.robot.resting import HIGH

START = np.array([0.5, 0.0, 0.19])
STILL = np.array([0.0, 0.0, 0.0, -1.0])


def at(x: float, y: float, z: float) -> np.ndarray:
    return np.array([x, y, z, 0.08], np.float32)


def steps_to_rest(actions: list[np.ndarray], states: list[np.ndarray]) -> int | None:
    watch = RestWatch(START)
    for number, (action, state) in enumerate(zip(actions, states, strict=True), start=1):
        if watch.rests(action, state):
            return number
    return None


def test_who_is_still_at_first_does_not_rest_yet():
    assert steps_to_rest([STILL] * 40, [at(0.5, 0.0, 0.19)] * 40) == LEAST_STEPS


def test_who_comes_back_rests_once_still_for_long_enough():
    away, back = [at(0.6, 0.1, 0.05)] * 30, [at(0.51, 0.01, 0.19)] * 20
    assert steps_to_rest([STILL] * 50, away + back) == 30 + STILL_STEPS


def test_who_is_still_elsewhere_or_low_does_not_rest():
    for place in (at(0.6, 0.0, 0.19), at(0.5, 0.0, HIGH - 0.01)):
        assert steps_to_rest([STILL] * 60, [place] * 60) is None


def test_who_moves_does_not_rest():
    moving = np.array([0.0, 0.0, 0.5, -1.0])
    assert steps_to_rest([moving] * 60, [at(0.5, 0.0, 0.19)] * 60) is None
    nearly = [STILL, STILL, STILL, STILL, moving] * 12
    assert steps_to_rest(nearly, [at(0.5, 0.0, 0.19)] * 60) is None


def test_home_is_reached_upwards_first_with_an_open_gripper():
    low = home_action(START, at(0.65, 0.2, 0.03))
    assert low[:2].tolist() == [0.0, 0.0]
    assert low[2] > 0
    high = home_action(START, at(0.65, 0.2, 0.18))
    assert high[0] < 0
    assert high[1] < 0
    assert low[3] == high[3] == -1
    assert np.abs([low, high]).max() <= 1
