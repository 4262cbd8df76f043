"""Laws of noise injection."""

import numpy as np
import pytest

from daml.envs.experts.noise import BELIEF_STEPS, NoiseInjection, PositionError

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


def scene(*, gripper: tuple[float, float, float] = (0.5, 0.0, 0.2), opening: float = 0.08) -> dict:
    return {
        "is_success": False,
        "state": {
            "item_positions": np.array([[0.5, 0.1, 0.02], [0.6, -0.1, 0.02]]),
            "container_positions": np.array([[0.4, 0.0], [0.6, 0.2]]),
            "zone_position": np.array([0.5, 0.0]),
            "gripper_position": np.array(gripper),
            "gripper_opening": opening,
        },
    }


def beliefs(n_steps: int, *, info: dict, scale: float = 0.03, seed: int = 0) -> list[dict]:
    belief = PositionError(scale, np.random.default_rng(seed))
    return [belief.perturb(info)["state"] for _ in range(n_steps)]


def test_a_belief_is_wrong_for_a_while_and_right_for_a_while():
    info = scene()
    states = beliefs(200, info=info)
    wrong = np.array([(state["item_positions"] != info["state"]["item_positions"]).any() for state in states])
    turns = np.flatnonzero(np.diff(wrong.astype(int))) + 1
    assert wrong[0]
    assert 0.3 < wrong.mean() < 0.7
    lengths = np.diff(turns)
    assert (lengths >= BELIEF_STEPS[0]).all()
    assert (lengths < BELIEF_STEPS[1]).all()


def test_heights_are_never_mistaken_and_the_world_is_left_alone():
    info, untouched = scene(), scene()
    for state in beliefs(50, info=info):
        np.testing.assert_array_equal(state["item_positions"][:, 2], untouched["state"]["item_positions"][:, 2])
    for name, value in untouched["state"].items():
        np.testing.assert_array_equal(info["state"][name], value)


def test_an_item_between_the_fingers_is_felt():
    info = scene(gripper=(0.5, 0.1, 0.02), opening=0.03)
    for state in beliefs(30, info=info):
        np.testing.assert_array_equal(state["item_positions"][0], info["state"]["item_positions"][0])
    others = [state["item_positions"][1] for state in beliefs(30, info=info)]
    assert any((other != info["state"]["item_positions"][1]).any() for other in others)


def test_without_scale_every_belief_is_right():
    info = scene()
    for state in beliefs(30, info=info, scale=0.0):
        for name in ("item_positions", "container_positions", "zone_position"):
            np.testing.assert_array_equal(state[name], info["state"][name])
