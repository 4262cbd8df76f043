"""Laws of `daml evaluate`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from daml import cli, envs
from daml.demos import read_video
from daml.evaluation.controls import CONTROLS
from daml.learners.config import MethodName
from daml.learners.learner import Learner


def run(output: Path, *words: object) -> dict[str, Any]:
    cli.main(["evaluate", "--output", str(output), *(str(word) for word in words)])
    return json.loads(output.read_text(encoding="utf-8"))


def without_times(result: dict[str, Any]) -> dict[str, Any]:
    episodes = [{**episode, "step_ms": 0} for episode in result["episodes"]]
    return {**result, "adapt_ms_median": 0, "step_ms_median": 0, "elapsed_s": 0, "episodes": episodes}


@pytest.mark.parametrize("control", CONTROLS)
def test_the_method_and_its_controls_are_judged(control: str, prior_folder: Path, tmp_path: Path):
    words = ("--prior", prior_folder, "--control", control, "--n-tasks", 2, "--rollouts", 2, "--seed", 7)
    result = run(tmp_path / "out.json", "--task", "place", *words)
    assert (result["n_tasks"], result["n_rollouts"], len(result["episodes"])) == (2, 4, 4)
    assert (result["settings"]["control"], result["settings"]["prior"]) == (control, str(prior_folder))
    assert (result["shown_target_rate"] is None) == (control == "no-demo")
    assert (result["adapt_ms_median"] is None) == (control == "no-demo")
    assert [episode["task"] for episode in result["episodes"]] == ["place/test/0"] * 2 + ["place/test/1"] * 2
    info = json.loads((tmp_path / "out.eval_info.json").read_text(encoding="utf-8"))
    assert [episode["success"] for episode in info["per_episode"]] == [e["success"] for e in result["episodes"]]


@pytest.mark.parametrize("shift", ["camera", "occlusion"])
def test_a_shift_is_recorded_and_changes_neither_tasks_nor_seeds(shift: str, prior_folder: Path, tmp_path: Path):
    words = ("--prior", prior_folder, "--task", "place", "--n-tasks", 1, "--seed", 7)
    plain, shifted = run(tmp_path / "plain.json", *words), run(tmp_path / "shifted.json", *words, "--shift", shift)
    assert (plain["settings"]["shift"], shifted["settings"]["shift"]) == ("none", shift)
    for key in ("task", "seed", "target_slot"):
        assert [episode[key] for episode in plain["episodes"]] == [episode[key] for episode in shifted["episodes"]]


def test_every_control_and_shift_has_its_name_at_the_command_line(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        cli.main(["evaluate", "--help"])
    text = "".join(capsys.readouterr().out.split())
    assert f"{{{','.join([*CONTROLS, 'expert'])}}}" in text
    assert f"{{{','.join(envs.SHIFTS)}}}" in text


@pytest.mark.usefixtures("quick_pictures")
@pytest.mark.parametrize("shift", ["none", "distractors"])
def test_the_expert_is_the_ceiling_in_every_world_and_needs_no_prior(shift: str, tmp_path: Path):
    words = ("--task", "place", "--control", "expert", "--n-tasks", 2, "--videos", 1, "--prior", "plaice")
    result = run(tmp_path / "out.json", *words, "--shift", shift)
    assert result["success_rate"] == 1.0
    assert (result["settings"]["control"], result["settings"]["shift"]) == ("expert", shift)
    assert [path.name for path in (tmp_path / "out.videos").iterdir()] == ["place-0000.mp4"]


@pytest.mark.parametrize("method", ["contextual", "lstm", "transformer", "daml-linear", "daml-paper", "bc"])
def test_a_prior_of_any_method_is_judged(
    method: MethodName, make_learner: Callable[[MethodName], Learner], tmp_path: Path
):
    make_learner(method).save_pretrained(tmp_path / "prior")
    result = run(tmp_path / "out.json", "--prior", tmp_path / "prior", "--task", "place", "--n-tasks", 1)
    assert (result["settings"]["method"], result["n_rollouts"]) == (method, 1)


def test_all_kinds_are_judged_and_each_as_it_is_alone(
    prior_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    words = ("--prior", prior_folder, "--n-tasks", 1, "--seed", 7)
    results = run(tmp_path / "all.json", *words)
    text = capsys.readouterr().out
    assert set(results) == set(envs.KINDS)
    for kind, result in results.items():
        assert [episode["task"] for episode in result["episodes"]] == [f"{kind}/test/0"]
        assert (result["settings"]["kind"], result["settings"]["shots"]) == (kind, 1)
        assert kind in text
    alone = run(tmp_path / "place.json", *words, "--task", "place")
    assert without_times(alone) == without_times(results["place"])


def test_a_policy_can_be_adapted_to_several_videos(prior_folder: Path, tmp_path: Path):
    result = run(
        tmp_path / "out.json", "--prior", prior_folder, "--task", "place", "--n-tasks", 1, "--shots", 3, "--videos", 0
    )
    assert result["settings"]["shots"] == 3
    assert result["n_rollouts"] == 1


@pytest.mark.usefixtures("quick_pictures")
def test_clips_of_the_first_tasks_lie_beside_the_result(prior_folder: Path, tmp_path: Path):
    words = ("--prior", prior_folder, "--task", "place", "--n-tasks", 2, "--control", "wrong-demo")
    run(tmp_path / "out.json", *words, "--videos", 1)
    assert [path.name for path in (tmp_path / "out.videos").iterdir()] == ["place-0000.mp4"]


def test_a_result_is_there_when_its_clips_are(prior_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def stop(*_: object, **__: object):
        raise KeyboardInterrupt

    monkeypatch.setattr("daml.app.evaluate.write_comparison", stop)
    with pytest.raises(SystemExit):
        run(tmp_path / "out.json", "--prior", prior_folder, "--task", "place", "--n-tasks", 1, "--videos", 1)
    assert [path.name for path in tmp_path.iterdir()] == ["out.episodes.jsonl"]
    monkeypatch.undo()
    monkeypatch.setattr("daml.evaluation.episode_jobs.rollout", stop)  # what has ended is not run again
    run(tmp_path / "out.json", "--prior", prior_folder, "--task", "place", "--n-tasks", 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.eval_info.json", "out.json"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--task", "fly"], "task kind 'fly' is unknown; valid kinds: place"),
        (["--split", "exam"], "split 'exam' is unknown; valid splits: train, validation, test"),
        (["--n-tasks", "0"], "at least 1"),
        (["--rollouts", "-1"], "at least 1"),
        (["--first-task", "-1"], "first_task: expected at least 0, got -1"),
        (["--seed", "-7"], "seed: expected at least 0, got -7"),
        (["--videos", "-1"], "number of videos is -1"),
        (["--shots", "0"], "number of videos to adapt to is 0"),
        (["--shots", "3", "--control", "no-demo"], "--shots 3 is about adapting to videos"),
        (["--shots", "3", "--control", "expert"], "--shots 3 is about adapting to videos"),
        (["--prior", "plaice"], "no shipped prior of that name"),
        (["--video", "x.mp4", "--prior", "plaice"], "no shipped prior of that name"),
        (["--scene", "x.toml"], "x.toml: expected a TOML file that describes a scene, found nothing"),
    ],
)
def test_what_cannot_be_judged_is_refused(
    words: list[str], message: str, tmp_path: Path, complaint: Callable[..., str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    assert message in complaint("evaluate", "--output", "out.json", *words)
    assert list(tmp_path.iterdir()) == []


def test_an_output_that_cannot_be_written_is_refused_first(tmp_path: Path, complaint: Callable[..., str]):
    (tmp_path / "folder.json").mkdir()
    assert "found a folder" in complaint("evaluate", "--output", tmp_path / "folder.json", "--prior", "plaice")
    assert "expected a name that ends in .json" in complaint(
        "evaluate", "--output", tmp_path / "result-0.5", "--prior", "plaice"
    )


@pytest.mark.parametrize("control", ["none", "wrong-demo", "no-demo"])
def test_the_method_and_its_controls_are_judged_in_a_scene(
    control: str, prior_folder: Path, example_scene: Path, tmp_path: Path
):
    words = ("--prior", prior_folder, "--scene", example_scene, "--control", control, "--rollouts", 2)
    result = run(tmp_path / "out.json", *words)
    assert [episode["task"] for episode in result["episodes"]] == ["place/scene"] * 2
    assert {episode["target_slot"] for episode in result["episodes"]} == {0}
    assert len({episode["seed"] for episode in result["episodes"]}) == 2
    assert (result["settings"]["kind"], result["settings"]["control"], result["chance_rate"]) == ("place", control, 0.5)
    assert result["settings"]["scene"]["objects"]["containers"][0]["family"] == "bowl"


@pytest.mark.usefixtures("quick_pictures")
def test_a_video_is_judged_in_the_scene_given(prior_folder: Path, video: Path, example_scene: Path, tmp_path: Path):
    words = ("--prior", prior_folder, "--video", video, "--scene", example_scene, "--rollouts", 2, "--videos", 1)
    result = run(tmp_path / "out.json", *words, "--start", 0.2, "--fit", "pad")
    assert [episode["task"] for episode in result["episodes"]] == ["place/scene"] * 2
    assert result["adapt_ms_median"] > 0
    settings = result["settings"]
    assert (settings["video"], settings["start_s"], settings["end_s"], settings["fit"]) == (
        str(video),
        0.2,
        None,
        "pad",
    )
    assert len(read_video(tmp_path / "out.videos" / "place-scene.mp4")) > 1


@pytest.mark.usefixtures("quick_pictures")
def test_a_simulated_video_is_judged_in_its_own_scene(prior_folder: Path, tmp_path: Path):
    film = tmp_path / "human.gif"
    cli.main(["record", "--simulate", "--output", str(film), "--task", "push", "--index", "5"])
    result = run(tmp_path / "out.json", "--prior", prior_folder, "--video", film, "--rollouts", "1")
    task = envs.Task("push", "test", 5)
    assert [episode["task"] for episode in result["episodes"]] == ["push/scene"]
    assert result["episodes"][0]["target_slot"] == envs.target_slot(task)
    assert result["shown_target_rate"] == result["success_rate"]
    shapes = [item["family"] for item in result["settings"]["scene"]["objects"]["items"]]
    assert shapes == [item.family for item in envs.describe(task).objects.items]


@pytest.mark.usefixtures("read")
def test_of_a_video_without_a_scene_it_is_said_what_to_do(
    prior_folder: Path, video: Path, example_scene: Path, tmp_path: Path, complaint: Callable[..., str]
):
    film = tmp_path / "mine.mp4"
    film.write_bytes(video.read_bytes())
    words = ("evaluate", "--output", tmp_path / "out.json", "--prior", prior_folder, "--video", film)
    line = complaint(*words)
    assert "mine.mp4: no hand was found" in line
    assert "or describe what lies on the table in a TOML file, given with --scene or named mine.mp4.scene.toml" in line
    beside = tmp_path / "mine.mp4.scene.toml"
    beside.write_text('video_sha256 = "ab"\n' + example_scene.read_text(encoding="utf-8"), encoding="utf-8")
    assert "video_sha256: expected the digest of the video beside it" in complaint(*words)
    beside.write_bytes(example_scene.read_bytes())
    assert not (tmp_path / "out.json").exists()
    cli.main([str(word) for word in words])
    assert (tmp_path / "out.json").exists()
