"""Gradients of the inner loss: of second order, which the outer loop differentiates through, and of first order.

References:
    Finn et al. (2017), arXiv 1703.03400, Sec. 5.2 of which is the first order.
"""

from typing import Protocol

import torch
from torch import Tensor
from torch.nn.attention import sdpa_kernel

from daml.maml.closure import ATTENTION, Closure
from daml.maml.parameters import Loss, Parameters


class Gradient(Protocol):
    """A way to get the gradient of a loss: `second_order`, `first_order` or `recomputed`."""

    def __call__(self, loss: Loss, parameters: Parameters) -> dict[str, Tensor]:
        """Return the gradient of `loss` at `parameters`, keyed and shaped alike."""
        ...


def second_order(loss: Loss, parameters: Parameters) -> dict[str, Tensor]:
    """Compute a gradient that can itself be differentiated: exact MAML.

    Args:
        loss: Differentiable loss of the parameters.
        parameters: Where to take the gradient.

    Returns:
        Gradient, keyed and shaped as `parameters`. Without a graph where gradients are turned off.
    """
    if not parameters:
        return {}
    if torch.compiler.is_compiling():
        return dict(torch.func.grad(loss)(dict(parameters)))
    if is_transformed():
        gradients, closure = differentiate(loss, parameters)
        closure.apply_changes()
        return gradients
    return _differentiate_plainly(loss, parameters, create_graph=torch.is_grad_enabled())


def first_order(loss: Loss, parameters: Parameters) -> dict[str, Tensor]:
    """Compute a gradient that counts as a constant for the outer loop: first-order MAML.

    A *learned* inner loss gets no outer gradient this way, since it acts only through the gradient; step sizes do.

    Args:
        loss: Differentiable loss of the parameters.
        parameters: Where to take the gradient.

    Returns:
        Gradient, keyed and shaped as `parameters`.
    """
    with torch.no_grad():
        return second_order(loss, parameters)


def is_transformed() -> bool:
    """Tell whether a transform of `torch.func` is active: a tensor then refuses to be made a leaf."""
    try:
        torch.zeros(()).requires_grad_()
    except RuntimeError:
        return True
    return False


def differentiate(loss: Loss, parameters: Parameters) -> tuple[dict[str, Tensor], Closure]:
    """Compute a gradient by `torch.func`, under whose transforms nothing else can.

    Args:
        loss: Differentiable loss of the parameters.
        parameters: Where to take the gradient.

    Returns:
        Gradient, and what the loss closes over; what it changes is not changed yet.
    """
    closure = Closure(loss)

    def evaluate(values: Parameters) -> tuple[Tensor, dict[int, Tensor]]:
        return closure.evaluate(values), closure.changed

    gradients, closure.changed = torch.func.grad(evaluate, has_aux=True)(dict(parameters))
    return gradients, closure


def _differentiate_plainly(loss: Loss, parameters: Parameters, *, create_graph: bool) -> dict[str, Tensor]:
    """Compute a gradient as a loop by hand does. What a loss closes over may be a parameter itself: it stays apart."""
    with torch.enable_grad():
        at = {
            name: value.view_as(value) if value.requires_grad and create_graph else value.detach().requires_grad_()
            for name, value in parameters.items()
        }
        with sdpa_kernel(ATTENTION):
            value = loss(at)
    if not value.requires_grad:
        return {name: torch.zeros_like(each) for name, each in parameters.items()}
    gradients = torch.autograd.grad(value, [*at.values()], create_graph=create_graph, materialize_grads=True)
    return dict(zip(at, gradients, strict=True))
