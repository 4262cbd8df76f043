import json
import zipfile
from typing import Any

import pytest

from daml import envs
from daml.demos import read_video
from daml.page.robot import judge_in_scene
from daml.progress import Progress


@pytest.fixture(scope="module")
def judged(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, list[Progress], list[dict[str, Any]], dict[str, Any]]:
    folder = tmp_path_factory.mktemp("visit")
    told: list[Progress] = []
    shown: list[dict[str, Any]] = []
    scene = envs.describe(envs.Task("place", "test", 0))
    result = judge_in_scene(
        scene, folder, observe=told.append, show=lambda content: shown.append(dict(content)), rollouts=2
    )
    return folder, told, shown, result


def test_the_stages_are_told(judged: Any):
    _, told, _, _ = judged
    assert list(dict.fromkeys(progress.stage for progress in told)) == [
        "adapting to what was shown",
        "filming the robot",
        "counting how often it succeeds",
    ]


def test_the_clip_is_shown_before_the_count_and_the_interval_narrows(judged: Any):
    _, _, shown, result = judged
    assert shown[0] == {"clip": True, "done": 0, "total": 2}
    assert [content["done"] for content in shown] == [0, 1, 2]
    widths = [content["success_rate_high"] - content["success_rate_low"] for content in shown[1:]]
    assert widths[1] < widths[0]
    assert result["is_complete"]
    assert result["success_rate"] == shown[-1]["success_rate"]


def test_failures_and_successes_add_up(judged: Any):
    *_, result = judged
    assert round(result["success_rate"] * 2) + sum(result["failures"].values()) == 2


def test_all_can_be_taken_along(judged: Any):
    folder, *_ = judged
    assert len(read_video(folder / "robot.mp4")) == 19  # a picture of every second of 37 moments
    names = zipfile.ZipFile(folder / "policy.zip").namelist()
    assert {"config.json", "model.safetensors"} <= set(names)
    assert json.loads((folder / "result.json").read_text())["settings"]["prior"] == "tabletop"
