"""Laws of counting chains."""

import json
from pathlib import Path

import pytest

from daml import envs
from daml.chains import chain_evaluation
from daml.chains.chain import ChainedStep, ChainRun
from daml.chains.chain_evaluation import draw_chains, evaluate_chains
from daml.envs.tasks.kinds import draw_objects
from daml.evaluation.evaluation_config import EvaluationConfig
from daml.evaluation.kept_episodes import KeptEpisodes
from daml.learners.prior import Prior
from daml.progress import Progress


def test_each_step_brings_another_item_to_another_destination_and_the_first_is_the_tasks():
    for kind, n_steps in (("pick-place", 2), ("tabletop", 2), ("tabletop", 3)):
        chains = draw_chains(EvaluationConfig(kind, "train", 30), n_steps=n_steps)
        assert chains
        for chain in chains:
            objects = draw_objects(chain.task)
            choices = [objects.choice(slot) for slot in chain.slots]
            assert chain.slots[0] == envs.target_slot(chain.task)
            assert len({choice.item for choice in choices}) == n_steps
            assert len({choice.container for choice in choices}) == n_steps
            assert envs.manner_of(chain.task) != "place"


def test_chains_come_from_the_seed():
    config = EvaluationConfig("tabletop", "train", 30)
    other = EvaluationConfig("tabletop", "train", 30, seed=1)
    assert draw_chains(config, n_steps=2) == draw_chains(config, n_steps=2) != draw_chains(other, n_steps=2)


@pytest.mark.parametrize(("kind", "n_steps"), [("pick-place", 3), ("place", 2), ("tabletop", 9)])
def test_more_steps_than_there_is_room_for_are_refused(kind: str, n_steps: int):
    with pytest.raises(ValueError, match="ask for fewer"):
        draw_chains(EvaluationConfig(kind, "train", 10), n_steps=n_steps)


def step(verdict: str, *, rests: bool = True) -> ChainedStep:
    return ChainedStep(0, verdict, verdict == "success", rests, 1, 50)


ENDS = [
    (step("success"), step("success")),
    (step("success"), step("wrong_object")),
    (step("not_completed", rests=False),),
    (step("wrong_object"), step("success")),
]


@pytest.fixture
def began(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let chains end as `ENDS` says; note which were run."""
    names: list[str] = []

    def run(*_: object, task: envs.Task, seed: int, **__: object) -> ChainRun:
        names.append(str(task))
        return ChainRun(str(task), seed, ENDS[task.index])

    monkeypatch.setattr(chain_evaluation, "run_chain", run)
    monkeypatch.setattr(chain_evaluation, "adapt", lambda *_: None)
    return names


def test_a_chain_that_was_kept_is_not_run_again(prior: Prior, began: list[str], tmp_path: Path):
    config = EvaluationConfig("pick-place", "train", 4)

    def stop(progress: Progress) -> None:
        if progress.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), KeptEpisodes(tmp_path / "kept", ChainRun, settings="") as kept:
        evaluate_chains(prior, config, n_steps=2, kept=kept, observers=[stop])
    with KeptEpisodes(tmp_path / "kept", ChainRun, settings="") as kept:
        result = evaluate_chains(prior, config, n_steps=2, kept=kept)
    assert began == [f"pick-place/train/{index}" for index in range(4)]
    assert result == evaluate_chains(prior, config, n_steps=2)


@pytest.mark.usefixtures("began")
def test_a_chain_counts_when_all_its_steps_are_done(prior: Prior):
    told: list[Progress] = []
    result = evaluate_chains(prior, EvaluationConfig("pick-place", "train", 4), n_steps=2, observers=[told.append])
    assert (result.n_chains, result.success_rate) == (4, 0.25)
    assert result.step_success_rates == (0.5, 0.5)
    assert result.step_verdicts == (
        {"success": 2, "not_completed": 1, "wrong_object": 1},
        {"success": 2, "wrong_object": 1, "not_begun": 1},
    )
    assert result.rest_precision == 4 / 6
    assert [(progress.done, progress.total) for progress in told] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert json.loads(json.dumps(result.to_json()))["settings"]["steps"] == 2


def test_a_chain_of_a_prior_that_knows_nothing_runs_to_its_end(prior: Prior, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("daml.chains.chain.MOST_STEPS", 3)
    result = evaluate_chains(prior, EvaluationConfig("pick-place", "train", 1), n_steps=2)
    assert result.n_chains == 1
    assert result.chains[0].task == "pick-place/train/0"
    assert result.chains[0].steps[0].control_steps == 6
