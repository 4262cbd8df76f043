"""Laws of the environment, under whatever id it is made."""

import re
from collections.abc import Callable, Iterator

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from numpy.typing import NDArray

import envs
from envs.control import CONTROL_TIMESTEP, MAXIMUM_SPEED
from envs.robot import JOINTS
from envs.tabletop import HORIZON, TabletopEnv

TASK = envs.Task("place", "validation", 3)
STILL = np.array([0.0, 0.0, 0.0, 1.0], dtype=np.float32)
N_EPISODES = 20

Act = Callable[[dict], NDArray[np.float32]]


@pytest.fixture(scope="module")
def env() -> Iterator[TabletopEnv]:
    # Few pixels: what these laws are about does not depend on them.
    env = TabletopEnv("place", image_size=16)
    yield env
    env.close()


def run(env: TabletopEnv, act: Act, *, seed: int, options: dict) -> list[dict]:
    """Return the infos of a whole episode."""
    _, info = env.reset(seed=seed, options=options)
    infos, truncated = [info], False
    while not truncated:
        _, _, _, truncated, info = env.step(act(info))
        infos.append(info)
    return infos


def n_successes(env: TabletopEnv, actor: Callable[[int], Act]) -> int:
    """Count the episodes, each of a task of its own, that end in success."""
    return sum(
        run(env, actor(index), seed=index, options={"task": envs.Task("place", "validation", index)})[-1]["is_success"]
        for index in range(N_EPISODES)
    )


# A length has no natural bound, so that the state's space has none.
@pytest.mark.parametrize("env_id", envs.ENV_IDS.values())
@pytest.mark.parametrize("render_mode", [None, "rgb_array"])
def test_gymnasium_finds_nothing_to_object_to(env_id: str, render_mode: str | None):
    env = gymnasium.make(env_id, render_mode=render_mode)
    check_env(env.unwrapped)
    env.close()


@pytest.mark.parametrize("env_id", envs.ENV_IDS.values())
def test_an_env_can_be_made_by_its_id_for_any_image_size(env_id: str):
    env = gymnasium.make(env_id, image_size=40)
    observation, _ = env.reset(seed=0)
    assert observation["image"].shape == (40, 40, 3)
    assert env.observation_space.contains(observation)
    env.close()


def test_the_same_seed_gives_the_same_pixels_and_another_seed_others():
    def film(seed: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        rng = np.random.default_rng(0)
        env = TabletopEnv(image_size=48)
        observation, _ = env.reset(seed=seed, options={"task": TASK})
        observations = [observation, *(env.step(rng.uniform(-1, 1, 4))[0] for _ in range(5))]
        env.close()
        return np.stack([seen["image"] for seen in observations]), np.stack([seen["state"] for seen in observations])

    first, again, other = film(7), film(7), film(8)
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert (first[0] != other[0]).any()


def test_an_episode_does_not_depend_on_the_one_before(env: TabletopEnv):
    observation, _ = env.reset(seed=7, options={"task": TASK})
    first = observation["state"], env.step(STILL)[0]["state"]
    run(env, lambda _: np.ones(4, dtype=np.float32), seed=1, options={})
    observation, _ = env.reset(seed=7, options={"task": TASK})
    again = observation["state"], env.step(STILL)[0]["state"]
    np.testing.assert_array_equal(first, again)


def test_the_episode_is_truncated_at_the_horizon_and_never_terminated(env: TabletopEnv):
    env.reset(seed=0)
    ends = [env.step(STILL)[2:4] for _ in range(HORIZON)]
    assert ends == [(False, False)] * (HORIZON - 1) + [(False, True)]


def test_the_item_starts_in_the_fingers_and_stays_there_while_nothing_is_done(env: TabletopEnv):
    for seed in range(5):
        infos = run(env, lambda _: STILL, seed=seed, options={"task": envs.Task("place", "test", seed)})
        for info in infos:
            state = info["state"]
            assert np.linalg.norm(state["item_position"] - state["gripper_position"]) < 0.01
        assert np.linalg.norm(infos[-1]["state"]["gripper_position"] - infos[0]["state"]["gripper_position"]) < 2e-3


def test_doing_nothing_never_succeeds(env: TabletopEnv):
    assert n_successes(env, lambda _: lambda _: np.zeros(4, dtype=np.float32)) == 0


def test_random_actions_practically_never_succeed(env: TabletopEnv):
    def actor(seed: int) -> Act:
        rng = np.random.default_rng(seed)
        return lambda _: rng.uniform(-1, 1, 4).astype(np.float32)

    assert n_successes(env, actor) <= 1


def test_the_disturbed_expert_succeeds(env: TabletopEnv):
    def actor(seed: int) -> Act:
        expert, noise = envs.make_expert("place"), envs.NoiseInjection(0.2, np.random.default_rng(seed))
        # As in collection: what has succeeded is left in peace.
        return lambda info: expert.act(info) if info["is_success"] else noise.disturb(expert.act(info))

    assert n_successes(env, actor) >= N_EPISODES - 1


def test_the_expert_goes_to_whichever_container_is_made_the_target(env: TabletopEnv):
    expert = envs.make_expert("place")
    for target in range(envs.n_targets(TASK)):
        final = run(env, expert.act, seed=2, options={"task": TASK, "target": target})[-1]
        assert final["state"]["target_slot"] == target
        assert final["state"]["reached_slot"] == target
        assert final["state"]["completed_slot"] == target
        assert final["is_success"]


def test_an_item_in_another_container_is_the_verdict_wrong_target(env: TabletopEnv):
    expert = envs.make_expert("place")
    true_target = envs.target_slot(TASK)
    other = (true_target + 1) % envs.n_targets(TASK)

    def misled(info: dict) -> NDArray[np.float32]:
        return expert.act({"state": {**info["state"], "target_slot": other}})

    final = run(env, misled, seed=2, options={"task": TASK})[-1]
    assert final["state"]["verdict"] == "wrong_target"
    assert final["state"]["reached_slot"] == other
    assert not final["is_success"]
    assert run(env, expert.act, seed=2, options={"task": TASK})[-1]["state"]["verdict"] == "success"


def test_the_reward_is_one_while_the_task_is_done(env: TabletopEnv):
    expert = envs.make_expert("place")
    _, info = env.reset(seed=2, options={"task": TASK})
    rewards = []
    for _ in range(HORIZON):
        _, reward, _, _, info = env.step(expert.act(info))
        assert reward == float(info["is_success"]) == float(info["success"])
        rewards.append(reward)
    assert rewards[0] == 0
    assert rewards[-1] == 1


def test_the_gripper_never_jumps_and_the_joints_keep_their_limits(env: TabletopEnv):
    rng = np.random.default_rng(0)
    lower, upper = np.array([(joint.lower, joint.upper) for joint in JOINTS]).T
    for seed in range(3):
        _, info = env.reset(seed=seed)
        before = info["state"]["gripper_position"]
        for step in range(HORIZON):
            if step % 4 == 0:
                action = np.sign(rng.normal(size=4))
            now = env.step(action)[-1]["state"]["gripper_position"]
            assert np.abs(now - before).max() < 1.5 * MAXIMUM_SPEED * CONTROL_TIMESTEP
            before = now
            angles = np.array([env._data.joint(f"joint{number}").qpos[0] for number in range(1, 8)])
            assert (angles > lower - 0.01).all()
            assert (angles < upper + 0.01).all()


def test_a_straight_motion_with_the_item_ends_within_3_mm_of_where_it_was_sent(env: TabletopEnv):
    for direction in ((1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, -1), (1, 1, -0.5)):
        _, info = env.reset(seed=0, options={"task": TASK})
        start = info["state"]["gripper_position"]
        for speed in (1, 1, 1, 0, 0, 0):
            *_, info = env.step(np.array([*np.multiply(direction, speed), 1.0]))
        expected = start + 3 * MAXIMUM_SPEED * CONTROL_TIMESTEP * np.array(direction)
        assert np.linalg.norm(info["state"]["gripper_position"] - expected) < 3e-3


def test_a_picture_for_people_is_large_and_changes_nothing():
    env = TabletopEnv(render_mode="rgb_array")
    observation, _ = env.reset(seed=0)
    picture = env.render()
    assert picture is not None
    assert picture.shape == (480, 640, 3)
    assert picture.dtype == np.uint8
    assert picture.std() > 20
    np.testing.assert_array_equal(env._observe()["image"], observation["image"])
    env.reset(seed=1)
    assert (env.render() != picture).any()
    env.close()
    assert TabletopEnv().render() is None


@pytest.mark.parametrize("target", [-1, 3])
def test_a_slot_that_is_not_there_is_refused(env: TabletopEnv, target: int):
    with pytest.raises(ValueError, match=f"target slot is {target}; expected 0 to 2"):
        env.reset(seed=0, options={"task": TASK, "target": target})


@pytest.mark.parametrize("action", [[0, 0, 0], [0, 0, 0, np.nan], [0, 0, np.inf, 0], [[0, 0, 0, 0]]])
def test_an_action_that_is_none_is_refused(env: TabletopEnv, action: list):
    env.reset(seed=0)
    with pytest.raises(ValueError, match=re.escape("expected 4 finite numbers in [-1, 1]")):
        env.step(np.array(action))


def test_an_action_beyond_the_limits_is_the_action_at_the_limits(env: TabletopEnv):
    states = []
    for scale in (1, 50):
        env.reset(seed=0, options={"task": TASK})
        states.append(env.step(scale * np.array([1.0, -1.0, 1.0, 1.0]))[0]["state"])
    np.testing.assert_array_equal(states[0], states[1])


def test_an_unknown_render_mode_is_refused():
    with pytest.raises(ValueError, match="render_mode 'human' is unknown"):
        TabletopEnv(render_mode="human")
