import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from daml.maml import Parameters, anneal_step_weights, share_step_size, trace_inner_steps, weigh_steps


def square(parameters: Parameters) -> torch.Tensor:
    return parameters["x"].square().sum()


@given(st.integers(1, 20), st.floats(0, 1))
def test_weights_sum_to_one_and_none_is_negative(n_steps: int, progress: float):
    weights = anneal_step_weights(n_steps, progress=progress)

    assert weights.sum().item() == pytest.approx(1, abs=1e-5)
    assert (weights >= 0).all()
    assert (weights[-1] >= weights - 1e-6).all()


def test_all_steps_count_alike_at_first_and_the_last_alone_at_the_end():
    torch.testing.assert_close(anneal_step_weights(4, progress=0), torch.full((4,), 0.25))
    assert torch.equal(anneal_step_weights(4, progress=1), torch.tensor([0.0, 0.0, 0.0, 1.0]))


def test_the_sum_is_that_of_the_losses_after_each_step():
    parameters = {"x": torch.tensor([1.0, 2.0], requires_grad=True)}
    adapted = trace_inner_steps(parameters, square, step_sizes=share_step_size(parameters, size=0.1), n_steps=3)[1:]
    weights = torch.tensor([0.2, 0.3, 0.5])

    weighed = weigh_steps(adapted, square, weights=weights)

    losses = torch.stack([square(values) for values in adapted])
    torch.testing.assert_close(weighed, weights @ losses)
    (outer,) = torch.autograd.grad(weighed, parameters["x"])
    torch.testing.assert_close(outer, 2 * parameters["x"].detach() * (weights @ 0.8 ** torch.tensor([2.0, 4.0, 6.0])))


def test_a_step_of_weight_zero_is_not_evaluated():
    seen: list[float] = []

    def loss(parameters: Parameters) -> torch.Tensor:
        seen.append(parameters["x"].item())
        return parameters["x"]

    weigh_steps([{"x": torch.tensor(1.0)}, {"x": torch.tensor(2.0)}], loss, weights=torch.tensor([0.0, 1.0]))

    assert seen == [2.0]


@pytest.mark.parametrize(
    ("n_steps", "progress", "message"), [(0, 0.5, "n_steps: expected at least 1"), (2, 1.5, r"progress: .* got 1.5")]
)
def test_impossible_schedules_are_refused(n_steps: int, progress: float, message: str):
    with pytest.raises(ValueError, match=message):
        anneal_step_weights(n_steps, progress=progress)


@pytest.mark.parametrize(("weights", "message"), [([1.0, 1.0], r"expected shape \(1,\)"), ([0.0], "got only zeros")])
def test_weights_that_do_not_fit_are_refused(weights: list[float], message: str):
    with pytest.raises(ValueError, match=message):
        weigh_steps([{"x": torch.tensor(1.0)}], square, weights=torch.tensor(weights))
