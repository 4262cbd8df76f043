"""Laws of evaluation."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from daml import envs
from daml.collection.films import Film
from daml.demos import HumanDemo
from daml.evaluation import candidates, episode_jobs
from daml.evaluation.candidates import Candidate, fixed, one_shot
from daml.evaluation.controls import no_demo, wrong_demo
from daml.evaluation.episode import Episode
from daml.evaluation.episode_jobs import JudgedEpisode
from daml.evaluation.evaluation import Evaluation, evaluate
from daml.evaluation.evaluation_config import EvaluationConfig, SceneConfig, episode_seeds
from daml.evaluation.kept_episodes import KeptEpisodes
from daml.learners.prior import Prior
from daml.progress import Progress


class Still:
    """Does nothing."""

    def reset(self):
        pass

    def select_action(self, observation: Any) -> np.ndarray:
        del observation
        return np.array([0, 0, 0, 1], np.float32)


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[tuple[str, int]]]:
    """Let rollouts end as written, in turn; what is returned fills with the tasks and seeds asked for."""

    def write(*ends: tuple[str, int | None], behaviours: tuple[str | None, ...] = ("place",)) -> list[tuple[str, int]]:
        asked: list[tuple[str, int]] = []
        remaining, done_so_far = cycle(ends), cycle(behaviours)

        def scripted(_policy: object, _env: object, *, task: envs.Task, seed: int, shift: envs.Shift) -> Episode:
            del shift
            asked.append((str(task), seed))
            verdict, completed = next(remaining)
            done = verdict == "success"
            return Episode(str(task), seed, verdict, done, done, 0, 0, completed, next(done_so_far), 1.0, int(done))

        monkeypatch.setattr(episode_jobs, "rollout", scripted)
        return asked

    return write


def run(method: Any, **settings: Any) -> Evaluation:
    return evaluate(method, EvaluationConfig(**settings), image_size=16)


def test_rates_are_shares_of_the_rollouts(script: Any):
    script(
        *[("success", 0)] * 4, ("wrong_object", 1), ("wrong_container", 1), ("wrong_object", 2), ("not_completed", None)
    )
    result = run(fixed(Still()), n_tasks=4, rollouts=2)
    assert (result.n_tasks, result.n_rollouts, len(result.episodes)) == (4, 8, 8)
    assert (result.success_rate, result.wrong_target_rate, result.not_completed_rate) == (0.5, 0.375, 0.125)
    assert (result.wrong_object_rate, result.wrong_container_rate) == (0.25, 0.125)
    assert result.interval[0] < 0.5 < result.interval[1]
    assert result.interval_over_tasks[0] <= 0.5 <= result.interval_over_tasks[1]


@pytest.mark.parametrize("kind", envs.KINDS)
def test_the_right_kind_is_counted_whether_it_ended_well_or_not(kind: str, script: Any):
    script(("success", 0), ("wrong_object", 1), behaviours=("place", "push", "push", "pick-place", None, "place"))
    result = run(fixed(Still()), kind=kind, n_tasks=6)
    assert result.right_kind_rate == {"place": 2 / 6, "push": 2 / 6, "pick-place": 1 / 6}[kind]


@pytest.mark.parametrize(("kind", "rate"), [("place", 1 / 3), ("push", 1 / 2), ("pick-place", 1 / 4)])
def test_chance_is_one_choice_of_all_there_are(kind: str, rate: float, script: Any):
    script(("success", 0))
    assert run(fixed(Still()), kind=kind, n_tasks=3).chance_rate == pytest.approx(rate)


def test_each_video_decides_what_counts_as_shown(script: Any):
    script(("success", 0), ("wrong_container", 1), ("wrong_container", 2), ("not_completed", None))
    shown_one = run(lambda _task, _seed: Candidate(Still(), 1, 2.0), n_tasks=4)
    assert (shown_one.shown_target_rate, shown_one.adapt_ms_median) == (0.25, 2.0)


def test_without_a_video_nothing_is_shown(script: Any):
    script(("success", 0))
    result = run(fixed(Still()), n_tasks=2)
    assert (result.shown_target_rate, result.adapt_ms_median) == (None, None)


def test_layouts_depend_on_task_and_seed_and_not_on_the_method(script: Any, prior: Prior):
    asked = script(("success", 0))
    run(fixed(Still()), n_tasks=3, rollouts=2, seed=1)
    run(no_demo(prior), n_tasks=3, rollouts=2, seed=1)
    run(fixed(Still()), n_tasks=3, rollouts=2, seed=2)
    assert asked[:6] == asked[6:12]
    assert len(set(asked[:6] + asked[12:])) == 12


def test_a_split_can_be_judged_in_parts(script: Any):
    asked = script(("success", 0))
    run(fixed(Still()), n_tasks=4)
    run(fixed(Still()), n_tasks=2)
    run(fixed(Still()), n_tasks=2, first_task=2)
    assert asked[:4] == asked[4:]


def test_more_rollouts_keep_the_first_ones():
    task = envs.Task("place", "test", 0)
    assert episode_seeds(task, seed=3, n=9)[:4] == episode_seeds(task, seed=3, n=4)


def test_observers_hear_of_every_episode_in_order(script: Any):
    script(("success", 0), ("wrong_container", 1), ("success", 0))
    heard: list[Progress] = []
    evaluate(fixed(Still()), EvaluationConfig(n_tasks=3), image_size=16, observers=(heard.append,))
    assert [progress[:3] for progress in heard] == [("place", n, 3) for n in (1, 2, 3)]
    assert [progress.figures["success_rate"] for progress in heard] == [1.0, 0.5, pytest.approx(2 / 3)]


def test_json_holds_what_was_promised(script: Any):
    script(("success", 0), ("wrong_container", 1))
    config = EvaluationConfig(n_tasks=2, seed=7)
    result = evaluate(fixed(Still()), config, image_size=16, provenance={"control": "none"})
    content = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert {
        "n_rollouts",
        "success_rate",
        "interval",
        "success_once_rate",
        "wrong_target_rate",
        "wrong_object_rate",
        "wrong_kind_rate",
        "wrong_container_rate",
        "right_kind_rate",
        "chance_rate",
        "success_of_manners",
        "not_completed_rate",
        "shown_target_rate",
        "adapt_ms_median",
        "step_ms_median",
        "episodes",
        "versions",
    } <= set(content)
    assert {"task", "seed", "verdict", "behaviour"} <= set(content["episodes"][0])
    assert content["settings"]["control"] == "none"
    assert (content["settings"]["split"], content["settings"]["seed"]) == ("test", 7)


@pytest.fixture
def filmed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int | None]]:
    """Film nothing; what is returned fills with the seeds and targets asked for."""
    asked: list[tuple[int, int | None]] = []

    def film(_film: Film, shot: envs.Shot, *, seeds: Sequence[int]) -> list[HumanDemo]:
        asked.extend((seed, shot.target) for seed in seeds)
        size = (12, shot.image_size, shot.image_size, 3)
        return [HumanDemo(np.random.default_rng(seed).integers(0, 256, size, np.uint8), 12.0) for seed in seeds]

    monkeypatch.setattr(candidates, "record_films", film)
    return asked


@pytest.mark.parametrize("name", ["none", "light"])
def test_rollouts_are_in_the_world_that_is_asked_for_and_the_settings_say_so(
    name: str, monkeypatch: pytest.MonkeyPatch
):
    worlds: list[envs.Shift] = []

    def scripted(_policy: object, _env: object, *, task: envs.Task, seed: int, shift: envs.Shift) -> Episode:
        worlds.append(shift)
        done = True
        return Episode(str(task), seed, "success", done, done, 0, 0, 0, "place", 1.0, 1)

    monkeypatch.setattr(episode_jobs, "rollout", scripted)
    result = run(fixed(Still()), n_tasks=2, shift=name)
    assert worlds == [envs.SHIFTS[name]] * 2
    assert result.settings["shift"] == name


def test_videos_are_of_the_world_that_is_asked_for(prior: Prior, monkeypatch: pytest.MonkeyPatch):
    shown: list[HumanDemo] = []
    monkeypatch.setattr(candidates, "adapt", lambda _prior, demos: shown.extend(demos))
    task = envs.Task("place", "test", 0)
    for name in ("none", "light"):
        one_shot(prior, shift=envs.SHIFTS[name])(task, 5)
    expected, _ = envs.film_human(envs.Shot(task, seed=5, image_size=16, shift=envs.SHIFTS["light"]))
    np.testing.assert_array_equal(shown[1].frames, expected)
    assert (shown[0].frames != shown[1].frames).any()


@pytest.mark.parametrize("shots", [1, 4])
def test_every_video_shows_the_slot_asked_for(shots: int, prior: Prior, filmed: list[tuple[int, int | None]]):
    task = envs.Task("place", "test", 0)
    for method in (one_shot, wrong_demo):
        filmed.clear()
        candidate = method(prior, shots=shots)(task, 5)
        assert [target for _, target in filmed] == [candidate.shown_slot] * shots
        assert len({seed for seed, _ in filmed}) == shots
        assert filmed[0] == (5, candidate.shown_slot), "the first is the only one of one shot"
        assert candidate.adapt_ms is not None
        assert candidate.adapt_ms > 0


def test_the_policy_is_adapted_to_all_videos(
    prior: Prior, filmed: list[tuple[int, int | None]], monkeypatch: pytest.MonkeyPatch
):
    shown: list[list[HumanDemo]] = []

    def adapt(_prior: Prior, demos: list[HumanDemo]) -> Still:
        shown.append(list(demos))
        return Still()

    monkeypatch.setattr(candidates, "adapt", adapt)
    one_shot(prior, shots=3)(envs.Task("place", "test", 0), 5)

    for (seed, _), demo in zip(filmed, shown[0], strict=True):
        assert np.array_equal(demo.frames, np.random.default_rng(seed).integers(0, 256, demo.frames.shape, np.uint8))


def test_more_videos_keep_the_first_ones_and_the_layouts(
    script: Any, prior: Prior, filmed: list[tuple[int, int | None]]
):
    asked = script(("success", 0))
    for shots in (2, 3):
        run(one_shot(prior, shots=shots), n_tasks=1, rollouts=2)
    assert filmed[:2] == filmed[2:4]
    assert asked[:2] == asked[2:]


def test_it_comes_out_the_same_but_for_the_times_and_leaves_the_prior_alone(prior: Prior):
    before = {name: value.clone() for name, value in prior.state_dict().items()}
    first, second = (run(one_shot(prior), n_tasks=1, seed=3).to_json() for _ in range(2))
    for result in (first, second):
        assert result.pop("adapt_ms_median") > 0
        assert result.pop("step_ms_median") > 0
        assert result.pop("elapsed_s") > 0
        for episode in result["episodes"]:
            del episode["step_ms"]
    assert first == second
    assert all(torch.equal(value, before[name]) for name, value in prior.state_dict().items())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_tasks": 0}, "n_tasks: expected at least 1, got 0"),
        ({"n_tasks": 10**12}, "n_tasks: expected at most 1,000,000"),
        ({"rollouts": 0}, "rollouts: expected at least 1"),
        ({"rollouts": 10**12}, "rollouts: expected at most"),
        ({"seed": -1}, "seed: expected at least 0, got -1"),
        ({"first_task": -1}, "first_task: expected at least 0"),
        ({"kind": "fly"}, "valid kinds: place"),
        ({"split": "exam"}, "valid splits: train, validation, test"),
        ({"shift": "fog"}, "valid shifts: none, backgrounds"),
    ],
)
def test_impossible_settings_are_refused(settings: dict[str, Any], message: str):
    with pytest.raises(ValueError, match=message):
        EvaluationConfig(**settings)


def test_what_ended_before_a_stop_is_not_run_again_and_the_result_is_the_same(script: Any, tmp_path: Path):
    ends = ("success", 0), ("wrong_container", 1), ("success", 0), ("not_completed", None)
    script(*ends)
    config = EvaluationConfig(n_tasks=2, rollouts=2)
    expected = evaluate(fixed(Still()), config, image_size=16)
    script(*ends)

    def stop(progress: Progress) -> None:
        if progress.done == 3:
            raise KeyboardInterrupt

    path = tmp_path / "episodes.jsonl"
    with pytest.raises(KeyboardInterrupt), KeptEpisodes(path, JudgedEpisode, settings="") as kept:
        evaluate(fixed(Still()), config, image_size=16, kept=kept, observers=[stop])
    asked = script(ends[3])
    heard: list[Progress] = []
    with KeptEpisodes(path, JudgedEpisode, settings="") as kept:
        result = evaluate(fixed(Still()), config, image_size=16, kept=kept, observers=[heard.append])
    assert asked == [(expected.episodes[3].task, expected.episodes[3].seed)]
    assert [progress.done for progress in heard] == [3, 4]
    assert heard[-1].figures["success_rate_low"] < 0.5 < heard[-1].figures["success_rate_high"]
    assert replace(result, elapsed_s=expected.elapsed_s) == expected


@pytest.mark.parametrize("kind", envs.KINDS)
def test_a_scene_is_judged_as_one_task_in_several_layouts(kind: str, script: Any):
    asked = script(("success", 0), ("wrong_object", 1), behaviours=(kind,))
    scene = envs.describe(envs.Task(kind, "test", 3))
    result = evaluate(fixed(Still()), SceneConfig(scene, rollouts=4, seed=5), image_size=16)
    assert (result.n_tasks, result.n_rollouts, result.success_rate, result.right_kind_rate) == (1, 4, 0.5, 1.0)
    assert result.chance_rate == 1 / envs.n_targets(scene)
    assert [task for task, _ in asked] == [f"{kind}/scene"] * 4
    assert [seed for _, seed in asked] == episode_seeds(scene, seed=5, n=5)[1:]
    assert len({seed for _, seed in asked}) == 4
    settings = json.loads(json.dumps(result.to_json()))["settings"]
    assert (settings["kind"], settings["seed"], settings["scene"]["kind"]) == (kind, 5, kind)
    assert len(settings["scene"]["objects"]["items"]) == len(scene.objects.items)


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"rollouts": 0}, "at least 1"), ({"seed": -1}, "seed: expected at least 0"), ({"shift": "fog"}, "valid shifts")],
)
def test_impossible_settings_of_a_scene_are_refused(settings: dict[str, Any], message: str):
    with pytest.raises(ValueError, match=message):
        SceneConfig(envs.describe(envs.Task("place", "test", 0)), **settings)
