import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from daml.maml import clip_elements, clip_norm

numbers = st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=6)
limits = st.floats(1e-3, 1e3)


def norm(gradients: dict[str, torch.Tensor]) -> float:
    return torch.cat([value.flatten() for value in gradients.values()]).norm().item()


@given(numbers, limits)
def test_no_element_exceeds_its_limit_and_smaller_ones_stay(values: list[float], limit: float):
    gradients = {"x": torch.tensor(values, dtype=torch.float64)}

    clipped = clip_elements(limit)(gradients)["x"]

    assert clipped.abs().max() <= limit
    small = gradients["x"].abs() <= limit
    assert torch.equal(clipped[small], gradients["x"][small])


@given(numbers, limits)
def test_the_norm_over_all_tensors_is_limited_and_the_direction_kept(values: list[float], limit: float):
    gradients = {name: torch.tensor(value, dtype=torch.float64) for name, value in enumerate_names(values)}

    clipped = clip_norm(limit)(gradients)

    assert norm(clipped) == pytest.approx(min(norm(gradients), limit), rel=1e-4, abs=1e-9)
    scale = norm(clipped) / norm(gradients) if norm(gradients) else 1.0
    for name, value in gradients.items():
        torch.testing.assert_close(clipped[name], scale * value, rtol=1e-6, atol=1e-12)


def enumerate_names(values: list[float]) -> list[tuple[str, float]]:
    return [(f"w{i}", value) for i, value in enumerate(values)]


def test_the_norm_clip_can_be_differentiated_at_zero():
    x = torch.zeros(3, requires_grad=True)

    (outer,) = torch.autograd.grad(clip_norm(1.0)({"x": x})["x"].sum(), x)

    assert torch.isfinite(outer).all()


def test_under_vmap_each_task_has_its_own_norm():
    gradients = torch.tensor([[3.0, 4.0], [0.3, 0.4]])

    clipped = torch.func.vmap(lambda g: clip_norm(1.0)({"x": g})["x"])(gradients)

    torch.testing.assert_close(clipped, torch.tensor([[0.6, 0.8], [0.3, 0.4]]))


def test_nothing_to_clip_is_no_error():
    assert clip_norm(1.0)({}) == clip_elements(1.0)({}) == {}


@pytest.mark.parametrize("create", [clip_elements, clip_norm])
@pytest.mark.parametrize("limit", [0.0, -1.0, float("nan")])
def test_a_limit_is_positive(create: object, limit: float):
    assert callable(create)
    with pytest.raises(ValueError, match="clip: expected a positive number, got"):
        create(limit)
