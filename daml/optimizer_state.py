"""The tensors of an optimiser's state by the names of the parameters they belong to, to be kept in a file."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn


def optimizer_tensors(optimizer: torch.optim.Optimizer, module: nn.Module) -> dict[str, Tensor]:
    """Name the tensors of an optimiser's state, `optimizer/PARAMETER/QUANTITY`.

    Args:
        optimizer: Its state.
        module: Whose parameters it optimises, all or some.

    Returns:
        The tensors themselves, not copies; none of parameters that never had a gradient.
    """
    return {
        f"optimizer/{name}/{quantity}": value
        for name, parameter in module.named_parameters()
        for quantity, value in optimizer.state.get(parameter, {}).items()
    }


def create_optimizer_state(optimizer: torch.optim.Optimizer, module: nn.Module, *, like: Iterable[str]) -> None:
    """Let an optimiser create its tensors, which it does at its first step: one with zero gradients and rate.

    Args:
        optimizer: A new one.
        module: Whose parameters it optimises, all or some.
        like: Names as `optimizer_tensors` gives them; others may be among them. A parameter that none of them belongs
            to gets no tensors: it never had a gradient.
    """
    rates = [group["lr"] for group in optimizer.param_groups]
    for group in optimizer.param_groups:
        group["lr"] = 0.0
        for parameter in group["params"]:
            parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    optimizer.zero_grad()
    for group, rate in zip(optimizer.param_groups, rates, strict=True):
        group["lr"] = rate
    known = {name.rpartition("/")[0] for name in like}
    for name, parameter in module.named_parameters():
        if f"optimizer/{name}" not in known:
            optimizer.state.pop(parameter, None)
