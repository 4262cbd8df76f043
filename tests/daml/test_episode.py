"""Laws of one episode."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import envs
from daml.episode import rollout
from envs.tabletop import HORIZON

TASK = envs.Task("place", "validation", 0)


@pytest.fixture(scope="module")
def env() -> Iterator[envs.TabletopEnv]:
    env = envs.TabletopEnv("place", image_size=16)
    yield env
    env.close()


class Constant:
    """Does the same whatever it sees."""

    def __init__(self, *action: float):
        self.action = np.array(action, np.float32)
        self.n_resets = self.n_steps = 0

    def reset(self):
        self.n_resets += 1
        self.n_steps = 0

    def select_action(self, observation: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
        assert set(observation) == {"image", "state"}
        self.n_steps += 1
        return self.action


class Oracle(Constant):
    """Looks behind the scene, as no policy may, and takes some container for the target."""

    def __init__(self, env: envs.TabletopEnv, *, slot: int):
        super().__init__()
        self.env, self.slot, self.expert = env, slot, envs.make_expert("place")

    def select_action(self, observation: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
        super().select_action(observation)
        info = self.env._inform()
        return self.expert.act({"state": {**info["state"], "target_slot": self.slot}})


def test_the_right_target_is_success(env: envs.TabletopEnv):
    slot = envs.target_slot(TASK)
    episode = rollout(Oracle(env, slot=slot), env, task=TASK, seed=1)
    assert (episode.verdict, episode.success, episode.success_once) == ("success", True, True)
    assert episode.target_slot == episode.reached_slot == episode.completed_slot == slot


def test_another_target_is_the_wrong_one(env: envs.TabletopEnv):
    other = (envs.target_slot(TASK) + 1) % envs.n_targets(TASK)
    episode = rollout(Oracle(env, slot=other), env, task=TASK, seed=1)
    assert (episode.verdict, episode.success, episode.success_once) == ("wrong_target", False, False)
    assert episode.reached_slot == episode.completed_slot == other


def test_holding_on_completes_nothing(env: envs.TabletopEnv):
    episode = rollout(Constant(0, 0, 0, 1), env, task=TASK, seed=1)
    assert not episode.success
    assert not episode.success_once
    assert episode.completed_slot is None
    assert episode.verdict in {"wrong_target", "not_completed"}


def test_the_policy_is_reset_once_and_asked_once_a_step(env: envs.TabletopEnv):
    policy = Constant(0, 0, 0, 1)
    rollout(policy, env, task=TASK, seed=1)
    assert (policy.n_resets, policy.n_steps) == (1, HORIZON)


def test_the_watcher_sees_the_start_and_every_step(env: envs.TabletopEnv):
    seen: list[int] = []
    rollout(Constant(0, 0, 0, 1), env, task=TASK, seed=1, watch=lambda env: seen.append(env._steps))
    assert seen == list(range(HORIZON + 1))


def test_the_same_seed_gives_the_same_episode(env: envs.TabletopEnv):
    first, second = (rollout(Constant(0.3, 0.1, -0.2, -1), env, task=TASK, seed=7) for _ in range(2))
    assert (first.task, first.seed) == (str(TASK), 7)
    assert {**vars(first), "step_ms": 0} == {**vars(second), "step_ms": 0}
