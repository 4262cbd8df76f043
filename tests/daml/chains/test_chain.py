"""Laws of chains: the expert stands in for policies, so that each step can be done."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from daml import envs
from daml.chains import chain
from daml.chains.chain import HOME_STEPS, TRIES, run_chain

TASK = envs.Task("pick-place", "train", 0)
SLOTS = (0, 3)  # the first item into the first container, the second into the second


class ByTheExpert:
    """Acts as the expert does, and goes back to where it began when all is done."""

    def __init__(self, env: envs.TabletopEnv) -> None:
        self._env, self._expert = env, envs.find_expert("pick-place")
        self.n_resets = 0

    def reset(self) -> None:
        self.n_resets += 1
        self._start: np.ndarray | None = None

    def select_action(self, observation: Mapping[str, np.ndarray]) -> np.ndarray:
        state = observation["state"]
        self._start = state[:3] if self._start is None else self._start
        info: dict[str, Any] = self._env._inform()
        if not info["is_success"]:
            return self._expert(info)
        way = self._start - state[:3]
        if state[2] < 0.17:
            way[:2] = 0
        return np.array([*np.clip(10 * way, -0.6, 0.6), -1.0], np.float32)


class Restless:
    """Never comes to rest."""

    def __init__(self) -> None:
        self.starts: list[np.ndarray] = []
        self._fresh = False

    def reset(self) -> None:
        self._fresh = True

    def select_action(self, observation: Mapping[str, np.ndarray]) -> np.ndarray:
        if self._fresh:
            self.starts.append(observation["state"].copy())
            self._fresh = False
        return np.array([0.0, 0.3, -0.2, 1.0], np.float32)


@pytest.fixture
def env() -> envs.TabletopEnv:
    return envs.TabletopEnv("pick-place", image_size=16)


def test_each_step_is_judged_by_itself_and_begins_where_the_one_before_ended(env: envs.TabletopEnv):
    policies = [ByTheExpert(env), ByTheExpert(env)]
    run = run_chain(policies, env, task=TASK, slots=SLOTS, seed=3)
    steps = run.steps
    assert run.key == (str(TASK), 3)
    assert [(step.slot, step.verdict, step.success, step.came_to_rest, step.tries) for step in steps] == [
        (slot, "success", True, True, 1) for slot in SLOTS
    ]
    assert [policy.n_resets for policy in policies] == [1, 1]
    state = env._inform()["state"]
    first, second = state["item_positions"][:2, :2]
    assert np.linalg.norm(first - state["container_positions"][0]) < 0.05
    assert np.linalg.norm(second - state["container_positions"][1]) < 0.05


def test_who_never_rests_goes_back_tries_again_and_ends_the_chain(
    env: envs.TabletopEnv, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(chain, "MOST_STEPS", 30)
    restless, second = Restless(), ByTheExpert(env)
    steps = run_chain([restless, second], env, task=TASK, slots=SLOTS, seed=3).steps
    assert len(steps) == 1
    assert (steps[0].success, steps[0].came_to_rest, steps[0].tries) == (False, False, TRIES)
    assert steps[0].control_steps == TRIES * 30
    assert second.n_resets == 0
    first, again = restless.starts
    np.testing.assert_allclose(again[:3], first[:3], atol=0.02)  # both tries begin from the same place


def test_whoever_watches_sees_every_control_step(env: envs.TabletopEnv, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(chain, "MOST_STEPS", 5)
    seen: list[int] = []
    run_chain([Restless()], env, task=TASK, slots=(0,), seed=1, watch=lambda _: seen.append(1))
    assert len(seen) == 1 + TRIES * 5 + (TRIES - 1) * HOME_STEPS
