"""Results as LeRobot writes them, into `eval_info.json`: for tools that read its evaluations."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from daml.evaluation.episode import Episode
from daml.evaluation.evaluation import Evaluation


def eval_info_file(output: Path) -> Path:
    """Name the file beside a result that holds it in LeRobot's layout."""
    return output.with_suffix(".eval_info.json")


def eval_info(evaluations: Sequence[Evaluation]) -> dict[str, Any]:
    """Return evaluations in LeRobot's layout.

    `per_task`, `per_group` and `overall` are what `lerobot-eval` writes now, with the kind of task for the group and
    the index of the task for its number; `per_episode` and `aggregated` are what it wrote when there was one task.
    An episode's reward is 1 after each control step at whose end the task is done, and its success is that at the end.

    Args:
        evaluations: Of one or several kinds; at least one.

    Returns:
        What JSON can hold.
    """
    episodes = [episode for evaluation in evaluations for episode in evaluation.episodes]
    elapsed_s = sum(evaluation.elapsed_s for evaluation in evaluations)
    times = {"eval_s": elapsed_s, "eval_ep_s": elapsed_s / len(episodes)}
    return {
        "per_task": [info for evaluation in evaluations for info in _per_task(evaluation)],
        "per_group": {
            str(evaluation.settings["kind"]): _means(evaluation.episodes) | _extent(evaluation.episodes)
            for evaluation in evaluations
        },
        "overall": _means(episodes) | _extent(episodes) | times,
        "per_episode": [
            {
                "episode_ix": number,
                "sum_reward": float(episode.steps_done),
                "max_reward": float(episode.success_once),
                "success": episode.success,
                "seed": episode.seed,
            }
            for number, episode in enumerate(episodes)
        ],
        "aggregated": _means(episodes) | times,
    }


def _per_task(evaluation: Evaluation) -> list[dict[str, Any]]:
    by_task: dict[str, list[Episode]] = {}
    for episode in evaluation.episodes:
        by_task.setdefault(episode.task, []).append(episode)
    return [
        {
            "task_group": str(evaluation.settings["kind"]),
            "task_id": _number(task),
            "metrics": {
                "sum_rewards": [float(episode.steps_done) for episode in episodes],
                "max_rewards": [float(episode.success_once) for episode in episodes],
                "successes": [episode.success for episode in episodes],
                "video_paths": [],
            },
        }
        for task, episodes in by_task.items()
    ]


def _means(episodes: Sequence[Episode]) -> dict[str, Any]:
    return {
        "avg_sum_reward": float(np.mean([episode.steps_done for episode in episodes])),
        "avg_max_reward": float(np.mean([episode.success_once for episode in episodes])),
        "pc_success": 100 * float(np.mean([episode.success for episode in episodes])),
    }


def _extent(episodes: Sequence[Episode]) -> dict[str, Any]:
    return {"n_episodes": len(episodes), "video_paths": []}


def _number(task: str) -> int:
    """Return the index of a task, 0 for a scene."""
    index = task.rpartition("/")[2]
    return int(index) if index.isdigit() else 0
