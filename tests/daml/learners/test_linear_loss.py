from collections.abc import Callable

import torch

from daml.learners.config import MethodName
from daml.learners.learner import Learner
from daml.learners.linear_loss import LinearLoss
from daml.policies.head import PolicyConfig
from daml.policies.tensor_trees import index_tensors
from daml.policies.vision.feature_map import N_LOCATORS
from daml.policies.vision.seen_image import SeenImage
from daml.policies.visuomotor import VisuomotorPolicy

POLICY = PolicyConfig(channels=(8, 8, 8, 8), n_points=3, bias_size=5, hidden_size=16, readout_size=8)


def test_it_is_the_squared_norm_of_a_linear_map_of_the_last_layer():
    torch.manual_seed(0)
    loss, policy = LinearLoss(POLICY), VisuomotorPolicy(POLICY)
    video = SeenImage.of_maps(torch.randn(7, 8 + N_LOCATORS, 4, 4))
    output = policy.head(video, index_tensors(video, slice(1)), policy.sense_nobody(7))

    norms = [(loss.output.weight @ hidden + loss.output.bias).norm() ** 2 for hidden in output.hidden]

    torch.testing.assert_close(loss(output), torch.stack(norms).mean())


def test_a_step_moves_what_the_last_layer_depends_on_alone(make_learner: Callable[[MethodName], Learner]):
    learner = make_learner("daml-linear")
    video = learner.policy.see(torch.rand(6, 3, 16, 16))

    adapted, initial = learner.condition([video]), learner.initial_parameters()

    moved = {name.split(".")[0] for name, value in adapted.items() if not torch.equal(value, initial[name])}
    assert moved == {"feature_points", "bias", "hidden"}
