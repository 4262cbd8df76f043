"""Laws of the controls."""

import numpy as np
import pytest

from daml import envs
from daml.demos import HumanDemo
from daml.evaluation import candidates, controls
from daml.evaluation.candidates import Candidate, one_shot
from daml.evaluation.controls import CONTROLS, FILMS, expert, no_demo, wrong_demo
from daml.evaluation.evaluation_config import episode_seeds
from daml.learners.prior import Prior


class Still:
    """Does nothing."""

    def reset(self):
        pass

    def select_action(self, observation: object) -> np.ndarray:
        del observation
        return np.array([0, 0, 0, 1], np.float32)


@pytest.mark.parametrize("kind", envs.KINDS)
def test_the_method_films_the_target_and_the_wrong_demo_another(
    kind: str, prior: Prior, monkeypatch: pytest.MonkeyPatch
):
    def adapt_to_films(*_: object, slot: int, shots: int, **__: object) -> Candidate:
        return Candidate(Still(), slot, float(shots))

    for module in (controls, candidates):
        monkeypatch.setattr(module, "adapt_to_films", adapt_to_films)
    others: set[int] = set()
    for index in range(30):
        task = envs.Task(kind, "test", index)
        (seed,) = episode_seeds(task, seed=0, n=1)
        for name in set(CONTROLS) - {"wrong-demo", "no-demo"}:
            assert CONTROLS[name](prior)(task, seed).shown_slot == envs.target_slot(task)
        shown = wrong_demo(prior)(task, seed).shown_slot
        assert shown is not None
        assert shown != envs.target_slot(task)
        assert 0 <= shown < envs.n_targets(task)
        others.add((shown - envs.target_slot(task)) % envs.n_targets(task))
    assert others == set(range(1, envs.n_targets(task))), "each of the other choices is shown now and then"


def test_without_a_video_nothing_is_adapted(prior: Prior):
    candidate = no_demo(prior)(envs.Task("place", "test", 0), 5)
    assert (candidate.shown_slot, candidate.adapt_ms) == (None, None)


@pytest.mark.parametrize("kind", envs.KINDS)
def test_the_expert_sees_no_video_and_is_of_the_tasks_kind(kind: str):
    candidate = expert()(envs.Task(kind, "test", 0), 5)
    assert candidate == (envs.find_expert(kind), None, None)


@pytest.mark.parametrize("shots", [1, 3])
@pytest.mark.parametrize("name", FILMS)
def test_the_policy_is_adapted_to_the_film_that_is_named(
    name: str, shots: int, prior: Prior, monkeypatch: pytest.MonkeyPatch
):
    shown: list[HumanDemo] = []

    def adapt(_prior: Prior, demos: list[HumanDemo]) -> Still:
        shown.extend(demos)
        return Still()

    monkeypatch.setattr(candidates, "adapt", adapt)
    task = envs.Task("place", "test", 0)
    candidate = CONTROLS[name](prior, shots=shots)(task, 5)
    assert len(shown) == shots
    expected = FILMS[name](envs.Shot(task, seed=5, image_size=16, target=candidate.shown_slot))
    np.testing.assert_array_equal(shown[0].frames, expected.frames)
    assert shown[0].frame_rate_hz == expected.frame_rate_hz


def test_the_films_differ_and_each_control_has_one_but_that_without_a_video():
    assert set(CONTROLS) - set(FILMS) == {"no-demo"}
    assert set(FILMS) <= set(CONTROLS)
    assert len(set(FILMS.values())) == 4
    assert CONTROLS["none"] is one_shot
