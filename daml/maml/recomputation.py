"""Gradient checkpointing of the inner loop: its graph is thrown away and computed again in the backward pass.

References:
    Chen et al. (2016), arXiv 1604.06174.
"""

from typing import cast

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint  # pyright: ignore[reportUnknownVariableType] - no type for the function

from daml.maml.inner_loop import Loss, Parameters, first_order


def recomputed(loss: Loss, parameters: Parameters) -> dict[str, Tensor]:
    """Compute the gradient of `second_order` in less memory: only the parameters of each inner step are kept.

    The outer gradient is the same, also into tensors that the loss merely closes over. Memory grows with the number of
    inner steps times the size of the parameters, no longer times the size of the loss's activations, for the time of
    computing each inner gradient twice. Use it for many steps or large inputs.

    It rests on `torch.utils.checkpoint`, whose hooks torch's function transforms do not support, so it cannot run under
    `torch.func.vmap` or `torch.func.grad`: adapt to one task after another instead, which saves memory for the same
    reason.

    Args:
        loss: Differentiable loss of the parameters.
        parameters: Where to take the gradient.

    Returns:
        Gradient, keyed and shaped as `parameters`. Without a graph where gradients are turned off.

    Raises:
        RuntimeError: Called under a transform of `torch.func`.
    """
    if _is_transformed():
        raise RuntimeError(
            "recomputed: cannot run under torch.func.vmap or another transform of torch.func; loop over the tasks, or "
            "pass gradient=second_order"
        )
    if not torch.is_grad_enabled():
        return first_order(loss, parameters)
    names = tuple(parameters)

    def gradients_at(*values: Tensor) -> tuple[Tensor, ...]:
        at = tuple(value if value.requires_grad else value.detach().requires_grad_() for value in values)
        scalar = loss(dict(zip(names, at, strict=True)))
        return torch.autograd.grad(scalar, at, create_graph=True, materialize_grads=True)

    gradients = cast("tuple[Tensor, ...]", checkpoint(gradients_at, *parameters.values(), use_reentrant=False))
    return dict(zip(names, gradients, strict=True))


def _is_transformed() -> bool:
    """Tell whether a transform of `torch.func` is active: a tensor then refuses to be made a leaf."""
    try:
        torch.zeros(()).requires_grad_()
    except RuntimeError:
        return True
    return False
