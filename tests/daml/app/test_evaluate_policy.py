"""Laws of `daml evaluate-policy`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from daml import cli
from daml.demos import read_video


def run(policy: Path, output: Path, *words: object) -> dict[str, Any]:
    cli.main(["evaluate-policy", str(policy), "--output", str(output), *(str(word) for word in words)])
    return json.loads(output.read_text(encoding="utf-8"))


def episodes(result: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**episode, "step_ms": 0} for episode in result["episodes"]]


@pytest.mark.usefixtures("quick_pictures")
def test_record_adapt_evaluate(prior_folder: Path, tmp_path: Path):
    video, policy = tmp_path / "human.mp4", tmp_path / "policy"
    cli.main(["record", "--simulate", "--output", str(video), "--split", "validation", "--index", "3"])
    cli.main(["adapt", "--video", str(video), "--output", str(policy), "--prior", str(prior_folder)])
    result = run(policy, tmp_path / "out.json", "--rollouts", 2, "--n-tasks", 5, "--videos", 1)
    assert [episode["task"] for episode in result["episodes"]] == ["place/validation/3"] * 2
    assert result["settings"]["video_shows"] == "place/validation/3"
    assert len(read_video(tmp_path / "out.videos" / "place-0003.mp4")) > 1


def test_a_policy_of_unknown_origin_is_judged_on_the_task_asked_for(
    prior_folder: Path, video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    policy = tmp_path / "policy"
    cli.main(["adapt", "--video", str(video), "--output", str(policy), "--prior", str(prior_folder)])
    result = run(policy, tmp_path / "out.json", "--task", "place", "--first-task", 6, "--rollouts", 2)
    assert [episode["task"] for episode in result["episodes"]] == ["place/test/6"] * 2
    assert result["settings"]["video_shows"] is None
    assert "unknown origin: judged on place/test/6" in capsys.readouterr().out


def test_of_a_video_of_unknown_origin_the_kind_of_task_must_be_named(
    prior_folder: Path, video: Path, tmp_path: Path, complaint: Callable[..., str]
):
    policy = tmp_path / "policy"
    cli.main(["adapt", "--video", str(video), "--output", str(policy), "--prior", str(prior_folder)])
    line = complaint("evaluate-policy", policy, "--output", tmp_path / "out.json")
    assert "unknown origin; say what it shows with --task, one of place, push, pick-place" in line
    assert list(tmp_path.iterdir()) == [policy]


def test_a_prior_is_no_policy(prior_folder: Path, tmp_path: Path, complaint: Callable[..., str]):
    line = complaint("evaluate-policy", prior_folder, "--output", tmp_path / "out.json")
    assert "found one of kind 'prior'" in line


def test_a_folder_that_is_not_there_is_no_policy(tmp_path: Path, complaint: Callable[..., str]):
    assert "nowhere: expected the folder of" in complaint("evaluate-policy", "nowhere", "--output", tmp_path / "o.json")


def test_adapting_first_and_judging_the_policy_in_the_scene_comes_to_the_same(
    prior_folder: Path, video: Path, example_scene: Path, tmp_path: Path
):
    cli.main(["adapt", "--video", str(video), "--output", str(tmp_path / "policy"), "--prior", str(prior_folder)])
    words = ("--scene", example_scene, "--rollouts", 2, "--seed", 3)
    second = tmp_path / "video.json"
    first = run(tmp_path / "policy", tmp_path / "policy.json", *words)
    cli.main([*map(str, ("evaluate", *words, "--prior", prior_folder, "--video", video)), "--output", str(second)])
    assert episodes(first) == episodes(json.loads(second.read_text(encoding="utf-8")))
