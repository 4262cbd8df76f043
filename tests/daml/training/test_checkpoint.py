import copy
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from daml.learners.prior import Prior
from daml.training.checkpoint import PretrainingState, TrainingState, create_optimizer_state, optimizer_tensors


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


@pytest.mark.parametrize("odd", [{"step": "4"}, {"step": -1}, {"best_score": []}, {"settings": 3}])
def test_a_state_with_a_value_of_another_type_is_refused_by_name(odd: dict[str, Any], prior: Prior, tmp_path: Path):
    state = state_of(prior)
    take_step(state)
    state.save(tmp_path / "state", settings={})
    written = tmp_path / "state" / "config.json"
    written.write_text(json.dumps(json.loads(written.read_text()) | odd))

    with pytest.raises(ValueError, match=rf"state: .*{next(iter(odd))}"):
        state.load(tmp_path / "state", settings={})


def test_a_prior_is_no_training_state(prior: Prior, tmp_path: Path):
    prior.save_pretrained(tmp_path / "prior")

    with pytest.raises(ValueError, match="expected the folder of a training state"):
        state_of(prior).load(tmp_path / "prior", settings={})


def trunk_state_of(seed: int) -> PretrainingState:
    torch.manual_seed(seed)
    trunk = nn.Linear(3, 2)
    optimizer = torch.optim.Adam(trunk.parameters(), lr=0.1)
    return PretrainingState(trunk, optimizer, torch.Generator().manual_seed(seed))


def take_trunk_step(state: PretrainingState) -> None:
    inputs = torch.randn(4, 3, generator=state.generator)
    state.optimizer.zero_grad()
    state.trunk(inputs).square().sum().backward()
    state.optimizer.step()
    state.step += 1


def test_a_loaded_trunk_goes_on_exactly(tmp_path: Path):
    state, loaded = trunk_state_of(0), trunk_state_of(1)
    take_trunk_step(state)
    state.save(tmp_path / "state")
    loaded.load(tmp_path / "state")

    assert loaded.step == 1
    for each in (state, loaded):
        take_trunk_step(each)
    assert torch.equal(state.trunk.weight, loaded.trunk.weight)
    assert torch.equal(torch.rand(3, generator=state.generator), torch.rand(3, generator=loaded.generator))


def test_other_folders_are_no_pretraining_state(tmp_path: Path):
    with pytest.raises(ValueError, match="expected the folder of a pretraining state, found nothing"):
        trunk_state_of(0).load(tmp_path / "none")


def module_and_optimizer() -> tuple[nn.Module, torch.optim.Optimizer]:
    module = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    return module, torch.optim.Adam(module.parameters(), lr=0.1)


def test_a_new_optimiser_gets_the_same_tensors_and_changes_nothing():
    module, optimizer = module_and_optimizer()
    module(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    saved = optimizer_tensors(optimizer, module)
    other, new = module_and_optimizer()
    before = [value.clone() for value in other.parameters()]

    create_optimizer_state(new, other, like=saved)

    created = optimizer_tensors(new, other)
    assert {name: value.shape for name, value in created.items()} == {
        name: value.shape for name, value in saved.items()
    }
    assert all(torch.equal(one, two) for one, two in zip(before, other.parameters(), strict=True))
    assert all(value.grad is None for value in other.parameters())
    assert new.param_groups[0]["lr"] == 0.1


def test_a_parameter_that_never_had_a_gradient_has_none():
    module, optimizer = module_and_optimizer()
    module[0](torch.ones(1, 2)).sum().backward()  # pyright: ignore[reportIndexIssue] - a Sequential
    optimizer.step()
    saved = optimizer_tensors(optimizer, module)
    assert {name.split("/")[1] for name in saved} == {"0.weight", "0.bias"}

    other, new = module_and_optimizer()
    create_optimizer_state(new, other, like=[*saved, "prior/1.weight"])

    assert optimizer_tensors(new, other).keys() == saved.keys()
