"""Limits on the inner gradient: a clip is any function from a gradient to a gradient, keyed and shaped alike.

References:
    Yu et al. (2018), arXiv 1802.01557 (elements). Pascanu et al. (2013), arXiv 1211.5063 (norm).
"""

import functools
from collections.abc import Callable, Mapping
from typing import TypeAlias

import torch
from torch import Tensor

Clip: TypeAlias = Callable[[Mapping[str, Tensor]], dict[str, Tensor]]
"""Maps the gradient of all adapting parameters to a smaller one."""

_TINY = 1e-12
"""Keeps the norm of a zero gradient differentiable: the square root's slope at 0 is infinite."""


def clip_elements(limit: float) -> Clip:
    """Limit each element by itself, as in DAML.

    Args:
        limit: Largest absolute value of an element; a complex one keeps its direction.

    Returns:
        The clip. Elements beyond the limit pass no outer gradient.

    Raises:
        ValueError: The limit is not positive.
    """
    _check_limit(limit)

    def clip(gradients: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {name: _clamp(value, limit) for name, value in gradients.items()}

    return clip


def clip_norm(limit: float) -> Clip:
    """Limit the norm of all gradients together, which keeps their direction.

    Args:
        limit: Largest Euclidean norm over all tensors.

    Returns:
        The clip. It can be differentiated through, and acts on each task by itself under `torch.func.vmap`.

    Raises:
        ValueError: The limit is not positive.
    """
    _check_limit(limit)

    def clip(gradients: Mapping[str, Tensor]) -> dict[str, Tensor]:
        if not gradients:
            return {}
        dtype = functools.reduce(torch.promote_types, {value.real.dtype for value in gradients.values()}, torch.float32)
        squares = torch.stack([torch.real(value * value.conj()).sum(dtype=dtype) for value in gradients.values()])
        scale = (limit / (squares.sum() + _TINY).sqrt()).clamp(max=1.0)
        return {name: value * scale.to(value.real.dtype) for name, value in gradients.items()}

    return clip


def _clamp(value: Tensor, limit: float) -> Tensor:
    """Limit the absolute value of each element."""
    if not value.is_complex():
        return value.clamp(-limit, limit)
    return value * (limit / value.abs().clamp(min=limit))


def _check_limit(limit: float) -> None:
    """Refuse a limit that would stop or turn round every step."""
    if not limit > 0:
        raise ValueError(f"clip: expected a positive number, got {limit}")
