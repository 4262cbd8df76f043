"""Laws of the state that a stopped pretraining goes on from."""

from pathlib import Path

import pytest
import torch
from torch import nn

from daml.pretraining_state import PretrainingState


def state_of(seed: int) -> PretrainingState:
    torch.manual_seed(seed)
    trunk = nn.Linear(3, 2)
    optimizer = torch.optim.Adam(trunk.parameters(), lr=0.1)
    return PretrainingState(trunk, optimizer, torch.Generator().manual_seed(seed))


def take_step(state: PretrainingState) -> None:
    inputs = torch.randn(4, 3, generator=state.generator)
    state.optimizer.zero_grad()
    state.trunk(inputs).square().sum().backward()
    state.optimizer.step()
    state.step += 1


def test_a_loaded_state_goes_on_exactly(tmp_path: Path):
    state, loaded = state_of(0), state_of(1)
    take_step(state)
    state.save(tmp_path / "state")
    loaded.load(tmp_path / "state")

    assert loaded.step == 1
    for each in (state, loaded):
        take_step(each)
    assert torch.equal(state.trunk.weight, loaded.trunk.weight)
    assert torch.equal(torch.rand(3, generator=state.generator), torch.rand(3, generator=loaded.generator))


def test_other_folders_are_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="expected the folder of a pretraining state, found nothing"):
        state_of(0).load(tmp_path / "none")
