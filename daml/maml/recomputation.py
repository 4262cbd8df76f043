"""Gradient checkpointing of the inner loop: its graph is thrown away and computed again in the backward pass.

References:
    Chen et al. (2016), arXiv 1604.06174.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, cast

import torch
from torch import Tensor

from daml.maml.closure import Closure
from daml.maml.gradients import differentiate, second_order
from daml.maml.parameters import Loss, Parameters


def recomputed(loss: Loss, parameters: Parameters) -> dict[str, Tensor]:
    """Compute the gradient of `second_order` in less memory: only the parameters of each inner step are kept.

    The outer gradient is the same, also into tensors that the loss merely closes over. Memory grows with the number of
    inner steps times the size of the parameters, no longer times the size of the loss's activations, for the time of
    computing each inner gradient twice. Use it for many steps or large inputs.

    The second time the loss draws the same random numbers, and running statistics are left as the first time left them.
    It must do by operations on tensors alone what it does: other state, such as a counter of calls, sees both times.

    Args:
        loss: Differentiable loss of the parameters.
        parameters: Where to take the gradient.

    Returns:
        Gradient, keyed and shaped as `parameters`. Without a graph where gradients are turned off.
    """
    if not parameters or torch.compiler.is_compiling():  # the compiler decides by itself what it computes again
        return second_order(loss, parameters)
    conditions = _Conditions(list(parameters.values()))
    with torch.no_grad():
        gradients, closure = differentiate(loss, parameters)
    # Of what the loss changes, the second evaluation needs the value before.
    found = [value.clone() if key in closure.changed else value for key, value in closure.found.items()]
    closure.apply_changes()
    if not torch.is_grad_enabled():
        return gradients
    rerun = _Rerun(loss, tuple(parameters), closure, conditions)
    apply = cast("Callable[..., tuple[Tensor, ...]]", _Recomputed.apply)  # pyright: ignore[reportUnknownMemberType]
    results = apply(rerun, *gradients.values(), *parameters.values(), *found)
    return dict(zip(gradients, results, strict=True))


class _Conditions:
    """The state of the random generators and of autocast, to come back to."""

    def __init__(self, values: Sequence[Tensor]) -> None:
        kinds = {"cpu", *(value.device.type for value in values)}
        self._autocast = {kind: (torch.is_autocast_enabled(kind), torch.get_autocast_dtype(kind)) for kind in kinds}
        self._gpus = {value.device for value in values if value.device.type == "cuda"}
        self._random = self._random_states()

    @contextmanager
    def again(self) -> Generator[None]:
        """Run under these conditions, and leave the generators alone."""
        before = self._random_states()
        self._set_random_states(self._random)
        try:
            with ExitStack() as stack:
                for kind, (enabled, dtype) in self._autocast.items():
                    stack.enter_context(torch.autocast(kind, dtype=dtype, enabled=enabled, cache_enabled=False))
                yield
        finally:
            self._set_random_states(before)

    def _random_states(self) -> dict[torch.device, Tensor]:
        """Return the states of the generators that the loss may draw from."""
        return {
            torch.device("cpu"): torch.get_rng_state(),
            **{gpu: torch.cuda.get_rng_state(gpu) for gpu in self._gpus},
        }

    def _set_random_states(self, states: Mapping[torch.device, Tensor]) -> None:
        """Set the generators."""
        for device, state in states.items():
            torch.set_rng_state(state) if device.type == "cpu" else torch.cuda.set_rng_state(state, device)


class _Rerun:
    """The gradient as a function of everything that it depends on.

    Args:
        loss: Inner loss.
        names: Names of the parameters.
        closure: Its first evaluation.
        conditions: Those of the first evaluation.
    """

    def __init__(self, loss: Loss, names: tuple[str, ...], closure: Closure, conditions: _Conditions) -> None:
        self._loss = loss
        self.n_parameters = len(names)
        self._names = names
        self._found = closure.found
        self._conditions = conditions

    def __call__(self, *values: Tensor) -> tuple[Tensor, ...]:
        """Return the gradient at parameters, with other tensors for those that the loss closes over."""
        parameters = dict(zip(self._names, values, strict=False))
        replacements = dict(zip(self._found, values[len(self._names) :], strict=True))
        with self._conditions.again():
            closure = Closure(self._loss, replacements)
            return tuple(torch.func.grad(closure.evaluate)(parameters).values())


class _Recomputed(torch.autograd.Function):
    """Passes a gradient on that was computed before, and computes it again to differentiate it."""

    generate_vmap_rule = True

    @staticmethod
    def forward(rerun: _Rerun, *tensors: Tensor) -> tuple[Tensor, ...]:
        """Return the gradient, the first of the tensors."""
        return tuple(each.clone() for each in tensors[: rerun.n_parameters])

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:  # noqa: ANN401, ARG004
        """Keep what the gradient depends on."""
        rerun, *tensors = inputs
        ctx.rerun = rerun
        ctx.save_for_backward(*tensors[rerun.n_parameters :])

    @staticmethod
    def backward(ctx: Any, *cotangents: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401 - torch has no type for it
        """Compute the gradient again, with its graph."""
        values: list[Tensor] = list(ctx.saved_tensors)
        first = 1 + ctx.rerun.n_parameters
        wanted = [i for i in range(len(values)) if ctx.needs_input_grad[first + i]]

        def gradient(*chosen: Tensor) -> tuple[Tensor, ...]:
            at = dict(enumerate(values)) | dict(zip(wanted, chosen, strict=True))
            return ctx.rerun(*at.values())

        pulled = torch.func.vjp(gradient, *(values[i] for i in wanted))[1](cotangents)
        by_place = dict(zip(wanted, pulled, strict=True))
        return (*[None] * first, *(by_place.get(i) for i in range(len(values))))
