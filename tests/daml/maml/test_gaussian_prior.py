import pytest
import torch

from daml.maml import GaussianPrior, LogSpace, Parameters, share_step_size, take_inner_steps

CURVATURE = torch.tensor([1.0, 2.0, 5.0], dtype=torch.float64)
GOAL = torch.tensor([4.0, -1.0, 2.0], dtype=torch.float64)


def loss(parameters: Parameters) -> torch.Tensor:
    return 0.5 * (CURVATURE * (parameters["x"] - GOAL).square()).sum()


def start() -> dict[str, torch.Tensor]:
    return {"x": torch.tensor([1.0, -2.0, 3.0], dtype=torch.float64, requires_grad=True)}


def descend(mean: Parameters, scale: object, *, n_steps: int) -> dict[str, torch.Tensor]:
    regularized = GaussianPrior(scale=scale)(loss, mean)  # pyright: ignore[reportArgumentType] - any of its forms
    return take_inner_steps(mean, regularized, step_sizes=share_step_size(mean, size=0.1), n_steps=n_steps)


@pytest.mark.parametrize("scale", [0.7, torch.tensor([0.5, 1.0, 2.0], dtype=torch.float64)])
def test_many_steps_reach_the_most_probable_parameters(scale: float | torch.Tensor):
    mean = start()
    precision = torch.as_tensor(scale, dtype=torch.float64) ** -2

    adapted = descend(mean, scale, n_steps=300)

    torch.testing.assert_close(adapted["x"], (CURVATURE * GOAL + precision * mean["x"]) / (CURVATURE + precision))


def test_at_the_most_probable_parameters_the_outer_gradient_is_the_implicit_one():
    mean, scale = start(), 0.7
    adapted = descend(mean, scale, n_steps=300)

    (outer,) = torch.autograd.grad(adapted["x"].pow(3).sum(), mean["x"])

    torch.testing.assert_close(outer, 3 * adapted["x"].detach().square() / (1 + scale**2 * CURVATURE))  # iMAML, eq. 6


def test_the_first_step_is_not_held_back():
    mean = start()

    torch.testing.assert_close(
        descend(mean, 0.5, n_steps=1), take_inner_steps(mean, loss, step_sizes=share_step_size(mean, size=0.1))
    )


def test_a_narrower_prior_keeps_parameters_nearer():
    mean = start()
    distances = [
        torch.linalg.vector_norm(descend(mean, scale, n_steps=50)["x"] - mean["x"]).item() for scale in (0.4, 1.0, 1e6)
    ]

    assert distances == sorted(distances)
    assert distances[-1] == pytest.approx(
        torch.linalg.vector_norm(
            take_inner_steps(mean, loss, step_sizes=share_step_size(mean, size=0.1), n_steps=50)["x"] - mean["x"]
        ).item()
    )


def test_a_parameter_without_scale_is_free_and_one_that_does_not_adapt_costs_nothing():
    mean = {"x": torch.tensor(1.0), "y": torch.tensor(2.0), "fixed": torch.tensor(3.0)}
    regularized = GaussianPrior(scale={"x": torch.tensor(2.0)})(lambda p: p["fixed"], mean)

    moved = regularized({"x": torch.tensor(5.0), "y": torch.tensor(9.0), "fixed": mean["fixed"]})

    assert moved.item() == pytest.approx(3 + 4**2 / (2 * 2**2))
    assert regularized(mean).item() == 3


def test_a_learned_scale_gets_its_outer_gradient_and_one_per_task_works_under_vmap():
    log_space = LogSpace({"x": torch.tensor(0.7, dtype=torch.float64)})
    goals = torch.stack([GOAL, -GOAL])

    def adapt_to(goal: torch.Tensor) -> torch.Tensor:
        mean = start()
        regularized = GaussianPrior(scale=log_space())(lambda p: (p["x"] - goal).square().sum(), mean)
        return take_inner_steps(mean, regularized, step_sizes=share_step_size(mean, size=0.1), n_steps=3)["x"]

    (outer,) = torch.autograd.grad((torch.func.vmap(adapt_to)(goals) - goals).square().sum(), log_space.parameters())

    assert outer.item() < 0  # a wider prior lets both come nearer to their goals


def test_the_prior_of_a_step_size_is_the_one_whose_most_probable_parameters_one_step_reaches():
    mean, size = start(), torch.tensor([0.3, 0.0, -0.2], dtype=torch.float64)
    slope = torch.tensor([5.0, -1.0, 2.0], dtype=torch.float64)
    prior = GaussianPrior.of_step_sizes({"x": size})

    def linear(parameters: Parameters) -> torch.Tensor:
        return (slope * parameters["x"]).sum()

    adapted = take_inner_steps(mean, prior(linear, mean), step_sizes={"x": 0.5 * size}, n_steps=100)

    torch.testing.assert_close(adapted["x"], mean["x"] - size * slope)
    with pytest.raises(ValueError, match="ratio: expected a positive number, got 0"):
        GaussianPrior.of_step_sizes({"x": size}, ratio=0)


def test_on_a_curved_loss_the_gradient_is_taken_where_the_steps_end():
    mean, size = start(), {"x": torch.tensor(0.3, dtype=torch.float64)}
    regularized = GaussianPrior.of_step_sizes(size)(loss, mean)

    adapted = take_inner_steps(mean, regularized, step_sizes={"x": 0.3 * size["x"]}, n_steps=300)

    torch.testing.assert_close(adapted["x"], mean["x"] - size["x"] * torch.func.grad(loss)(adapted)["x"])


@pytest.mark.parametrize("size", [0.5, -0.5])
def test_many_steps_of_either_sign_go_no_further_than_one(size: float):
    mean, sizes = {"x": torch.tensor(0.0)}, {"x": torch.tensor(size)}
    regularized = GaussianPrior.of_step_sizes(sizes)(lambda p: p["x"], mean)

    adapted = take_inner_steps(mean, regularized, step_sizes=sizes, n_steps=8)

    assert adapted["x"].item() == -size


def test_complex_parameters_are_held_by_their_distance():
    mean = {"z": torch.tensor(1 + 1j)}

    penalty = GaussianPrior(scale=2.0)(lambda p: 0 * p["z"].abs(), mean)({"z": torch.tensor(4 + 5j)})

    assert penalty.item() == pytest.approx((3**2 + 4**2) / (2 * 2**2))


@pytest.mark.parametrize("scale", [0.0, -1.0])
def test_a_scale_is_positive(scale: float):
    with pytest.raises(ValueError, match="scale: expected a positive standard deviation"):
        GaussianPrior(scale=scale)


def test_a_scale_of_no_parameter_is_refused():
    with pytest.raises(ValueError, match=r"scale: \['z'\] name no parameter"):
        GaussianPrior(scale={"z": torch.tensor(1.0)})(loss, start())
