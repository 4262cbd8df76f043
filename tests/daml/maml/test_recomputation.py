from itertools import accumulate

import pytest
import torch
from torch.profiler import ProfilerActivity, profile

from daml.maml import Gradient, Parameters, recomputed, second_order, step_size_per_tensor, take_inner_steps


def outer_gradients(gradient: Gradient, *, n_steps: int) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    parameters = {
        "hidden": torch.randn(3, 16, generator=generator, dtype=torch.float64, requires_grad=True),
        "unused": torch.ones(2, dtype=torch.float64, requires_grad=True),
    }
    weights = torch.randn(16, generator=generator, dtype=torch.float64, requires_grad=True)
    inputs = torch.randn(64, 3, generator=generator, dtype=torch.float64)
    step_sizes = {name: size.requires_grad_() for name, size in step_size_per_tensor(parameters, size=0.1).items()}

    def loss(p: Parameters) -> torch.Tensor:
        return (torch.tanh(inputs @ p["hidden"]) @ weights).square().mean()  # closes over what is learned, too

    adapted = take_inner_steps(parameters, loss, step_sizes=step_sizes, n_steps=n_steps, gradient=gradient)
    outer = loss(adapted) + adapted["unused"].sum()
    return list(torch.autograd.grad(outer, [*parameters.values(), weights, *step_sizes.values()]))


@pytest.mark.parametrize("n_steps", [1, 3])
def test_the_outer_gradient_is_that_of_second_order(n_steps: int):
    torch.testing.assert_close(
        outer_gradients(recomputed, n_steps=n_steps), outer_gradients(second_order, n_steps=n_steps)
    )


def peak_bytes(gradient: Gradient, *, n_steps: int) -> int:
    """Add up what torch allocates and frees in the steps and the way back through them; return the highest sum."""
    weights, inputs = torch.ones(16, 16, requires_grad=True), torch.randn(500, 16)

    def loss(p: Parameters) -> torch.Tensor:
        return torch.tanh(torch.tanh(inputs @ p["w"]) @ p["w"]).square().mean()

    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiled:
        adapted = take_inner_steps(
            {"w": weights}, loss, step_sizes={"w": torch.tensor(0.1)}, n_steps=n_steps, gradient=gradient
        )
        torch.autograd.backward(loss(adapted))
    events = profiled.profiler.kineto_results.events()
    changes = sorted((event.start_ns(), event.nbytes()) for event in events if event.name() == "[memory]")
    return max(accumulate(n_bytes for _, n_bytes in changes))


def test_many_steps_take_a_fraction_of_the_memory():
    assert peak_bytes(recomputed, n_steps=20) < 0.2 * peak_bytes(second_order, n_steps=20)
    assert peak_bytes(recomputed, n_steps=20) < 2 * peak_bytes(recomputed, n_steps=1)


def test_without_gradients_it_leaves_no_graph():
    with torch.no_grad():
        gradients = recomputed(lambda p: p["x"].square().sum(), {"x": torch.ones(2)})

    assert not gradients["x"].requires_grad
    assert gradients["x"].tolist() == [2, 2]


def test_under_vmap_it_says_what_to_do():
    def adapt_to(goal: torch.Tensor) -> dict[str, torch.Tensor]:
        return recomputed(lambda p: (p["x"] - goal).square().sum(), {"x": torch.ones(2, requires_grad=True)})

    with pytest.raises(RuntimeError, match="loop over the tasks, or pass gradient=second_order"):
        torch.func.vmap(adapt_to)(torch.zeros(3, 2))
