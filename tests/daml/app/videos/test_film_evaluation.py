"""Laws of `daml evaluate --video` where the film is read."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from daml import cli
from daml.demos import Reading, read_video
from daml.envs import read_scene

pytestmark = pytest.mark.usefixtures("quick_retelling")


@pytest.fixture
def words(prior_folder: Path, video: Path, tmp_path: Path) -> list[str]:
    named = {"--prior": prior_folder, "--video": video, "--output": tmp_path / "out.json", "--rollouts": 2}
    return ["evaluate", "--workers", "1", *(str(word) for pair in named.items() for word in pair)]


@pytest.mark.usefixtures("quick_pictures")
def test_a_film_is_judged_in_the_scene_that_it_shows(
    words: list[str], tmp_path: Path, reading: Reading, read: Callable[[object], None]
):
    read(reading)
    cli.main([*words, "--videos", "1"])
    result = json.loads((tmp_path / "out.json").read_text())
    understood = result["settings"]["understood"]
    assert understood["steps"] == reading.to_json()["steps"]
    assert (understood["step"], understood["adapted_on"]) == (1, "retold")
    assert {"belief", "doubts", "twin"} <= set(understood)
    assert (result["n_rollouts"], result["settings"]["kind"]) == (2, "push")
    assert len(result["interval"]) == 2
    scene = read_scene(tmp_path / "out.scene.toml")
    assert [item["family"] for item in result["settings"]["scene"]["objects"]["items"]] == [
        item.family for item in scene.objects.items
    ]
    assert (tmp_path / "out.understood.png").exists()
    assert len(read_video(tmp_path / "out.videos" / "push-scene.mp4")) > 1


def test_another_scene_may_be_given(
    words: list[str], tmp_path: Path, example_scene: Path, reading: Reading, read: Callable[[object], None]
):
    read(reading)
    cli.main([*words, "--scene", str(example_scene), "--adapt-on", "raw"])
    result = json.loads((tmp_path / "out.json").read_text())
    assert result["settings"]["kind"] == "place"
    assert result["settings"]["understood"]["adapted_on"] == "raw"
    assert not (tmp_path / "out.scene.toml").exists()


@pytest.mark.parametrize("error", [ImportError, FileNotFoundError])
def test_without_what_finds_hands_a_scene_is_asked_for(
    error: type[Exception], words: list[str], read: Callable[[object], None], complaint: Callable[..., str]
):
    read(error("the extra `hands` is not installed"))
    line = complaint(*words)
    assert "what it shows is not read (the extra `hands` is not installed)" in line
    assert "given with --scene" in line


def test_all_steps_of_a_film_are_done_one_after_another(
    words: list[str],
    tmp_path: Path,
    reading: Reading,
    read: Callable[[object], None],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("daml.chains.chain.MOST_STEPS", 3)
    carried = replace(reading.steps[0], kind="pick-place")
    read(replace(reading, steps=(carried, carried), moments=(reading.moments[0],) * 2))
    cli.main([*words, "--all-steps"])
    result = json.loads((tmp_path / "out.json").read_text())
    assert (result["n_chains"], result["settings"]["steps"], len(result["step_success_rates"])) == (2, 2, 2)
    assert read_scene(tmp_path / "out.scene.toml").kind == "pick-place"


def test_a_film_whose_steps_cannot_all_be_done_in_turn_is_refused(
    words: list[str], reading: Reading, read: Callable[[object], None], complaint: Callable[..., str]
):
    read(reading)
    assert "step 1: expected one that carries something, got push" in complaint(*words, "--all-steps")
    assert "leave --scene, --adapt-on, --step" in complaint(*words, "--all-steps", "--step", "2")
