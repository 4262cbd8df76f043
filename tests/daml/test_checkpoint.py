import copy
from pathlib import Path

import pytest
import torch

from daml.checkpoint import TrainingState
from daml.prior import Prior


def state_of(prior: Prior) -> TrainingState:
    return TrainingState(
        prior=prior, averaged=copy.deepcopy(prior), optimizer=torch.optim.Adam(prior.parameters(), lr=0.01)
    )


def take_step(state: TrainingState) -> None:
    state.optimizer.zero_grad()
    torch.stack([value.square().sum() for value in state.prior.parameters()]).sum().backward()
    state.optimizer.step()
    state.step += 1


def test_a_loaded_state_goes_on_exactly(prior: Prior, tmp_path: Path):
    state = state_of(copy.deepcopy(prior))
    take_step(state)
    state.best_score = 0.5
    state.save(tmp_path / "state", settings={"seed": 1})
    loaded = state_of(prior)
    loaded.load(tmp_path / "state", settings={"seed": 1})

    assert (loaded.step, loaded.best_score) == (1, 0.5)
    take_step(state)
    take_step(loaded)
    assert all(torch.equal(a, b) for a, b in zip(state.prior.parameters(), loaded.prior.parameters(), strict=True))


def test_a_run_with_other_settings_is_refused(prior: Prior, tmp_path: Path):
    state = state_of(prior)
    take_step(state)
    state.save(tmp_path / "state", settings={"seed": 1, "steps": 5})

    with pytest.raises(ValueError, match=r"other settings \(seed\); choose a new output folder"):
        state.load(tmp_path / "state", settings={"seed": 2, "steps": 5})


def test_a_prior_is_no_training_state(prior: Prior, tmp_path: Path):
    prior.save_pretrained(tmp_path / "prior")

    with pytest.raises(ValueError, match="expected the folder of a training state"):
        state_of(prior).load(tmp_path / "prior", settings={})
