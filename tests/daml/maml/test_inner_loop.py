import doctest
import importlib
import pkgutil

import pytest
import torch

from daml import maml
from daml.maml import (
    Gradient,
    Parameters,
    clip_norm,
    first_order,
    second_order,
    share_step_size,
    step_size_per_tensor,
    take_inner_steps,
    trace_inner_steps,
)

CURVATURE = torch.tensor([1.0, 2.0, 5.0], dtype=torch.float64)


def quadratic(parameters: Parameters) -> torch.Tensor:
    return 0.5 * (CURVATURE * parameters["x"].square()).sum()


def start() -> dict[str, torch.Tensor]:
    return {"x": torch.tensor([1.0, -2.0, 3.0], dtype=torch.float64, requires_grad=True)}


def test_one_step_on_a_quadratic_is_its_closed_form():
    parameters = start()

    adapted = take_inner_steps(parameters, quadratic, step_sizes=share_step_size(parameters, size=0.1))

    torch.testing.assert_close(adapted["x"], (1 - 0.1 * CURVATURE) * parameters["x"])


@pytest.mark.parametrize("n_steps", [0, 1, 2, 5])
def test_n_steps_on_a_quadratic_are_their_closed_form(n_steps: int):
    parameters = start()

    adapted = take_inner_steps(parameters, quadratic, step_sizes=share_step_size(parameters, size=0.1), n_steps=n_steps)

    torch.testing.assert_close(adapted["x"], (1 - 0.1 * CURVATURE) ** n_steps * parameters["x"])


def test_a_zero_step_size_changes_nothing():
    parameters = start()

    adapted = take_inner_steps(parameters, quadratic, step_sizes=share_step_size(parameters, size=0.0))

    assert torch.equal(adapted["x"], parameters["x"])


def test_the_initial_parameters_are_not_modified():
    parameters = start()
    before = parameters["x"].detach().clone()

    take_inner_steps(parameters, quadratic, step_sizes=share_step_size(parameters, size=0.1), n_steps=3)

    assert torch.equal(parameters["x"], before)


def test_a_parameter_without_step_size_stays():
    parameters = {"x": torch.tensor(1.0), "y": torch.tensor(2.0)}

    adapted = take_inner_steps(
        parameters, lambda p: (p["x"] * p["y"]).square(), step_sizes=share_step_size({"x": parameters["x"]}, size=0.1)
    )

    assert adapted["y"] is parameters["y"]
    assert adapted["x"] != parameters["x"]


def test_the_step_size_of_an_element_moves_that_element():
    parameters = start()
    step_sizes = {"x": torch.tensor([0.0, 0.1, 0.0])}

    adapted = take_inner_steps(parameters, quadratic, step_sizes=step_sizes)

    assert (adapted["x"] != parameters["x"]).tolist() == [False, True, False]


def test_no_element_moves_further_than_the_clip_allows():
    parameters = start()

    adapted = take_inner_steps(parameters, quadratic, step_sizes=share_step_size(parameters, size=0.1), clip=2.0)

    moved = adapted["x"] - parameters["x"]
    torch.testing.assert_close(moved, torch.tensor([-0.1, 0.2, -0.2], dtype=torch.float64))


def test_a_clip_is_any_function_of_the_gradient():
    parameters = start()
    step_sizes = share_step_size(parameters, size=0.1)

    adapted = take_inner_steps(parameters, quadratic, step_sizes=step_sizes, clip=clip_norm(1.0))
    turned = take_inner_steps(
        parameters, quadratic, step_sizes=step_sizes, clip=lambda g: {name: -value for name, value in g.items()}
    )

    assert (adapted["x"] - parameters["x"]).norm().item() == pytest.approx(0.1)
    torch.testing.assert_close(turned["x"], (1 + 0.1 * CURVATURE) * parameters["x"])


def test_each_step_takes_its_own_step_size():
    parameters = start()
    step_sizes = [{"x": torch.tensor(size, dtype=torch.float64)} for size in (0.1, 0.0, 0.3)]

    adapted = take_inner_steps(parameters, quadratic, step_sizes=step_sizes, n_steps=3)

    torch.testing.assert_close(adapted["x"], (1 - 0.1 * CURVATURE) * (1 - 0.3 * CURVATURE) * parameters["x"])


def test_the_trace_holds_what_fewer_steps_give():
    parameters = {**start(), "y": torch.tensor(1.0)}
    step_sizes = share_step_size({"x": parameters["x"]}, size=0.1)

    trace = trace_inner_steps(parameters, quadratic, step_sizes=step_sizes, n_steps=3, clip=4.0)

    assert len(trace) == 4
    for n_steps, adapted in enumerate(trace):
        fewer = take_inner_steps(parameters, quadratic, step_sizes=step_sizes, n_steps=n_steps, clip=4.0)
        assert list(adapted) == list(parameters)
        torch.testing.assert_close(adapted, fewer, rtol=0, atol=0)


@pytest.mark.parametrize(("gradient", "factor"), [(second_order, 1 - 0.1 * CURVATURE), (first_order, 1.0)])
def test_the_outer_gradient_is_that_of_the_chosen_order(gradient: Gradient, factor: torch.Tensor):
    parameters = start()
    adapted = take_inner_steps(
        parameters, quadratic, step_sizes=share_step_size(parameters, size=0.1), gradient=gradient
    )

    (outer,) = torch.autograd.grad(adapted["x"].square().sum(), parameters["x"])

    torch.testing.assert_close(outer, 2 * adapted["x"].detach() * factor)


def test_step_sizes_get_their_outer_gradient_in_first_order_too():
    parameters = start()
    size = torch.tensor(0.1, dtype=torch.float64, requires_grad=True)
    adapted = take_inner_steps(parameters, quadratic, step_sizes={"x": size}, gradient=first_order)

    (outer,) = torch.autograd.grad(adapted["x"].sum(), size)

    torch.testing.assert_close(outer, -(CURVATURE * parameters["x"]).sum().detach())


def test_the_outer_gradient_agrees_with_finite_differences():
    def outer(x: torch.Tensor, size: torch.Tensor) -> torch.Tensor:
        adapted = take_inner_steps(
            {"x": x}, lambda p: p["x"].sin().prod() + p["x"].pow(3).sum(), step_sizes={"x": size}, n_steps=2
        )
        return adapted["x"].square().sum()

    x = torch.tensor([0.3, -0.5, 0.9], dtype=torch.float64, requires_grad=True)
    size = torch.tensor(0.05, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(outer, (x, size))


def test_where_nothing_adapts_nothing_changes_under_vmap_either():
    adapted = torch.func.vmap(lambda goal: take_inner_steps({"x": goal}, lambda p: p["x"].sum(), step_sizes={}))(
        torch.ones(2, 3)
    )

    assert torch.equal(adapted["x"], torch.ones(2, 3))


def test_vmap_over_tasks_equals_a_loop_over_tasks():
    parameters = {"w": torch.randn(3, 2), "b": torch.randn(2)}
    inputs, targets = torch.randn(4, 5, 3), torch.randn(4, 5, 2)
    step_sizes = step_size_per_tensor(parameters, size=0.1)

    def adapt_to(x: torch.Tensor, y: torch.Tensor) -> dict[str, torch.Tensor]:
        return take_inner_steps(
            parameters, lambda p: (x @ p["w"] + p["b"] - y).square().mean(), step_sizes=step_sizes, n_steps=2
        )

    batched = torch.func.vmap(adapt_to)(inputs, targets)
    for i in range(4):
        torch.testing.assert_close({name: value[i] for name, value in batched.items()}, adapt_to(inputs[i], targets[i]))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"step_sizes": {"z": torch.tensor(0.1)}}, r"\['z'\] name no parameter; the parameters are \['x'\]"),
        ({"step_sizes": {}, "n_steps": -1}, "n_steps: expected at least 0, got -1"),
        ({"step_sizes": {}, "clip": 0.0}, "clip: expected a positive number, got 0.0"),
        ({"step_sizes": [{}], "n_steps": 2}, "1 mappings, one per step, but n_steps is 2"),
        ({"step_sizes": [{"x": torch.tensor(0.1)}, {}], "n_steps": 2}, "the same names at every step"),
        ({"step_sizes": [{"z": torch.tensor(0.1)}]}, r"\['z'\] name no parameter"),
    ],
)
def test_impossible_settings_are_refused(arguments: dict[str, object], message: str):
    with pytest.raises(ValueError, match=message):
        take_inner_steps(start(), quadratic, **arguments)  # pyright: ignore[reportArgumentType] - parametrised


@pytest.mark.parametrize(
    "name", ["daml.maml", *(f"daml.maml.{module.name}" for module in pkgutil.iter_modules(maml.__path__))]
)
def test_the_examples_in_the_documentation_hold(name: str):
    assert doctest.testmod(importlib.import_module(name)).failed == 0
