"""Laws of one episode."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from daml import envs
from daml.evaluation.episode import rollout

TASK = envs.Task("place", "validation", 0)
HORIZON = envs.TASK_KINDS["place"].horizon


@pytest.fixture(scope="module")
def env() -> Iterator[envs.TabletopEnv]:
    env = envs.TabletopEnv("place", image_size=16)
    yield env
    env.close()


@pytest.mark.parametrize("seed", [1, 2])
def test_the_expert_may_act_in_a_policys_place(seed: int, env: envs.TabletopEnv):
    episode = rollout(envs.find_expert("place"), env, task=TASK, seed=seed)
    assert (episode.verdict, episode.success) == ("success", True)


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
    """Looks behind the scene, as no policy may, and takes some choice for the target."""

    def __init__(self, env: envs.TabletopEnv, *, slot: int, task: envs.Task = TASK):
        super().__init__()
        choice = envs.TASK_KINDS[task.kind].draw_objects(task).choice(slot)
        self.wish = {"target_slot": slot, "target_item": choice.item, "target_container": choice.container}
        self.env, self.expert = env, envs.find_expert(task.kind)

    def select_action(self, observation: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
        super().select_action(observation)
        return self.expert({"state": {**self.env._inform()["state"], **self.wish}})


def test_the_right_target_is_success(env: envs.TabletopEnv):
    slot = envs.target_slot(TASK)
    episode = rollout(Oracle(env, slot=slot), env, task=TASK, seed=1)
    assert (episode.verdict, episode.success, episode.success_once) == ("success", True, True)
    assert episode.target_slot == episode.reached_slot == episode.completed_slot == slot
    assert episode.behaviour == "place"


def test_another_target_is_the_wrong_one(env: envs.TabletopEnv):
    other = (envs.target_slot(TASK) + 1) % envs.n_targets(TASK)
    episode = rollout(Oracle(env, slot=other), env, task=TASK, seed=1)
    assert (episode.verdict, episode.success, episode.success_once) == ("wrong_container", False, False)
    assert episode.reached_slot == episode.completed_slot == other
    assert episode.behaviour == "place"


@pytest.mark.parametrize("kind", ["push", "pick-place"])
def test_another_item_is_the_wrong_object_but_the_right_kind_of_behaviour(kind: str):
    task = envs.Task(kind, "validation", 0)
    objects = envs.TASK_KINDS[kind].draw_objects(task)
    wanted = objects.choice(objects.target)
    other = objects.slot(1 - wanted.item, wanted.container)
    with closing(envs.TabletopEnv(kind, image_size=16)) as env:
        episode = rollout(Oracle(env, slot=other, task=task), env, task=task, seed=1)
    assert (episode.verdict, episode.success, episode.success_once) == ("wrong_object", False, False)
    assert (episode.reached_slot, episode.behaviour) == (other, kind)


def test_holding_on_completes_nothing(env: envs.TabletopEnv):
    episode = rollout(Constant(0, 0, 0, 1), env, task=TASK, seed=1)
    assert not episode.success
    assert not episode.success_once
    assert episode.completed_slot is None
    assert episode.behaviour is None
    assert episode.verdict in {"wrong_container", "not_completed"}


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


def test_a_shifted_world_looks_different_and_is_the_same_task(env: envs.TabletopEnv):
    seen: dict[str, NDArray[np.uint8]] = {}

    class Looking(Constant):
        def select_action(self, observation: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
            seen.setdefault(name, observation["image"])
            return super().select_action(observation)

    episodes = {}
    for name in ("none", "light"):
        episodes[name] = rollout(Looking(0, 0, 0, 1), env, task=TASK, seed=1, shift=envs.SHIFTS[name])
    assert seen["light"].mean() < seen["none"].mean()
    assert (episodes["light"].task, episodes["light"].target_slot) == (str(TASK), episodes["none"].target_slot)


def test_steps_after_which_the_task_was_done_are_counted(env: envs.TabletopEnv):
    slot = envs.target_slot(TASK)
    done = rollout(Oracle(env, slot=slot), env, task=TASK, seed=1)
    assert 0 < done.steps_done < envs.TASK_KINDS[TASK.kind].horizon
    assert rollout(Constant(0, 0, 0, 1), env, task=TASK, seed=1).steps_done == 0
