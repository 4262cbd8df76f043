import pytest
import torch
from torch import Tensor

from daml.maml import GaussianPrior, Parameters, first_order, implicit_loss, share_step_size, take_inner_steps
from daml.maml.implicit import solve_symmetric

STRENGTH = 2.0
PRIOR = GaussianPrior(scale=STRENGTH**-0.5)


def draw(*shape: int, seed: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


X, Y, QUERY, TRUTH = draw(8, 3, seed=0), draw(8, seed=1), draw(6, 3, seed=2), draw(6, seed=3)


def start() -> dict[str, Tensor]:
    return {"w": draw(3, seed=4).requires_grad_(), "b": draw(seed=5).requires_grad_()}


def error(p: Parameters, x: Tensor, y: Tensor) -> Tensor:
    return (torch.tanh(x @ p["w"] + p["b"]) - y).square().mean()


def adapt(initial: Parameters, x: Tensor, y: Tensor) -> dict[str, Tensor]:
    return take_inner_steps(
        initial,
        PRIOR(lambda p: error(p, x, y), initial),
        step_sizes=share_step_size(initial, size=0.2),
        n_steps=200,
        gradient=first_order,
    )


def implicit(initial: Parameters, x: Tensor, y: Tensor, query: Tensor, truth: Tensor) -> Tensor:
    return implicit_loss(
        initial,
        adapt(initial, x, y),
        loss=lambda p: error(p, x, y),
        outer_loss=lambda p: error(p, query, truth),
        regularizer=PRIOR,
        n_iterations=10,
    )


def test_the_gradient_is_that_of_the_linear_system_solved_by_hand():
    initial = start()
    loss = implicit(initial, X, Y, QUERY, TRUTH)

    adapted = torch.cat([value.detach().reshape(-1) for value in adapt(initial, X, Y).values()])

    def flat_error(flat: Tensor, x: Tensor, y: Tensor) -> Tensor:
        return error({"w": flat[:3], "b": flat[3]}, x, y)

    hessian = torch.func.jacrev(torch.func.grad(flat_error))(adapted, X, Y)
    outer_gradient = torch.func.grad(flat_error)(adapted, QUERY, TRUTH)
    expected = torch.linalg.solve(torch.eye(4, dtype=torch.float64) + hessian / STRENGTH, outer_gradient)  # eq. 6
    gradient = torch.autograd.grad(loss, list(initial.values()))
    torch.testing.assert_close(torch.cat([value.reshape(-1) for value in gradient]), expected)
    torch.testing.assert_close(loss, error(adapt(initial, X, Y), QUERY, TRUTH))


def test_it_agrees_with_the_gradient_through_all_the_steps():
    initial = start()
    loss = PRIOR(lambda p: error(p, X, Y), initial)
    unrolled = take_inner_steps(initial, loss, step_sizes=share_step_size(initial, size=0.2), n_steps=200)
    values = list(initial.values())

    torch.testing.assert_close(
        torch.autograd.grad(implicit(initial, X, Y, QUERY, TRUTH), values),
        torch.autograd.grad(error(unrolled, QUERY, TRUTH), values),
    )


def test_what_the_losses_close_over_and_what_does_not_adapt_get_their_gradients():
    def gradients(*, unrolls: bool) -> tuple[Tensor, ...]:
        initial, weight = start(), torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
        sizes = share_step_size({"w": initial["w"]}, size=0.2)

        def loss(p: Parameters) -> Tensor:
            return weight * error(p, X, Y)

        def outer(p: Parameters) -> Tensor:
            return weight * error(p, QUERY, TRUTH)

        adapted = take_inner_steps(initial, PRIOR(loss, initial), step_sizes=sizes, n_steps=200)
        unrolled = outer(adapted)
        value = (
            unrolled
            if unrolls
            else implicit_loss(initial, adapted, loss=loss, outer_loss=outer, regularizer=PRIOR, n_iterations=10)
        )
        return torch.autograd.grad(value, [*initial.values(), weight])

    torch.testing.assert_close(gradients(unrolls=False), gradients(unrolls=True))


def test_vmap_over_tasks_equals_a_loop_over_tasks():
    initial = start()
    tasks = [torch.stack([value, value.flip(0)]) for value in (X, Y, QUERY, TRUTH)]
    values = list(initial.values())

    batched = torch.func.vmap(lambda *task: implicit(initial, *task))(*tasks)

    looped = torch.stack([implicit(initial, *(each[i] for each in tasks)) for i in range(2)])
    torch.testing.assert_close(batched, looped)
    torch.testing.assert_close(torch.autograd.grad(batched.sum(), values), torch.autograd.grad(looped.sum(), values))


@pytest.mark.parametrize("n_iterations", [4, 40])
def test_conjugate_gradients_solve_in_as_many_iterations_as_there_are_unknowns(n_iterations: int):
    root = draw(4, 4, seed=6)
    matrix, target = root @ root.T + torch.eye(4, dtype=torch.float64), draw(4, seed=7)

    solution = solve_symmetric(lambda v: {"x": matrix @ v["x"]}, {"x": target}, n_iterations=n_iterations)

    torch.testing.assert_close(matrix @ solution["x"], target)


def test_conjugate_gradients_take_no_step_where_the_curvature_is_not_positive():
    curvature = torch.tensor([2.0, -1.0])

    found = solve_symmetric(lambda v: {"x": curvature * v["x"]}, {"x": torch.tensor([1.0, 4.0])}, n_iterations=3)

    assert torch.equal(found["x"], torch.zeros(2))
