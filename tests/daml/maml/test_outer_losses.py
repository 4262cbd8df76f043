"""Each variant against a loop by hand in float64."""

import torch
from torch import Tensor

from daml.maml import (
    Parameters,
    first_order,
    reptile_loss,
    share_step_size,
    sharp_loss,
    take_inner_steps,
    trace_inner_steps,
    warp_loss,
)


def draw(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)), dtype=torch.float64)


W = draw(3, 4)
WARP = draw(4, 2)
X, Y, QUERY, TRUTH = draw(5, 3), draw(5, 2), draw(6, 3), draw(6, 2)


def parameters() -> dict[str, Tensor]:
    return {"w": W.clone().requires_grad_(), "warp": WARP.clone().requires_grad_()}


def error(w: Tensor, warp: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return (torch.tanh(x @ w) @ warp - y).square().mean()


def inner(p: Parameters) -> Tensor:
    return error(p["w"], p["warp"], X, Y)


def outer(p: Parameters) -> Tensor:
    return error(p["w"], p["warp"], QUERY, TRUTH)


def test_reptile_goes_towards_where_adaptation_went():
    initial = parameters()
    adapted = take_inner_steps(
        initial, inner, step_sizes=share_step_size({"w": W}, size=0.1), n_steps=4, gradient=first_order
    )
    w = W.clone()
    for _ in range(4):
        w.requires_grad_()
        (slope,) = torch.autograd.grad(error(w, WARP, X, Y), w)
        w = (w - 0.1 * slope).detach()

    torch.autograd.backward(reptile_loss(initial, adapted))

    torch.testing.assert_close(initial["w"].grad, W - w, rtol=1e-6, atol=1e-9)
    assert initial["warp"].grad is None


def test_reptile_averages_over_tasks_under_vmap():
    initial, targets = {"w": torch.zeros(2, requires_grad=True)}, torch.tensor([[1.0, 0.0], [3.0, 4.0]])

    def one_task(target: Tensor) -> Tensor:
        adapted = take_inner_steps(
            initial, lambda p: (p["w"] - target).square().sum() / 2, step_sizes={"w": torch.tensor(1.0)}
        )
        return reptile_loss(initial, adapted)

    torch.autograd.backward(torch.func.vmap(one_task)(targets).mean())

    torch.testing.assert_close(initial["w"].grad, -targets.mean(0))


def test_warp_teaches_the_fixed_parameters_one_step_from_each_place():
    initial, sizes = parameters(), {"w": torch.tensor(0.1, dtype=torch.float64)}
    trace = trace_inner_steps(initial, inner, step_sizes=sizes, n_steps=3, gradient=first_order)

    torch.autograd.backward(warp_loss(trace[:-1], inner, outer_loss=outer, step_sizes=sizes))

    warp, place, losses = WARP.clone().requires_grad_(), W.clone(), list[Tensor]()
    for _ in range(3):
        place.requires_grad_()
        (slope,) = torch.autograd.grad(error(place, warp, X, Y), place, create_graph=True)
        losses.append(error(place.detach() - 0.1 * slope, warp, QUERY, TRUTH))
        place = (place - 0.1 * slope).detach()
    (expected,) = torch.autograd.grad(torch.stack(losses).mean(), warp)
    torch.testing.assert_close(initial["warp"].grad, expected)
    assert initial["w"].grad is None


def test_sharp_differentiates_at_the_worst_place_within_the_radius():
    initial, radius = parameters(), 0.05

    torch.autograd.backward(sharp_loss(initial, outer, radius=radius))

    w, warp = W.clone().requires_grad_(), WARP.clone().requires_grad_()
    slopes = torch.autograd.grad(outer({"w": w, "warp": warp}), (w, warp))
    norm = torch.cat([slope.flatten() for slope in slopes]).norm()
    worse = [(v + radius * s / norm).detach().requires_grad_() for v, s in zip((w, warp), slopes, strict=True)]
    expected = torch.autograd.grad(outer({"w": worse[0], "warp": worse[1]}), worse)
    torch.testing.assert_close([initial["w"].grad, initial["warp"].grad], list(expected))
    assert sharp_loss(initial, outer, radius=radius) > outer(initial)


def test_at_an_optimum_sharp_is_the_loss_itself():
    initial = {"w": torch.zeros(2, requires_grad=True)}

    assert sharp_loss(initial, lambda p: p["w"].square().sum(), radius=0.1).item() == 0
