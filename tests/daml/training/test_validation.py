"""Laws of judging a prior while it is trained."""

import dataclasses
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from daml import envs
from daml.evaluation.statistics import wilson_interval
from daml.learners.config import PriorConfig
from daml.learners.prior import Prior
from daml.policies.head import PolicyConfig
from daml.training import validation as module
from daml.training.validation import choose_validation

SIMULATED = PriorConfig()


def judged(success_rate: float, n_tasks: int) -> SimpleNamespace:
    """Stand for an evaluation, as far as validation reads it."""
    n_successes = round(success_rate * n_tasks)
    episodes = tuple(SimpleNamespace(success=i < n_successes) for i in range(n_tasks))
    return SimpleNamespace(
        success_rate=success_rate,
        wrong_target_rate=0.1,
        not_completed_rate=0.0,
        episodes=episodes,
        success_of_manners={},
    )


@pytest.mark.parametrize(
    ("kinds", "changes"),
    [
        (["place", "stir"], {}),
        (["place"], {"policy": PolicyConfig(state_size=10)}),
        (["place"], {"policy": PolicyConfig(action_size=7)}),
        (["place"], {"image_size": (64, 80)}),
    ],
)
def test_what_cannot_act_in_simulation_is_not_judged(kinds: Sequence[str], changes: dict[str, Any]):
    assert choose_validation(kinds, dataclasses.replace(SIMULATED, **changes), n_tasks=1) is None


def test_the_score_is_the_success_rate_over_the_kinds_with_its_interval(prior: Prior, monkeypatch: pytest.MonkeyPatch):
    rates = {"place": 0.9, "push": 0.6, "pick-place": 0.3}

    def evaluate(_method: object, config: Any, *, image_size: int) -> SimpleNamespace:
        assert (config.split, config.n_tasks, image_size) == ("validation", 10, prior.config.image_size[0])
        return judged(rates[config.kind], 10)

    monkeypatch.setattr(module, "evaluate", evaluate)
    validate = choose_validation(envs.KINDS, SIMULATED, n_tasks=10)
    assert validate is not None
    figures = validate(prior)
    assert figures["score"] == pytest.approx(0.6)
    assert (figures["success_rate_low"], figures["success_rate_high"]) == wilson_interval(18, 30)
    assert {kind: figures[f"success_rate_{kind}"] for kind in rates} == rates


def test_as_many_successes_are_as_high_a_score(prior: Prior, monkeypatch: pytest.MonkeyPatch):
    def score(*rates: float) -> float:
        left = iter(rates)

        def evaluate(_method: object, _config: object, *, image_size: int) -> SimpleNamespace:
            assert image_size
            return judged(next(left), 20)

        monkeypatch.setattr(module, "evaluate", evaluate)
        validate = choose_validation(envs.KINDS, SIMULATED, n_tasks=20)
        assert validate is not None
        return validate(prior)["score"]

    assert (0.9 + 0.8 + 0.85) / 3 > (0.95 + 0.85 + 0.75) / 3, "the same number of successes, but for rounding"
    assert score(0.9, 0.8, 0.85) == score(0.95, 0.85, 0.75)
