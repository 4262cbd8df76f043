"""The core's meta-gradients against loops unrolled by hand, finite differences, and the libraries higher and TorchOpt.

All compute the outer loss of the same random network, data and step sizes in float64, and its gradient with respect to
the network's initial parameters, the step sizes (when learned) and a weight of the inner loss that is itself learned.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import higher
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from daml import maml


@dataclass
class Problem:
    """A random network with the data of one task."""

    network: nn.Module
    support: tuple[Tensor, Tensor]
    query: tuple[Tensor, Tensor]
    loss_weight: Tensor
    step_sizes: list[Tensor]
    n_steps: int
    first_order: bool

    @classmethod
    def draw(cls, sizes: list[int], *, n_steps: int, first_order: bool, learned: bool, seed: int) -> "Problem":
        generator = torch.Generator().manual_seed(seed)

        def normal(*shape: int) -> Tensor:
            return torch.randn(shape, generator=generator, dtype=torch.float64)

        layers: list[nn.Module] = []
        for n_inputs, n_outputs in pairwise(sizes):
            layers += [nn.Linear(n_inputs, n_outputs, dtype=torch.float64), nn.Tanh()]
        network = nn.Sequential(*layers[:-1])
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.copy_(0.5 * normal(*parameter.shape))
        return cls(
            network=network,
            support=(normal(6, sizes[0]), normal(6, sizes[-1])),
            query=(normal(5, sizes[0]), normal(5, sizes[-1])),
            loss_weight=(1 + 0.1 * normal(sizes[-1])).requires_grad_(),
            step_sizes=[(0.1 + 0.02 * normal()).requires_grad_(learned) for _ in network.parameters()],
            n_steps=n_steps,
            first_order=first_order,
        )

    def inner_loss(self, outputs: Tensor) -> Tensor:
        return (self.loss_weight * (outputs - self.support[1]).square()).mean()

    def outer_loss(self, outputs: Tensor) -> Tensor:
        return (outputs - self.query[1]).square().mean()

    def leaves(self) -> list[Tensor]:
        leaves = [*self.network.parameters(), *self.step_sizes, self.loss_weight]
        return [leaf for leaf in leaves if leaf.requires_grad]


def ours(problem: Problem, gradient: maml.Gradient | None = None) -> Tensor:
    parameters = dict(problem.network.named_parameters())

    def run(values: maml.Parameters, inputs: Tensor) -> Tensor:
        return torch.func.functional_call(problem.network, dict(values), (inputs,))

    adapted = maml.take_inner_steps(
        parameters,
        lambda values: problem.inner_loss(run(values, problem.support[0])),
        step_sizes=dict(zip(parameters, problem.step_sizes, strict=True)),
        n_steps=problem.n_steps,
        gradient=gradient or (maml.first_order if problem.first_order else maml.second_order),
    )
    return problem.outer_loss(run(adapted, problem.query[0]))


def ours_recomputed(problem: Problem) -> Tensor:
    if problem.first_order:
        return ours(problem)
    return ours(problem, maml.recomputed)


def by_hand(problem: Problem) -> Tensor:
    values = list(problem.network.parameters())
    weights_and_biases = len(values)

    def run(inputs: Tensor) -> Tensor:
        for i in range(0, weights_and_biases, 2):
            inputs = inputs @ values[i].T + values[i + 1]
            inputs = torch.tanh(inputs) if i + 2 < weights_and_biases else inputs
        return inputs

    for _ in range(problem.n_steps):
        loss = problem.inner_loss(run(problem.support[0]))
        gradients = torch.autograd.grad(loss, values, create_graph=not problem.first_order)
        values = [value - size * g for value, size, g in zip(values, problem.step_sizes, gradients, strict=True)]
    return problem.outer_loss(run(problem.query[0]))


def with_higher(problem: Problem) -> Tensor:
    optimizer = torch.optim.SGD([{"params": [value]} for value in problem.network.parameters()], lr=0.1)
    with higher.innerloop_ctx(
        problem.network, optimizer, copy_initial_weights=False, override={"lr": problem.step_sizes}
    ) as (network, steps):
        for _ in range(problem.n_steps):
            detach: Any = (lambda gradients: [g.detach() for g in gradients]) if problem.first_order else None
            steps.step(problem.inner_loss(network(problem.support[0])), grad_callback=detach)
        return problem.outer_loss(network(problem.query[0]))


def with_torchopt(problem: Problem) -> Tensor:
    torchopt = pytest.importorskip("torchopt", reason="there is no build of TorchOpt for this Python")
    names, values = zip(*problem.network.named_parameters(), strict=True)

    def run(inputs: Tensor) -> Tensor:
        return torch.func.functional_call(problem.network, dict(zip(names, values, strict=True)), (inputs,))

    def scale(gradients: tuple[Tensor, ...], state: Any, **_: Any) -> tuple[tuple[Tensor, ...], Any]:
        return tuple(-size * g for size, g in zip(problem.step_sizes, gradients, strict=True)), state

    descent = torchopt.base.GradientTransformation(lambda _: (), scale)
    state = descent.init(values)
    for _ in range(problem.n_steps):
        loss = problem.inner_loss(run(problem.support[0]))
        gradients = torch.autograd.grad(loss, values, create_graph=not problem.first_order)
        updates, state = descent.update(gradients, state, params=values, inplace=False)
        values = torchopt.apply_updates(values, updates, inplace=False)
    return problem.outer_loss(run(problem.query[0]))


problems = st.builds(
    Problem.draw,
    st.lists(st.integers(1, 5), min_size=2, max_size=4),
    n_steps=st.integers(1, 5),
    first_order=st.booleans(),
    learned=st.booleans(),
    seed=st.integers(0, 2**31),
)


def meta_gradient(outer: Tensor, problem: Problem) -> list[Tensor]:
    return list(torch.autograd.grad(outer, problem.leaves(), materialize_grads=True))


@pytest.mark.parametrize("reference", [by_hand, with_higher, with_torchopt, ours_recomputed])
@settings(max_examples=25)
@given(problem=problems)
def test_the_meta_gradient_is_that_of(reference: Callable[[Problem], Tensor], problem: Problem):
    expected_loss, loss = reference(problem), ours(problem)

    torch.testing.assert_close(loss, expected_loss)
    torch.testing.assert_close(meta_gradient(loss, problem), meta_gradient(expected_loss, problem))


@settings(max_examples=25)
@given(problem=problems.filter(lambda problem: not problem.first_order))
def test_the_meta_gradient_is_that_of_finite_differences(problem: Problem):
    leaves = problem.leaves()
    gradient = meta_gradient(ours(problem), problem)
    generator = torch.Generator().manual_seed(0)
    directions = [torch.randn(leaf.shape, generator=generator, dtype=leaf.dtype) for leaf in leaves]
    start = [leaf.detach().clone() for leaf in leaves]

    def outer_at(distance: float) -> Tensor:
        with torch.no_grad():
            for leaf, value, direction in zip(leaves, start, directions, strict=True):
                leaf.copy_(value + distance * direction)
            return ours(problem)

    slope = (outer_at(1e-5) - outer_at(-1e-5)) / 2e-5
    expected = sum((g * direction).sum() for g, direction in zip(gradient, directions, strict=True))
    torch.testing.assert_close(slope, torch.as_tensor(expected), rtol=1e-5, atol=1e-6)


def test_the_orders_differ():
    first, second = (
        Problem.draw([3, 4, 2], n_steps=2, first_order=first_order, learned=True, seed=0)
        for first_order in (True, False)
    )
    gradients = [meta_gradient(ours(problem), problem)[0] for problem in (first, second)]

    torch.testing.assert_close(ours(first), ours(second))
    assert not torch.allclose(gradients[0], gradients[1], rtol=1e-3)
