import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from daml.demos import Reading, read_video
from daml.page.robot import judge_understood
from daml.progress import Progress
from daml.twins import build_twin


@pytest.fixture
def judged(reading: Reading, tmp_path: Path) -> Any:
    told: list[Progress] = []
    shown: list[dict[str, Any]] = []
    twin = build_twin(reading)
    result = judge_understood(
        reading, twin, tmp_path, observe=told.append, show=lambda content: shown.append(dict(content)), rollouts=2
    )
    return told, shown, result


def test_the_robot_is_filmed_and_counted_and_all_can_be_taken_along(judged: Any, tmp_path: Path):
    told, shown, result = judged
    assert list(dict.fromkeys(progress.stage for progress in told)) == [
        "adapting to what was shown",
        "filming the robot",
        "counting how often it succeeds",
    ]
    assert [content["done"] for content in shown] == [0, 1, 2]  # the clip first
    widths = [content["success_rate_high"] - content["success_rate_low"] for content in shown[1:]]
    assert widths[1] < widths[0]
    assert result["is_complete"]
    assert result["success_rate"] == shown[-1]["success_rate"]
    assert round(result["success_rate"] * 2) + sum(result["failures"].values()) == 2
    assert set(result["tries"]) == {"before", "after"}
    assert set(result["doubts"]) <= {"item", "destination"}
    assert len(read_video(tmp_path / "robot.mp4")) == 41  # a picture of every second of 81 moments
    for name in ("before", "after"):
        assert (tmp_path / f"{name}.glb").read_bytes().startswith(b"glTF")
    assert {"config.json", "model.safetensors"} <= set(zipfile.ZipFile(tmp_path / "policy.zip").namelist())
    settings = json.loads((tmp_path / "result.json").read_text())["settings"]
    assert (settings["prior"], settings["understood"]["step"]) == ("tabletop", 1)
