r"""Implicit MAML: the outer gradient at the optimum of a regularised inner loss, whatever way led there.

At the optimum the slope :math:`F(\phi, \theta)` of the regularised loss is zero, so that

.. math:: d \phi = - \left(\frac{\partial F}{\partial \phi}\right)^{-1} \frac{\partial F}{\partial \theta} d \theta

Memory does not grow with the number of inner steps, and time grows only by that of taking them.

References:
    Rajeswaran et al. (2019), arXiv 1909.04630.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from daml.maml.gaussian_prior import Regularizer
from daml.maml.gradients import first_order, second_order
from daml.maml.parameters import Loss, Parameters

_TINY = 1e-30
"""Keeps conjugate gradients where they are once the rest is zero."""


def implicit_loss(
    initial: Parameters,
    adapted: Parameters,
    *,
    loss: Loss,
    outer_loss: Loss,
    regularizer: Regularizer,
    n_iterations: int = 5,
) -> Tensor:
    """Compute the outer loss with the implicit gradient.

    Learned tensors that the losses or the regulariser close over get their gradients as well.

    Args:
        initial: Initial parameters.
        adapted: Those that many steps on `regularizer(loss, initial)` reached, such as by `take_inner_steps` with
            `first_order`. The gradient is as exact as they are near the optimum.
        loss: Inner loss, which must not be random.
        outer_loss: Outer loss of the parameters.
        regularizer: What holds the parameters near the initial ones, such as `GaussianPrior`.
        n_iterations: Number of conjugate-gradient iterations, each at the cost of one Hessian-vector product.

    Returns:
        The outer loss, a scalar with its graph. Works under `torch.func.vmap`.
    """
    regularized = regularizer(loss, initial)
    at = {name: value.detach() for name, value in adapted.items() if value is not initial[name]}

    def slope(values: Parameters) -> dict[str, Tensor]:
        return second_order(lambda some: regularized({**initial, **some}), values)

    def multiply(vector: Parameters) -> dict[str, Tensor]:
        return torch.func.vjp(slope, at)[1](dict(vector))[0]  # the Hessian is symmetric

    with torch.no_grad():
        outer_gradient = first_order(lambda some: outer_loss({**initial, **some}), at)
        solution = solve_symmetric(multiply, outer_gradient, n_iterations=n_iterations)
    through_optimum = _dot(solution, slope(at))
    return outer_loss({**initial, **at}) - (through_optimum - through_optimum.detach())


def solve_symmetric(
    multiply: Callable[[Parameters], Parameters], target: Parameters, *, n_iterations: int
) -> dict[str, Tensor]:
    """Solve a linear system by conjugate gradients, which stop where a direction shows no positive curvature.

    Short of the optimum a Hessian may have such directions, along which a step would have any length.

    Args:
        multiply: Multiplies a vector, keyed as the target, by a symmetric positive definite matrix.
        target: What the product should be.
        n_iterations: Number of iterations.

    Returns:
        The vector whose product comes near the target.

    References:
        Nocedal and Wright (2006), Numerical Optimization, Sec. 7.1 (the line search Newton-CG method).
    """
    solution = {name: torch.zeros_like(value) for name, value in target.items()}
    rest = direction = dict(target)
    size = _dot(rest, rest)
    goes_on = size >= 0
    for _ in range(n_iterations):
        product = multiply(direction)
        curvature = _dot(direction, product)
        goes_on = goes_on & (curvature > 0)
        step = torch.where(goes_on, size / (curvature + _TINY), 0.0)
        solution = {name: value + step * direction[name] for name, value in solution.items()}
        rest = {name: value - step * product[name] for name, value in rest.items()}
        size, before = _dot(rest, rest), size
        direction = {name: value + size / (before + _TINY) * direction[name] for name, value in rest.items()}
    return solution


def _dot(left: Parameters, right: Parameters) -> Tensor:
    """Return the scalar product over all tensors."""
    return torch.stack([(value * right[name]).sum() for name, value in left.items()]).sum()
