import pytest
import torch

from daml.policies.robot.normalizer import Normalizer


@pytest.fixture
def samples() -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(500, 4, generator=generator) * torch.tensor([0.1, 2.0, 30.0, 1.0]) + torch.arange(4.0)


def test_fitted_samples_have_zero_mean_and_unit_deviation(samples: torch.Tensor):
    normalizer = Normalizer(4)
    normalizer.fit(samples)

    normalized = normalizer.normalize(samples)

    torch.testing.assert_close(normalized.mean(0), torch.zeros(4), atol=1e-4, rtol=0)
    torch.testing.assert_close(normalized.std(0), torch.ones(4), atol=1e-4, rtol=0)


def test_leading_components_are_normalized_by_themselves(samples: torch.Tensor):
    normalizer = Normalizer(4)
    normalizer.fit(samples)

    torch.testing.assert_close(normalizer.normalize(samples[:, :3]), normalizer.normalize(samples)[:, :3])


def test_a_constant_component_is_only_centred():
    normalizer = Normalizer(2)
    normalizer.fit(torch.full((10, 2), 5.0))

    assert normalizer.normalize(torch.tensor([5.0, 5.001])).abs().max() < 1.1


def test_statistics_are_saved_with_the_weights(samples: torch.Tensor):
    normalizer, other = Normalizer(4), Normalizer(4)
    normalizer.fit(samples)
    other.load_state_dict(normalizer.state_dict())

    torch.testing.assert_close(other.normalize(samples), normalizer.normalize(samples))


@pytest.mark.parametrize("samples", [torch.zeros(1, 4), torch.zeros(9, 3), torch.full((9, 4), torch.nan)])
def test_unusable_samples_are_refused(samples: torch.Tensor):
    with pytest.raises(ValueError, match="samples: expected"):
        Normalizer(4).fit(samples)
