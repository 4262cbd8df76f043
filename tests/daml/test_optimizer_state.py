"""Laws of the tensors of an optimiser's state."""

import torch
from torch import nn

from daml.optimizer_state import create_optimizer_state, optimizer_tensors


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
