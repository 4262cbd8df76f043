"""Laws of noise injection."""

import numpy as np
import pytest

from envs.experts.noise import NoiseInjection

ACTION = np.array([0.5, -0.2, 0.0, 1.0], dtype=np.float32)


def disturbed(scale: float, count: int = 500, *, persistence: float = 0.7) -> np.ndarray:
    noise = NoiseInjection(scale, np.random.default_rng(0), persistence=persistence)
    return np.array([noise.disturb(ACTION) for _ in range(count)])


def test_a_zero_scale_changes_nothing():
    np.testing.assert_array_equal(disturbed(0.0), np.tile(ACTION, (500, 1)))


@pytest.mark.parametrize("scale", [0.1, 0.5, 3.0])
def test_the_gripper_command_is_left_alone_and_the_rest_stays_in_range(scale: float):
    actions = disturbed(scale)
    assert actions.dtype == np.float32
    np.testing.assert_array_equal(actions[:, 3], ACTION[3])
    assert np.abs(actions).max() <= 1
    assert (actions[:, :3] != ACTION[:3]).any()


def test_the_noise_has_the_scale_and_the_persistence_asked_for():
    noise = disturbed(0.1, 5000)[:, :3] - ACTION[:3]
    assert noise.std() == pytest.approx(0.1, rel=0.1)
    assert np.corrcoef(noise[1:, 0], noise[:-1, 0])[0, 1] == pytest.approx(0.7, abs=0.07)


def test_the_action_is_not_changed_in_place():
    before = ACTION.copy()
    disturbed(1.0, 5)
    np.testing.assert_array_equal(ACTION, before)


def test_the_same_generator_state_gives_the_same_noise():
    np.testing.assert_array_equal(disturbed(0.3), disturbed(0.3))
