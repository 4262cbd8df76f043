"""Laws of the robot's films."""

from typing import Any

import numpy as np
import pytest

from daml.envs import robot_film
from daml.envs.robot.control import CONTROL_TIMESTEP
from daml.envs.robot_film import AFTERMATH_STEPS, film_robot
from daml.envs.shot import Shot
from daml.envs.tabletop import TabletopEnv
from daml.envs.tasks.kinds import draw_objects
from daml.envs.tasks.task import ALL_KINDS as KINDS
from daml.envs.tasks.task import Task


@pytest.mark.parametrize("kind", KINDS)
def test_a_film_begins_as_the_episode_of_its_seed_and_ends_when_the_task_is_done(
    kind: str, monkeypatch: pytest.MonkeyPatch
):
    told: list[dict[str, Any]] = []
    step = TabletopEnv.step

    def keep(env: TabletopEnv, action: Any) -> Any:
        result = step(env, action)
        told.append(result[-1])
        return result

    monkeypatch.setattr(TabletopEnv, "step", keep)
    task = Task(kind, "test", 1)
    frames, frame_rate_hz = film_robot(Shot(task, seed=3, image_size=24))
    assert (frames.dtype, frames.shape[1:]) == (np.uint8, (24, 24, 3))
    assert frame_rate_hz == 1 / CONTROL_TIMESTEP
    assert len(frames) == len(told) + 1
    assert [info["is_success"] for info in told[-AFTERMATH_STEPS - 1 :]] == [False, *[True] * AFTERMATH_STEPS]
    env = TabletopEnv(kind, image_size=24)
    observation, _ = env.reset(seed=3, options={"task": task})
    env.close()
    np.testing.assert_array_equal(frames[0], observation["image"])


@pytest.mark.parametrize("kind", KINDS)
def test_another_choice_is_another_film_that_begins_with_the_same_scene(kind: str):
    task = Task(kind, "train", 0)
    slots = range(draw_objects(task).n_targets)
    first, other = (film_robot(Shot(task, seed=5, image_size=24, target=slot))[0] for slot in slots[:2])
    np.testing.assert_array_equal(first[0], other[0])
    assert (first[-1] != other[-1]).any()


def test_a_layout_in_which_the_expert_fails_is_passed_over(monkeypatch: pytest.MonkeyPatch):
    task, seeds = Task("place", "train", 0), []
    film = robot_film._film

    def fail_at_first(env: TabletopEnv, *, seed: int, options: dict[str, object]) -> Any:
        seeds.append(seed)
        return None if len(seeds) == 1 else film(env, seed=seed, options=options)

    monkeypatch.setattr(robot_film, "_film", fail_at_first)
    film_robot(Shot(task, seed=5, image_size=8))
    assert seeds[0] == 5
    assert len(set(seeds)) == 2
    monkeypatch.setattr(robot_film, "_film", lambda *_, **__: None)
    with pytest.raises(RuntimeError, match="task place/train/0: the expert failed in 20 layouts"):
        film_robot(Shot(task, seed=5, image_size=8))
