"""Normalisation written out in elementary operations, for gradients that are differentiated under `torch.func.vmap`.

There torch 2.13 differentiates the gradient of its own fused functions wrongly, without an error, once their scale
differs between tasks: of the meta-gradient of a layer with a scale, a fifth was missing against finite differences.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional


def layer_norm(
    x: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Compute `torch.nn.functional.layer_norm`, whose arguments and result these are."""
    mean, variance = _moments(x, tuple(range(-len(normalized_shape), 0)))
    scaled = (x - mean) * torch.rsqrt(variance + eps)
    scaled = scaled if weight is None else scaled * weight
    return scaled if bias is None else scaled + bias


def batch_norm(
    x: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,  # noqa: FBT001, FBT002 - torch's signature
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Compute `torch.nn.functional.batch_norm`, whose arguments and result these are; running statistics change."""
    if not training:
        return functional.batch_norm(x, running_mean, running_var, weight, bias, training=False, eps=eps)
    return _normalize_channels(
        x, (0, *range(2, x.ndim)), (running_mean, running_var), (weight, bias), momentum=momentum, eps=eps
    )


def instance_norm(
    x: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,  # noqa: FBT001, FBT002 - torch's signature
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Compute `torch.nn.functional.instance_norm`, whose arguments and result these are; running statistics change."""
    if not use_input_stats:
        return functional.batch_norm(x, running_mean, running_var, weight, bias, training=False, eps=eps)
    return _normalize_channels(
        x, tuple(range(2, x.ndim)), (running_mean, running_var), (weight, bias), momentum=momentum, eps=eps
    )


WRITTEN_OUT: dict[Callable[..., Any], Callable[..., Tensor]] = {
    functional.layer_norm: layer_norm,
    functional.batch_norm: batch_norm,
    functional.instance_norm: instance_norm,
}
"""What stands for torch's functions."""


def _moments(x: Tensor, axes: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    """Return mean and variance over axes, which are kept with length 1."""
    mean = x.mean(axes, keepdim=True)
    return mean, (x - mean).square().mean(axes, keepdim=True)


def _normalize_channels(
    x: Tensor,
    axes: tuple[int, ...],
    statistics: tuple[Tensor | None, Tensor | None],
    affine: tuple[Tensor | None, Tensor | None],
    *,
    momentum: float,
    eps: float,
) -> Tensor:
    """Normalise over axes; statistics, scale and shift are those of the channels, the second axis."""
    mean, variance = _moments(x, axes)
    n = math.prod(x.shape[axis] for axis in axes)
    for running, value in zip(statistics, (mean, variance * (n / max(n - 1, 1))), strict=True):
        if running is not None:
            over_batch = value.detach().mean(0).flatten()  # of one entry, unless each instance has its own
            running.mul_(1 - momentum).add_(momentum * over_batch.to(running.dtype))
    scaled = (x - mean) * torch.rsqrt(variance + eps)
    weight, bias = (None if each is None else each.reshape(-1, *[1] * (x.ndim - 2)) for each in affine)
    scaled = scaled if weight is None else scaled * weight
    return scaled if bias is None else scaled + bias
