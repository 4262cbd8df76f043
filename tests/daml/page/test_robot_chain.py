import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from daml.chains.chain import ChainedStep, ChainRun
from daml.chains.chain_evaluation import counted
from daml.demos import Reading, read_video
from daml.page import robot_chain
from daml.page.robot_chain import judge_all, told_of_all
from daml.twins import build_twin


def step(verdict: str) -> ChainedStep:
    return ChainedStep(0, verdict, verdict == "success", verdict == "success", 1, 50)


def test_what_went_wrong_is_told_by_the_step_in_which_it_did():
    rows = [(step("success"), step("success")), (step("success"), step("wrong_object")), (step("not_completed"),)]
    told = told_of_all(counted([ChainRun("scene", 0, steps) for steps in rows], settings={}, n_steps=2))
    assert told["success_rate"] == 1 / 3
    assert told["failures"] == {"failed in step 2: wrong object": 1, "failed in step 1: not completed": 1}
    assert (told["done"], told["total"], told["is_complete"]) == (3, 3, True)


def test_all_steps_are_filmed_counted_and_can_be_taken_along(
    reading: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("daml.chains.chain.MOST_STEPS", 4)
    monkeypatch.setattr("daml.chains.chain.TRIES", 1)
    monkeypatch.setattr("daml.evaluation.retelling.RETELLINGS", 1)
    first = reading.steps[0]
    picture = reading.clean_first_frame.copy()
    picture[20:32, 100:116] = (190, 40, 20)
    moved = np.array([0.375, -0.28])
    second = replace(first, item=(0.675, 0.22), outline=first.outline + moved)
    two = replace(reading, steps=(first, second), clean_first_frame=picture, moments=((picture, picture),) * 2)
    shown: list[dict[str, Any]] = []
    result = judge_all(
        two,
        build_twin(two, further=[1]),
        tmp_path,
        observe=lambda _: None,
        show=lambda content: shown.append(dict(content)),
        rollouts=1,
    )
    assert [content["done"] for content in shown] == [0, 1]
    assert result["is_complete"]
    assert result["tries"]["after"].startswith("step 1 ")
    assert len(read_video(tmp_path / "robot.mp4")) >= 2
    assert (tmp_path / "after.glb").read_bytes().startswith(b"glTF")
    names = zipfile.ZipFile(tmp_path / "policy.zip").namelist()
    assert {f"step-{number}/model.safetensors" for number in (1, 2)} <= set(names)
    assert json.loads((tmp_path / "result.json").read_text())["settings"]["steps"] == 2
    assert robot_chain.PRIOR == "tabletop"
