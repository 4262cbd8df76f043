import copy
from pathlib import Path

import pytest
import torch

from daml.checkpoint import TrainingState
from daml.prior import Prior


def state_of(prior: Prior, *, trunk_learns: bool = True) -> TrainingState:
    prior.policy.trunk.requires_grad_(trunk_learns)
    learning = [value for value in prior.parameters() if value.requires_grad]
    return TrainingState(prior=prior, averaged=copy.deepcopy(prior), optimizer=torch.optim.Adam(learning, lr=0.01))


def take_step(state: TrainingState) -> None:
    state.optimizer.zero_grad()
    learning = [value for value in state.prior.parameters() if value.requires_grad]
    torch.stack([value.square().sum() for value in learning]).sum().backward()
    state.optimizer.step()
    state.step += 1


@pytest.mark.parametrize("trunk_learns", [True, False])
def test_a_loaded_state_goes_on_exactly(trunk_learns: bool, prior: Prior, tmp_path: Path):  # noqa: FBT001 - a table
    other = copy.deepcopy(prior)
    with torch.no_grad():
        for value in other.parameters():
            value.add_(1)
    state = state_of(prior, trunk_learns=trunk_learns)
    take_step(state)
    state.best_score = 0.5
    state.save(tmp_path / "state", settings={"seed": 1})
    loaded = state_of(other, trunk_learns=trunk_learns)
    loaded.load(tmp_path / "state", settings={"seed": 1})

    assert (loaded.step, loaded.best_score) == (1, 0.5)
    take_step(state)
    take_step(loaded)
    for one, two in ((state.prior, loaded.prior), (state.averaged, loaded.averaged)):
        assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))


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
