import numpy as np
import pytest

from daml import envs
from daml.policies.goal import TRUE_GOAL_SIZE


@pytest.mark.parametrize("kind", envs.ALL_KINDS)
def test_it_tells_of_the_tasks_own_item_and_destination(kind: str):
    env = envs.TabletopEnv(kind, image_size=16)
    _, info = env.reset(seed=0, options={"task": envs.Task(kind, "train", 3)})
    state = info["state"]
    item = state["target_item"]

    goal = envs.true_goal(info)

    assert goal.shape == (TRUE_GOAL_SIZE,)
    assert goal.dtype == np.float32
    np.testing.assert_allclose(goal[:2], state["item_positions"][item][:2], atol=1e-6)
    height = state["item_half_extents"][item][2]
    if kind == "push":
        wanted = [*state["zone_position"], height]
    else:
        container = state["target_container"]
        wanted = [*state["container_positions"][container], state["container_heights"][container] + height]
    np.testing.assert_allclose(goal[2:5], wanted, atol=1e-6)
    np.testing.assert_allclose(goal[5], state["item_reaches"][item], atol=1e-6)


def test_it_follows_the_item():
    env = envs.TabletopEnv("place", image_size=16)
    _, info = env.reset(seed=0)
    before = envs.true_goal(info)
    for _ in range(3):
        *_, info = env.step(np.array([0.0, 1.0, 0.0, 1.0]))

    after = envs.true_goal(info)

    assert after[1] > before[1] + 0.05
    np.testing.assert_array_equal(after[2:], before[2:])
