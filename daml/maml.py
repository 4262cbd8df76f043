r"""Model-agnostic meta-learning: an inner loop over any mapping of parameters and any differentiable loss.

Nothing here knows of robots, images or networks. A model is a mapping from names to tensors; the loss is a function of
that mapping. All functions are pure, compose with `torch.func.vmap` (one inner loop per task) and can be differentiated
through (the outer loop).

Example: one step on a quadratic, and the outer gradient through it.

>>> import torch
>>> parameters = {"x": torch.tensor(1.0, requires_grad=True)}
>>> step_sizes = share_step_size(parameters, size=0.1)
>>> adapted = take_inner_steps(parameters, lambda p: p["x"] ** 2, step_sizes=step_sizes)
>>> round(adapted["x"].item(), 3)
0.8

References:
    Finn et al. (2017), arXiv 1703.03400. Li et al. (2017), arXiv 1707.03141 (learned step sizes).
"""

from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

import torch
from torch import Tensor

Parameters: TypeAlias = Mapping[str, Tensor]
"""Tensors by name, as `dict(module.named_parameters())`."""

Loss: TypeAlias = Callable[[Parameters], Tensor]
"""A differentiable function of the parameters that returns a scalar tensor."""


class Gradient(Protocol):
    """A way to get the gradient of a loss: `second_order` or `first_order`."""

    def __call__(self, loss: Loss, parameters: Parameters) -> dict[str, Tensor]:
        """Return the gradient of `loss` at `parameters`, keyed and shaped alike."""
        ...


def second_order(loss: Loss, parameters: Parameters) -> dict[str, Tensor]:
    """Compute a gradient that can itself be differentiated: exact MAML.

    Args:
        loss: Differentiable loss of the parameters.
        parameters: Where to take the gradient.

    Returns:
        Gradient, keyed and shaped as `parameters`.
    """
    return dict(torch.func.grad(loss)(dict(parameters)))


def first_order(loss: Loss, parameters: Parameters) -> dict[str, Tensor]:
    """Compute a gradient that counts as a constant for the outer loop: first-order MAML.

    A *learned* inner loss gets no outer gradient this way, since it acts only through the gradient; step sizes do.

    Args:
        loss: Differentiable loss of the parameters.
        parameters: Where to take the gradient.

    Returns:
        Gradient, keyed and shaped as `parameters`.
    """
    return {name: gradient.detach() for name, gradient in second_order(loss, parameters).items()}


def take_inner_steps(
    parameters: Parameters,
    loss: Loss,
    *,
    step_sizes: Parameters,
    n_steps: int = 1,
    clip: float | None = None,
    gradient: Gradient = second_order,
) -> dict[str, Tensor]:
    r"""Descend a loss by a few gradient steps.

    .. math:: \phi \leftarrow \phi - \alpha \odot \mathrm{clip}(\nabla_\phi L(\phi)), \quad \phi_0 = \theta

    Args:
        parameters: Initial parameters. Never modified.
        loss: What to descend; sees all parameters, adapting or not.
        step_sizes: Step size of each parameter that adapts, broadcastable to it; one without step size stays as it is.
        n_steps: Number of gradient steps; 0 returns the initial parameters.
        clip: Largest absolute value of a gradient's element; None for no limit.
        gradient: `second_order` to let the outer loop differentiate through the gradient, `first_order` to not.

    Returns:
        Adapted parameters, keyed as `parameters`.

    Raises:
        ValueError: A step size belongs to no parameter, or the number of steps is negative, or the clip not positive.
    """
    unknown = sorted(set(step_sizes) - set(parameters))
    if unknown:
        raise ValueError(f"step_sizes: {unknown} name no parameter; the parameters are {sorted(parameters)}")
    if n_steps < 0:
        raise ValueError(f"n_steps: expected at least 0, got {n_steps}")
    if clip is not None and clip <= 0:
        raise ValueError(f"clip: expected a positive number or None, got {clip}")
    fixed = {name: value for name, value in parameters.items() if name not in step_sizes}
    adapted = {name: value for name, value in parameters.items() if name in step_sizes}

    def loss_of_adapted(values: Parameters) -> Tensor:
        return loss({**fixed, **values})

    for _ in range(n_steps):
        gradients = gradient(loss_of_adapted, adapted)
        if clip is not None:
            gradients = {name: value.clamp(-clip, clip) for name, value in gradients.items()}
        adapted = {name: value - step_sizes[name] * gradients[name] for name, value in adapted.items()}
    return {name: adapted.get(name, value) for name, value in parameters.items()}


def share_step_size(parameters: Parameters, *, size: float) -> dict[str, Tensor]:
    """Give all parameters one and the same step size.

    Args:
        parameters: Those that adapt; leave out (or filter by name) the others.
        size: Step size.

    Returns:
        One scalar tensor under every name.
    """
    shared = torch.tensor(size)
    return dict.fromkeys(parameters, shared)


def step_size_per_tensor(parameters: Parameters, *, size: float) -> dict[str, Tensor]:
    """Give each parameter tensor a step size of its own.

    Args:
        parameters: Those that adapt; leave out (or filter by name) the others.
        size: Initial step size.

    Returns:
        A scalar tensor for each name.
    """
    return {name: torch.tensor(size, dtype=value.dtype) for name, value in parameters.items()}


def step_size_per_element(parameters: Parameters, *, size: float) -> dict[str, Tensor]:
    """Give each element of each parameter a step size of its own (Meta-SGD).

    Args:
        parameters: Those that adapt; leave out (or filter by name) the others.
        size: Initial step size.

    Returns:
        A tensor shaped as the parameter, for each name.
    """
    return {name: torch.full_like(value, size, requires_grad=False) for name, value in parameters.items()}
