"""Laws of clips that tell a task."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from daml import envs
from daml.demos import HumanDemo
from daml.deployment.adaptation import unadapted
from daml.envs.tabletop import PERSON_VIEW
from daml.envs.tasks.judging import VERDICTS
from daml.evaluation.controls import FILMS, no_demo
from daml.evaluation.evaluation import evaluate
from daml.evaluation.evaluation_config import EvaluationConfig
from daml.learners.prior import Prior
from daml.reporting import clips, demonstration
from daml.reporting.clips import HEIGHT
from daml.reporting.demonstration import LONGEST_VIDEO_S, describe, write_comparison, write_performance

TASK = envs.Task("place", "test", 0)
ROBOT_WIDTH = PERSON_VIEW[1] * HEIGHT // PERSON_VIEW[0]


@pytest.fixture(autouse=True)
def quick_pictures(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(envs.TabletopEnv, "picture", lambda _self: np.zeros((*PERSON_VIEW, 3), np.uint8))
    monkeypatch.setattr(clips, "HUMAN_VIEW", 16)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Keep what would be written: captions, frames, and the target that the human was filmed with."""
    kept: dict[str, Any] = {}
    set_side_by_side, film = demonstration.side_by_side, demonstration.film_for_people

    def keep_panels(panels: list[tuple[str, np.ndarray]]) -> np.ndarray:
        kept["captions"] = [caption.partition(":")[0] for caption, _ in panels]
        kept["full_captions"] = [caption for caption, _ in panels]
        return set_side_by_side(panels)

    def keep_target(task: envs.Task, *, seed: int, target: int | None, **others: Any):
        kept["seed"], kept["target"], kept["film"] = seed, target, others["film"]
        return film(task, seed=seed, target=target, **others)

    monkeypatch.setattr(demonstration, "side_by_side", keep_panels)
    monkeypatch.setattr(demonstration, "film_for_people", keep_target)
    monkeypatch.setattr(demonstration, "write_video", lambda _path, frames, **_: kept.update(shape=frames.shape))
    return kept


@pytest.mark.parametrize(("task", "shots"), [(TASK, 1), (envs.Task("pick-place", "test", 0), 2)])
def test_the_method_is_told_in_three_panels_and_shows_the_first_video(
    task: envs.Task, shots: int, prior: Prior, told: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    asked: list[int] = []
    control = demonstration.CONTROLS["none"]

    def count(prior: Prior, *, shots: int, shift: envs.Shift) -> Any:
        asked.append(shots)
        return control(prior, shots=shots, shift=shift)

    monkeypatch.setattr(demonstration, "CONTROLS", {"none": count})
    write_comparison(Path("x.mp4"), prior, task=task, control="none", seed=0, shots=shots)
    assert told["captions"] == ["human video", "before adapting", "after adapting"]
    assert told["target"] == envs.target_slot(task)
    assert told["shape"][2] == HEIGHT + 2 * ROBOT_WIDTH
    assert told["shape"][0] > envs.TASK_KINDS[task.kind].horizon
    assert asked == [shots]
    assert [told["seed"]] == demonstration.episode_seeds(task, seed=0, n=1)


def test_the_wrong_demo_that_is_shown_is_the_one_that_was_adapted_to(prior: Prior, told: dict[str, Any]):
    write_comparison(Path("x.mp4"), prior, task=TASK, control="wrong-demo", seed=0)
    (seed,) = demonstration.episode_seeds(TASK, seed=0, n=1)
    assert (told["seed"], told["target"]) == (seed, demonstration.CONTROLS["wrong-demo"](prior)(TASK, seed).shown_slot)
    assert told["full_captions"][0] == "human video: another target"


@pytest.mark.parametrize(
    ("control", "caption"),
    [
        ("shuffled-demo", "human video, shuffled"),
        ("reversed-demo", "human video, backwards"),
        ("robot-demo", "robot video"),
    ],
)
def test_what_is_shown_in_place_of_the_video_is_shown_to_people(
    control: str, caption: str, prior: Prior, told: dict[str, Any]
):
    write_comparison(Path("x.mp4"), prior, task=TASK, control=control, seed=0)
    assert told["full_captions"][0] == caption
    assert told["film"] is FILMS[control]


def test_without_a_demo_no_human_is_shown(prior: Prior, told: dict[str, Any]):
    verdicts = write_comparison(Path("x.mp4"), prior, task=TASK, control="no-demo", seed=0)
    assert told["captions"] == ["before adapting"]
    assert verdicts.before == verdicts.after


def test_the_rollout_is_the_evaluations_first(prior: Prior, tmp_path: Path):
    path = tmp_path / "clip.mp4"
    verdict = write_performance(path, unadapted(prior), task=TASK, seed=9, image_size=16)
    evaluation = evaluate(no_demo(prior), EvaluationConfig(n_tasks=1, rollouts=2, seed=9), image_size=16)
    assert verdict == evaluation.episodes[0].verdict
    assert list(tmp_path.iterdir()) == [path]


def test_a_long_video_is_played_faster(prior: Prior, told: dict[str, Any]):
    video = HumanDemo(np.zeros((500, 8, 8, 3), np.uint8), 10.0)
    write_performance(Path("x.mp4"), unadapted(prior), task=TASK, seed=0, image_size=16, video=video)
    assert told["captions"] == ["human video", "after adapting"]
    assert told["shape"][0] == LONGEST_VIDEO_S * clips.CLIP_FRAME_RATE_HZ


def test_what_was_before_the_video_is_shown_between(prior: Prior, told: dict[str, Any]):
    video = HumanDemo(np.zeros((20, 8, 8, 3), np.uint8), 10.0)
    policy, scene = unadapted(prior), envs.describe(TASK)
    verdict = write_performance(
        Path("x.mp4"), policy, task=scene, seed=0, image_size=16, video=video, before=unadapted(prior)
    )
    assert told["captions"] == ["human video", "before adapting", "after adapting"]
    # The same policy in the same layout ends in the same way.
    assert [caption.partition(": ")[2] for caption in told["full_captions"][1:]] == [describe(verdict)] * 2


@pytest.mark.parametrize("verdict", VERDICTS)
def test_every_verdict_has_its_words(verdict: str):
    assert describe(verdict)
    assert "_" not in describe(verdict)
