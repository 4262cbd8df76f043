import pytest
import torch

from daml.maml import (
    share_step_size,
    step_size_per_element,
    step_size_per_tensor,
    step_sizes_per_step,
    take_inner_steps,
)

FORMS = [share_step_size, step_size_per_tensor, step_size_per_element]
PARAMETERS = {"w": torch.randn(3, 2, dtype=torch.float64, requires_grad=True), "b": torch.randn(2, dtype=torch.float64)}


def loss(parameters: object) -> torch.Tensor:
    assert isinstance(parameters, dict)
    return (parameters["w"].sin() * parameters["b"]).sum().square()


@pytest.mark.parametrize("create", FORMS)
def test_equal_step_sizes_of_any_form_take_the_same_step(create: object):
    assert callable(create)
    expected = {name: value - 0.1 * torch.func.grad(loss)(PARAMETERS)[name] for name, value in PARAMETERS.items()}

    once = take_inner_steps(PARAMETERS, loss, step_sizes=create(PARAMETERS, size=0.1))
    per_step = take_inner_steps(
        PARAMETERS, loss, step_sizes=step_sizes_per_step(create(PARAMETERS, size=0.1), n_steps=1)
    )

    torch.testing.assert_close(once, expected, rtol=1e-6, atol=1e-7)  # a shared float32 0.1 is no float64 0.1
    torch.testing.assert_close(per_step, once, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("create", "n_numbers"), [(share_step_size, 1), (step_size_per_tensor, 2), (step_size_per_element, 8)]
)
def test_a_form_holds_as_many_numbers_as_it_says(create: object, n_numbers: int):
    assert callable(create)
    step_sizes = create(PARAMETERS, size=0.1)

    distinct = {id(value): value.numel() for value in step_sizes.values()}
    assert sum(distinct.values()) == n_numbers
    assert not any(value.requires_grad for value in step_sizes.values())


@pytest.mark.parametrize("create", FORMS)
def test_every_number_gets_an_outer_gradient(create: object):
    assert callable(create)
    step_sizes = step_sizes_per_step(create(PARAMETERS, size=0.01), n_steps=2)
    leaves = [value.requires_grad_() for sizes in step_sizes for value in sizes.values()]

    adapted = take_inner_steps(PARAMETERS, loss, step_sizes=step_sizes, n_steps=2)
    outer = torch.autograd.grad(sum(value.square().sum() for value in adapted.values()), leaves)

    assert all(
        gradient.shape == leaf.shape and bool((gradient != 0).all())
        for gradient, leaf in zip(outer, leaves, strict=True)
    )


def test_the_step_sizes_of_steps_are_tensors_of_their_own():
    first, second = step_sizes_per_step(step_size_per_tensor(PARAMETERS, size=0.1), n_steps=2)
    first["w"].mul_(2)

    assert second["w"].item() == pytest.approx(0.1)


def test_a_shared_step_size_is_one_in_each_step():
    first, second = step_sizes_per_step(share_step_size(PARAMETERS, size=0.1), n_steps=2)

    assert first["w"] is first["b"]
    assert first["w"] is not second["w"]


def test_there_is_at_least_one_step():
    with pytest.raises(ValueError, match="n_steps: expected at least 1, got 0"):
        step_sizes_per_step({}, n_steps=0)
