"""Step sizes of the inner loop in the forms people use: one for all, per tensor, per element, each also per step.

All functions return plain tensors without gradient. To learn them, hold them as parameters of a module (`LogSpace`
keeps them positive) or call `requires_grad_()`.

References:
    Li et al. (2017), arXiv 1707.03141 (per element). Antoniou et al. (2019), arXiv 1810.09502 (per tensor and step).
"""

import functools

import torch
from torch import Tensor

from daml.maml.parameters import Parameters


def share_step_size(parameters: Parameters, *, size: float) -> dict[str, Tensor]:
    """Give all parameters one and the same step size.

    Args:
        parameters: Those that adapt; leave out (or filter by name) the others.
        size: Step size.

    Returns:
        One scalar tensor under every name, as exact as the most exact of the parameters.

    Raises:
        ValueError: A parameter holds whole numbers, which cannot adapt.
    """
    dtypes = [_dtype(name, value) for name, value in parameters.items()]
    shared = torch.tensor(size, dtype=functools.reduce(torch.promote_types, dtypes, torch.float32))
    return dict.fromkeys(parameters, shared)


def step_size_per_tensor(parameters: Parameters, *, size: float) -> dict[str, Tensor]:
    """Give each parameter tensor a step size of its own.

    Args:
        parameters: Those that adapt; leave out (or filter by name) the others.
        size: Initial step size.

    Returns:
        A scalar tensor for each name, on the parameter's device and as exact as it, but at least in float32.

    Raises:
        ValueError: A parameter holds whole numbers, which cannot adapt.
    """
    return {
        name: torch.tensor(size, dtype=_dtype(name, value), device=value.device) for name, value in parameters.items()
    }


def step_size_per_element(parameters: Parameters, *, size: float) -> dict[str, Tensor]:
    """Give each element of each parameter a step size of its own (Meta-SGD).

    Args:
        parameters: Those that adapt; leave out (or filter by name) the others.
        size: Initial step size.

    Returns:
        A tensor shaped as the parameter, for each name, as exact as it, but at least in float32.

    Raises:
        ValueError: A parameter holds whole numbers, which cannot adapt.
    """
    return {
        name: torch.full_like(value, size, dtype=_dtype(name, value), requires_grad=False)
        for name, value in parameters.items()
    }


def step_sizes_per_step(step_sizes: Parameters, *, n_steps: int) -> tuple[dict[str, Tensor], ...]:
    """Give each inner step step sizes of its own (MAML++), all equal at first.

    Args:
        step_sizes: Step sizes of one step, in any form.
        n_steps: Number of inner steps.

    Returns:
        One mapping per step, each of tensors of its own; those that share one still do.

    Raises:
        ValueError: There is no step.
    """
    if n_steps < 1:
        raise ValueError(f"n_steps: expected at least 1, got {n_steps}")
    return tuple(_copy(step_sizes) for _ in range(n_steps))


def _dtype(name: str, value: Tensor) -> torch.dtype:
    """Choose the type of a step size: real, and exact enough to be learned, which bfloat16 is not."""
    if not (value.is_floating_point() or value.is_complex()):
        raise ValueError(f"{name}: expected floating-point or complex numbers, got {value.dtype}, which cannot adapt")
    return torch.promote_types(value.real.dtype, torch.float32)


def _copy(step_sizes: Parameters) -> dict[str, Tensor]:
    """Copy tensors; one under several names is copied once."""
    copies: dict[int, Tensor] = {}
    return {name: copies.setdefault(id(value), value.detach().clone()) for name, value in step_sizes.items()}
