from itertools import accumulate

import pytest
import torch
from torch import nn
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


def test_under_vmap_the_outer_gradient_is_that_of_second_order():
    generator = torch.Generator().manual_seed(0)
    inputs, targets = torch.randn(2, 3, 6, 4, generator=generator, dtype=torch.float64)
    w, scale = torch.randn(2, 4, generator=generator, dtype=torch.float64, requires_grad=True)

    def gradients(gradient: Gradient) -> tuple[torch.Tensor, ...]:
        def outer_loss(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            def loss(p: Parameters) -> torch.Tensor:
                return (scale * torch.tanh(x * p["w"]) - y).square().mean()  # closes over batched and learned tensors

            adapted = take_inner_steps({"w": w}, loss, step_sizes={"w": 0.1 * w}, n_steps=3, gradient=gradient)
            return loss(adapted)

        return torch.autograd.grad(torch.func.vmap(outer_loss)(inputs, targets).sum(), (w, scale))

    torch.testing.assert_close(gradients(recomputed), gradients(second_order))


@pytest.mark.parametrize("vmapped", [False, True])
def test_the_second_evaluation_draws_the_same_random_numbers(vmapped: bool):  # noqa: FBT001 - parametrised
    w, x = torch.linspace(0.1, 1, 20, requires_grad=True), torch.linspace(1, 2, 20)

    def outer(gradient: Gradient) -> tuple[torch.Tensor, torch.Tensor]:
        def outer_loss(x: torch.Tensor) -> torch.Tensor:
            def loss(p: Parameters) -> torch.Tensor:
                return torch.nn.functional.dropout(x * p["w"]).square().sum()

            return loss(take_inner_steps({"w": w}, loss, step_sizes={"w": torch.tensor(0.1)}, gradient=gradient))

        torch.manual_seed(0)
        value = torch.func.vmap(outer_loss, randomness="different")(x.expand(3, -1)).sum() if vmapped else outer_loss(x)
        after = torch.rand(())
        (outer,) = torch.autograd.grad(value, w)
        return outer, after

    torch.testing.assert_close(outer(recomputed), outer(second_order))


def test_running_statistics_count_each_step_once():
    def statistics(gradient: Gradient) -> dict[str, torch.Tensor]:
        torch.manual_seed(0)
        network = nn.Sequential(nn.Linear(1, 8), nn.BatchNorm1d(8), nn.Linear(8, 1)).double()
        parameters, x = dict(network.named_parameters()), torch.randn(9, 1, dtype=torch.float64)

        def loss(p: Parameters) -> torch.Tensor:
            return torch.func.functional_call(network, dict(p), (x,)).square().mean()

        sizes = step_size_per_tensor(parameters, size=0.1)
        adapted = take_inner_steps(parameters, loss, step_sizes=sizes, n_steps=3, gradient=gradient)
        torch.autograd.backward(loss(adapted))
        return {
            **dict(network.named_buffers()),
            **{f"grad {n}": v.grad for n, v in parameters.items() if v.grad is not None},
        }

    torch.testing.assert_close(statistics(recomputed), statistics(second_order))
    assert statistics(recomputed)["1.num_batches_tracked"].item() == 4


def test_state_that_the_loss_reads_is_that_of_the_first_evaluation():
    w, power = torch.ones(3, requires_grad=True), torch.tensor(1.0)

    def loss(p: Parameters) -> torch.Tensor:
        power.add_(1.0)
        return (p["w"] ** power).sum()

    adapted = take_inner_steps({"w": w}, loss, step_sizes={"w": torch.tensor(0.1)}, n_steps=2, gradient=recomputed)
    (outer,) = torch.autograd.grad(adapted["w"].sum(), w)

    first = 1 - 0.1 * 2.0  # w - 0.1 d(w ** 2) at w = 1, whose own slope is 1 - 0.1 * 2
    torch.testing.assert_close(outer, torch.full((3,), first * (1 - 0.1 * 6 * first)))
    assert power.item() == 3


def test_it_can_be_differentiated_twice():
    def third(gradient: Gradient) -> torch.Tensor:
        x = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
        sizes = {"x": torch.tensor(0.1, dtype=torch.float64)}
        adapted = take_inner_steps({"x": x}, lambda p: p["x"] ** 4, step_sizes=sizes, n_steps=2, gradient=gradient)
        (once,) = torch.autograd.grad(adapted["x"], x, create_graph=True)
        return torch.autograd.grad(once, x)[0]

    torch.testing.assert_close(third(recomputed), third(second_order))


def test_it_recomputes_under_autocast_what_ran_under_it():
    w, x = torch.randn(4, 4, requires_grad=True), torch.randn(2, 4)

    def outer(gradient: Gradient) -> torch.Tensor:
        def loss(p: Parameters) -> torch.Tensor:
            return (x @ p["w"]).square().mean()

        with torch.autocast("cpu", torch.bfloat16):
            adapted = take_inner_steps({"w": w}, loss, step_sizes={"w": torch.tensor(0.1)}, gradient=gradient)
        return torch.autograd.grad(adapted["w"].square().sum(), w)[0]

    torch.testing.assert_close(outer(recomputed), outer(second_order))
