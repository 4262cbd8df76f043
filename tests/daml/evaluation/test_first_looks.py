"""Laws of first looks."""

from typing import Any

import numpy as np
import pytest
import torch

from daml import envs
from daml.deployment.adaptation import unadapted
from daml.deployment.adapted_policy import AdaptedPolicy
from daml.evaluation import first_looks
from daml.evaluation.first_looks import FirstLooks, look_first
from daml.learners.prior import Prior
from daml.policies.goal import Goal


@pytest.mark.parametrize("kind", ["pick-place", "push", "place"])
def test_of_all_things_the_nearest_is_taken(kind: str, prior: Prior, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(first_looks, "N_LOOKS", 3)
    scene = envs.describe(envs.Task(kind, "test", 0))
    states: list[dict[str, Any]] = []
    reset = envs.TabletopEnv.reset

    def note(env: envs.TabletopEnv, **options: Any) -> Any:
        observation, info = reset(env, **options)
        states.append(info["state"])
        return observation, info

    def aim(_policy: AdaptedPolicy) -> Any:
        state = states[-1]
        destination = state["zone_position"] if kind == "push" else state["container_positions"][-1]
        places = [torch.tensor(place[None, :2] + 0.01) for place in (state["item_positions"][-1], destination)]
        return Goal(*places, *torch.zeros(3, 1, 1)), torch.zeros(1, 1)

    monkeypatch.setattr(envs.TabletopEnv, "reset", note)
    monkeypatch.setattr(AdaptedPolicy, "observed_goal", aim)
    (looks,) = look_first([unadapted(prior)], scene, seed=0)

    n_items, n_destinations = len(scene.objects.items), max(len(scene.objects.containers), 1)
    last = (*[0] * (n_items - 1), 3)
    assert looks.items == ((0,) * n_items if kind == "place" else last)
    assert looks.destinations == (*[0] * (n_destinations - 1), 3)
    assert len({str(state["item_positions"]) for state in states}) == 3  # three layouts


def test_an_episode_begins_anew_afterwards(prior: Prior):
    policy = unadapted(prior)
    look_first([policy], envs.describe(envs.Task("push", "test", 0)), seed=0)
    with pytest.raises(RuntimeError, match="no frame was seen yet"):
        policy.observed_goal()


def test_the_share_is_the_mean_of_item_and_destination():
    assert FirstLooks((6, 2), (4, 4)).share(0, 1) == pytest.approx((0.75 + 0.5) / 2)
    assert FirstLooks((0,), (2, 6)).share(0, 1) == pytest.approx(0.75)  # the item is in the gripper
    assert np.isclose(FirstLooks((8, 0), (8,)).share(0, 0), 1.0)
