r"""Model-agnostic meta-learning: an inner loop over any mapping of parameters and any differentiable loss.

Nothing here knows of robots, images or networks. A model is a mapping from names to tensors; the loss is a function of
that mapping. All functions are pure, compose with `torch.func.vmap` (one inner loop per task) and can be differentiated
through (the outer loop).

Example: one step on a quadratic, and the outer gradient through it.

>>> import torch
>>> parameters = {"x": torch.tensor(1.0, requires_grad=True)}
>>> step_sizes = {"x": torch.tensor(0.1)}
>>> adapted = take_inner_steps(parameters, lambda p: p["x"] ** 2, step_sizes=step_sizes)
>>> round(adapted["x"].item(), 3)
0.8

References:
    Finn et al. (2017), arXiv 1703.03400, Sec. 5.2 of which is the first order. Li et al. (2017), arXiv 1707.03141
    (learned step sizes).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from torch import Tensor

from daml.maml.clipping import Clip, clip_elements
from daml.maml.gradients import Gradient, second_order
from daml.maml.parameters import Loss, Parameters

StepSizes: TypeAlias = Parameters | Sequence[Parameters]
"""Step sizes by the name of the parameter they belong to: the same at every step, or one mapping per step."""


def take_inner_steps(
    parameters: Parameters,
    loss: Loss | Sequence[Loss],
    *,
    step_sizes: StepSizes,
    n_steps: int = 1,
    clip: float | Clip | None = None,
    gradient: Gradient = second_order,
) -> dict[str, Tensor]:
    r"""Descend a loss by a few gradient steps.

    .. math:: \phi \leftarrow \phi - \alpha \odot \mathrm{clip}(\nabla_\phi L(\phi)), \quad \phi_0 = \theta

    Args:
        parameters: Initial parameters. Never modified.
        loss: What to descend; sees all parameters, adapting or not. A sequence holds the loss of each step, at least
            `n_steps`: other data, or weights and statistics of a step's own.
        step_sizes: Step size of each parameter that adapts, broadcastable to it; one without step size stays as it is.
            A sequence holds the step sizes of each step, at least `n_steps` mappings with the same names.
        n_steps: Number of gradient steps; 0 returns the initial parameters.
        clip: What limits the gradient, `clip_norm` or `clip_elements`; a number is that of `clip_elements`, and None
            stands for no limit.
        gradient: `second_order` to let the outer loop differentiate through the gradient, `first_order` to not,
            `recomputed` to do so in less memory.

    Returns:
        Adapted parameters, keyed as `parameters`.

    Raises:
        ValueError: A step size belongs to no parameter, or the number of steps is negative or larger than that of step
            sizes or losses, or the clip not positive.
    """
    adapted = dict(parameters)
    for stepped in _iterate(
        parameters, loss, step_sizes=step_sizes, n_steps=n_steps, clip=_as_clip(clip), gradient=gradient
    ):
        adapted = stepped
    return adapted


def trace_inner_steps(
    parameters: Parameters,
    loss: Loss | Sequence[Loss],
    *,
    step_sizes: StepSizes,
    n_steps: int = 1,
    clip: float | Clip | None = None,
    gradient: Gradient = second_order,
) -> tuple[dict[str, Tensor], ...]:
    """Descend a loss as `take_inner_steps` does, and keep the way: for a multi-step loss, or to watch adaptation.

    Args:
        parameters: As in `take_inner_steps`, like all arguments.
        loss: What to descend.
        step_sizes: Step size of each parameter that adapts.
        n_steps: Number of gradient steps.
        clip: What limits the gradient.
        gradient: Order of the gradient.

    Returns:
        Initial parameters, then those after each step: `n_steps + 1` mappings keyed as `parameters`.

    Raises:
        ValueError: As in `take_inner_steps`.
    """
    steps = _iterate(parameters, loss, step_sizes=step_sizes, n_steps=n_steps, clip=_as_clip(clip), gradient=gradient)
    return dict(parameters), *steps


def _iterate(
    parameters: Parameters,
    loss: Loss | Sequence[Loss],
    *,
    step_sizes: StepSizes,
    n_steps: int,
    clip: Clip | None,
    gradient: Gradient,
) -> Iterator[dict[str, Tensor]]:
    """Yield the parameters after each step."""
    sizes_of_steps = _sizes_of_steps(parameters, step_sizes, n_steps)
    names = sizes_of_steps[0].keys() if sizes_of_steps else set[str]()
    fixed = {name: value for name, value in parameters.items() if name not in names}
    adapted = {name: value for name, value in parameters.items() if name in names}

    for sizes, loss_of_step in zip(sizes_of_steps, _losses_of_steps(loss, n_steps), strict=True):

        def loss_of_adapted(values: Parameters, loss_of_step: Loss = loss_of_step) -> Tensor:
            return loss_of_step({**fixed, **values})

        gradients = gradient(loss_of_adapted, adapted)
        if clip is not None:
            gradients = clip(gradients)
        adapted = {name: value - (sizes[name] * gradients[name]).to(value.dtype) for name, value in adapted.items()}
        yield {name: adapted.get(name, value) for name, value in parameters.items()}


def _sizes_of_steps(parameters: Parameters, step_sizes: StepSizes, n_steps: int) -> list[Parameters]:
    """Check the step sizes, and lay them out step by step."""
    if n_steps < 0:
        raise ValueError(f"n_steps: expected at least 0, got {n_steps}")
    per_step = [step_sizes] * n_steps if isinstance(step_sizes, Mapping) else list(step_sizes)
    if len(per_step) < n_steps:
        raise ValueError(
            f"step_sizes: {len(per_step)} mappings, one per step, but n_steps is {n_steps}; give one for each"
        )
    for sizes in [step_sizes] if isinstance(step_sizes, Mapping) else per_step:
        unknown = sorted(set(sizes) - set(parameters))
        if unknown:
            raise ValueError(f"step_sizes: {unknown} name no parameter; the parameters are {sorted(parameters)}")
        if sizes.keys() != (per_step or [sizes])[0].keys():
            raise ValueError("step_sizes: expected the same names at every step; use a step size of 0 to pause one")
    return per_step[:n_steps]


def _losses_of_steps(loss: Loss | Sequence[Loss], n_steps: int) -> list[Loss]:
    """Lay out the losses step by step."""
    if callable(loss):
        return [loss] * n_steps
    if len(loss) < n_steps:
        raise ValueError(f"loss: {len(loss)} losses, one per step, but n_steps is {n_steps}; give one for each")
    return list(loss[:n_steps])


def _as_clip(clip: float | Clip | None) -> Clip | None:
    """Let a number stand for the limit of each element."""
    return clip_elements(clip) if isinstance(clip, (int, float)) else clip
