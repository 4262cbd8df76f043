import dataclasses
from collections.abc import Callable

import torch

from daml.learners.config import MethodName
from daml.learners.learner import Learner
from daml.learners.paper import STEP_SIZE, PaperPrior, TemporalConvolution
from daml.learners.prior import Prior
from daml.policies.tensor_trees import map_tensors


def test_its_convolution_is_torchs():
    torch.manual_seed(0)
    convolution, values = TemporalConvolution(5), torch.randn(16, 5)
    kernel = convolution.linear.weight.unflatten(1, (10, 5)).transpose(1, 2)  # (filters, inputs, 10)
    padded = torch.nn.functional.pad(values.T, (4, 5))

    expected = torch.nn.functional.conv1d(padded[None], kernel, convolution.linear.bias)[0].T

    torch.testing.assert_close(convolution(values), expected)


def test_the_papers_settings_hold_whatever_is_asked_for(make_learner: Callable[[MethodName], Learner]):
    config = dataclasses.replace(make_learner("daml-paper").config, initial_step_size=3.0, learned_step_sizes=True)
    prior = PaperPrior(config)

    assert {size.item() for size in prior.step_sizes().values()} == {torch.tensor(STEP_SIZE).item()}
    assert not any(size.requires_grad for size in prior.step_sizes().values())
    assert not prior.config.policy.first_frame
    assert isinstance(prior, Prior)


def test_the_first_frame_does_not_matter(make_learner: Callable[[MethodName], Learner]):
    prior = make_learner("daml-paper")
    now, first, other = (prior.policy.see(torch.rand(n, 3, 16, 16)) for n in (4, 2, 2))
    robot = map_tensors(torch.randn_like, prior.policy.sense(torch.zeros(4, 9), now, first))

    outputs = [prior.policy.head(now, images, robot) for images in (first, other)]

    torch.testing.assert_close(*outputs, atol=0, rtol=0)


def test_a_step_moves_what_points_and_the_last_layer_depend_on(make_learner: Callable[[MethodName], Learner]):
    prior = make_learner("daml-paper")
    video = prior.policy.see(torch.rand(6, 3, 16, 16))

    adapted, initial = prior.condition([video]), prior.initial_parameters()

    moved = {name.split(".")[0] for name, value in adapted.items() if not torch.equal(value, initial[name])}
    assert moved == {"feature_points", "bias", "hidden"}
