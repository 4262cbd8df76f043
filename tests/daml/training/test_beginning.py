"""Laws of what a training run begins with."""

import copy
import dataclasses
from pathlib import Path

import pytest
import torch

from daml.learners.methods import create_learner
from daml.learners.prior import Prior
from daml.training.beginning import choose_beginning


@pytest.fixture
def known(prior: Prior, tmp_path: Path) -> str:
    """Return the folder of a prior that says what it is."""
    prior.config = dataclasses.replace(prior.config, provenance={"said": "before"})
    prior.save_pretrained(tmp_path / "known")
    return str(tmp_path / "known")


def test_without_anything_given_a_trunk_is_to_be_pretrained(prior: Prior):
    assert choose_beginning(prior.config, begin_from=None, trunk=None) == (None, {})


def test_all_of_a_prior_is_taken(prior: Prior, known: str):
    begun = create_learner(prior.config, seed=5)
    fill, provenance = choose_beginning(begun.config, begin_from=known, trunk=None)
    assert fill is not None
    fill(begun)
    assert all(torch.equal(value, prior.state_dict()[name]) for name, value in begun.state_dict().items())
    assert provenance == {"begun_from": {"said": "before"}}


def test_the_trunk_of_a_prior_is_taken_for_another_method(prior: Prior, known: str):
    begun = create_learner(dataclasses.replace(prior.config, method="contextual"), seed=5)
    before = copy.deepcopy(begun.state_dict())
    fill, provenance = choose_beginning(begun.config, begin_from=None, trunk=known)
    assert fill is not None
    fill(begun)
    for name, value in begun.state_dict().items():
        source = prior.state_dict() if name.startswith("policy.trunk.") else before
        assert torch.equal(value, source[name])
    assert provenance == {"trunk_from": {"said": "before"}}


def test_both_are_too_many(prior: Prior, known: str):
    with pytest.raises(ValueError, match="has a trunk already; give one of the two"):
        choose_beginning(prior.config, begin_from=known, trunk=known)


def test_other_settings_are_named(prior: Prior, known: str):
    other = dataclasses.replace(prior.config, initial_step_size=0.5)
    with pytest.raises(ValueError, match=r"initial_step_size \(there .*, here 0.5\); give --prior"):
        choose_beginning(other, begin_from=known, trunk=None)


def test_a_trunk_of_other_channels_is_refused(prior: Prior, known: str):
    wider = dataclasses.replace(prior.config, policy=dataclasses.replace(prior.config.policy, channels=(8, 8, 8, 16)))
    with pytest.raises(ValueError, match=r"its trunk sees images of .* here they are .*\(8, 8, 8, 16\); give"):
        choose_beginning(wider, begin_from=None, trunk=known)
