import math

import pytest
import torch

from daml.maml import LogSpace, share_step_size, take_inner_steps

VALUES = {"layer.weight": torch.tensor([0.1, 2.0]), "bias": torch.tensor(1e-3)}


def test_the_values_come_back():
    torch.testing.assert_close(LogSpace(VALUES)(), VALUES)


def test_values_stay_positive_wherever_an_optimiser_takes_them():
    log_space = LogSpace(VALUES)
    optimizer = torch.optim.SGD(log_space.parameters(), lr=10.0)

    for _ in range(3):
        optimizer.zero_grad()
        torch.autograd.backward(sum((value.sum() for value in log_space().values()), torch.tensor(0.0)))
        optimizer.step()

    assert all(bool((value > 0).all()) for value in log_space().values())
    assert log_space()["bias"] < VALUES["bias"]


def test_learned_step_sizes_get_their_outer_gradient_through_the_logarithm():
    x = torch.tensor(1.0, dtype=torch.float64)
    log_space = LogSpace({"x": torch.tensor(0.1, dtype=torch.float64)})

    adapted = take_inner_steps({"x": x}, lambda p: p["x"].square(), step_sizes=log_space())
    (outer,) = torch.autograd.grad(adapted["x"], list(log_space.parameters()))

    assert outer.item() == pytest.approx(-2 * 0.1)  # d(x - a 2x) / d log a = -2x a


def test_a_step_size_that_is_shared_is_learned_as_one():
    log_space = LogSpace(share_step_size({"a": torch.ones(2), "b": torch.ones(3)}, size=0.1))
    (logarithm,) = log_space.parameters()
    with torch.no_grad():
        logarithm.add_(1.0)

    assert log_space()["a"].item() == log_space()["b"].item() == pytest.approx(0.1 * math.e)


def test_a_saved_state_is_read_back():
    other = LogSpace({name: torch.ones_like(value) for name, value in VALUES.items()})
    other.load_state_dict(LogSpace(VALUES).state_dict())

    torch.testing.assert_close(other(), VALUES)


def test_names_of_every_sort_are_kept_apart():
    names = ("keys", "values", "type", "training", "_parameters", "", "a.b", "a/b", "a%2Eb", "weight 1", "größe", "0")
    values = {name: torch.tensor(1.0 + i) for i, name in enumerate(names)}
    log_space, other = LogSpace(values), LogSpace({name: torch.tensor(0.5) for name in names})

    other.load_state_dict(log_space.state_dict())

    assert len(list(log_space.parameters())) == len(names)
    torch.testing.assert_close(log_space(), values)
    torch.testing.assert_close(other(), values)


def test_values_are_those_of_a_functional_call_too():
    log_space, other = LogSpace(VALUES), LogSpace({name: 2 * value for name, value in VALUES.items()})

    values = torch.func.functional_call(log_space, dict(other.named_parameters()), ())

    torch.testing.assert_close(values, other())


@pytest.mark.parametrize("value", [0.0, -0.1, float("nan")])
def test_what_has_no_logarithm_is_refused(value: float):
    with pytest.raises(ValueError, match="x: expected positive values"):
        LogSpace({"x": torch.tensor([1.0, value])})
