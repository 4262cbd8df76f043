"""Laws of results in LeRobot's layout."""

import json
from pathlib import Path
from typing import Any

import pytest

from daml.evaluation.episode import Episode
from daml.evaluation.eval_info import eval_info, eval_info_file
from daml.evaluation.evaluation import Evaluation


def evaluation(kind: str, *ends: tuple[bool, int], elapsed_s: float = 6.0) -> Any:
    """Return an evaluation with two episodes of each task; each ends done or not, and was done for some steps."""
    episodes = tuple(
        Episode(
            task=f"{kind}/test/{5 + number // 2}",
            seed=100 + number,
            verdict="success" if done else "not_completed",
            success=done,
            success_once=steps > 0,
            target_slot=0,
            reached_slot=0,
            completed_slot=0,
            behaviour=kind,
            step_ms=1.0,
            steps_done=steps,
        )
        for number, (done, steps) in enumerate(ends)
    )
    values = dict.fromkeys(Evaluation.__dataclass_fields__)
    return Evaluation(**values | {"settings": {"kind": kind}, "episodes": episodes, "elapsed_s": elapsed_s})  # type: ignore[arg-type]


@pytest.fixture
def info() -> dict[str, Any]:
    place = evaluation("place", (True, 7), (False, 3), (False, 0), (True, 2))
    info = eval_info([place, evaluation("push", (False, 0), (False, 0), elapsed_s=3.0)])
    return json.loads(json.dumps(info, allow_nan=False))


def test_each_episode_has_its_rewards_success_and_seed(info: dict[str, Any]):
    assert [episode["episode_ix"] for episode in info["per_episode"]] == list(range(6))
    assert info["per_episode"][1] == {
        "episode_ix": 1,
        "sum_reward": 3.0,
        "max_reward": 1.0,
        "success": False,
        "seed": 101,
    }


def test_each_task_has_its_group_and_number(info: dict[str, Any]):
    assert [(task["task_group"], task["task_id"]) for task in info["per_task"]] == [
        ("place", 5),
        ("place", 6),
        ("push", 5),
    ]
    assert info["per_task"][1]["metrics"] == {
        "sum_rewards": [0.0, 2.0],
        "max_rewards": [0.0, 1.0],
        "successes": [False, True],
        "video_paths": [],
    }


def test_means_are_those_of_the_episodes_and_success_is_in_percent(info: dict[str, Any]):
    assert info["per_group"]["place"] == {
        "avg_sum_reward": 3.0,
        "avg_max_reward": 0.75,
        "pc_success": 50.0,
        "n_episodes": 4,
        "video_paths": [],
    }
    assert info["overall"]["pc_success"] == pytest.approx(100 / 3)
    assert (info["overall"]["eval_s"], info["overall"]["eval_ep_s"]) == (9.0, 1.5)
    assert info["aggregated"] == {
        key: value for key, value in info["overall"].items() if key not in ("n_episodes", "video_paths")
    }


def test_a_scene_is_task_0():
    scene = evaluation("place", (True, 1))
    episode = scene.episodes[0]
    object.__setattr__(episode, "task", "place/scene")
    assert eval_info([scene])["per_task"][0]["task_id"] == 0


def test_it_lies_beside_the_result():
    assert eval_info_file(Path("runs/x.json")) == Path("runs/x.eval_info.json")
