"""Outer losses other than that of the adapted parameters: Reptile, WarpGrad and Sharp-MAML.

References:
    Nichol et al. (2018), arXiv 1803.02999 (Reptile). Flennerhag et al. (2020), arXiv 1909.00025 (WarpGrad). Abbas et
    al. (2022), arXiv 2206.03996 (Sharp-MAML).
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from daml.maml.gradients import first_order, second_order
from daml.maml.inner_loop import take_inner_steps
from daml.maml.parameters import Loss, Parameters
from daml.maml.step_sizes import share_step_size

_TINY = 1e-12
"""Keeps the direction of a zero gradient zero, not undefined."""


def reptile_loss(initial: Parameters, adapted: Parameters) -> Tensor:
    r"""Compute a loss whose gradient is Reptile's, :math:`\theta - \phi`: towards where adaptation went.

    It needs no second set of data and no graph of the inner loop: adapt with `first_order`, or without gradients.

    Args:
        initial: Parameters that adaptation started from.
        adapted: Those that it reached, keyed as `initial`.

    Returns:
        Half the squared distance, a scalar. Adapted parameters count as constants.
    """
    distances = [value - adapted[name].detach() for name, value in initial.items() if value is not adapted[name]]
    return torch.stack([torch.real(each * each.conj()).sum() for each in distances]).sum() / 2


def warp_loss(trace: Sequence[Parameters], loss: Loss, *, outer_loss: Loss, step_sizes: Parameters) -> Tensor:
    """Compute WarpGrad's loss, which teaches parameters that do not adapt to make every inner step a good one.

    One step is taken from each place on the way of adaptation, and the place counts as a constant: memory does not grow
    with the number of steps if the losses are differentiated one by one.

    Args:
        trace: Places to step from, such as `trace_inner_steps(..., gradient=first_order)[:-1]`.
        loss: Inner loss.
        outer_loss: Outer loss of the parameters.
        step_sizes: Step size of each parameter that adapts; those without are what is taught.

    Returns:
        Mean of the outer losses after a step from each place, a scalar.
    """
    places = [{n: value.detach() if n in step_sizes else value for n, value in place.items()} for place in trace]
    return torch.stack(
        [outer_loss(take_inner_steps(place, loss, step_sizes=step_sizes, gradient=second_order)) for place in places]
    ).mean()


def sharp_loss(initial: Parameters, outer_loss: Loss, *, radius: float) -> Tensor:
    """Compute Sharp-MAML's loss: that of initial parameters moved by a radius to where it is worse, for flat optima.

    Args:
        initial: Initial parameters.
        outer_loss: The whole outer loss as a function of them, adaptation and mean over tasks included.
        radius: How far they are moved, in the Euclidean norm over all.

    Returns:
        The outer loss there, a scalar; the way there counts as a constant.
    """
    worse = take_inner_steps(
        initial,
        outer_loss,
        step_sizes=share_step_size(initial, size=-radius),
        clip=_normalize,
        gradient=first_order,
    )
    return outer_loss(worse)


def _normalize(gradients: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Keep the direction of a gradient alone."""
    squares = torch.stack([torch.real(value * value.conj()).sum() for value in gradients.values()])
    norm = (squares.sum() + _TINY**2).sqrt()
    return {name: value / norm for name, value in gradients.items()}
