import pytest
import torch

from daml.policies.baselines.contextual import ContextualHead
from daml.policies.head import PolicyConfig
from daml.policies.tensor_trees import concatenate, index_tensors
from daml.policies.vision.feature_map import N_LOCATORS
from daml.policies.vision.seen_image import SeenImage

CONFIG = PolicyConfig(channels=(8, 8, 8, 8), n_points=3, hidden_size=16, readout_size=8, context_size=12)


@pytest.fixture
def head() -> ContextualHead:
    torch.manual_seed(0)
    return ContextualHead(8, CONFIG)


def draw_images(n: int) -> SeenImage:
    return SeenImage.of_maps(torch.randn(n, 8 + N_LOCATORS, 4, 4))


def test_the_video_is_read_into_the_bias_alone(head: ContextualHead):
    read = head.read(draw_images(6))

    assert {name: value.shape for name, value in read.items()} == {"bias": (12,)}
    assert not torch.isclose(read["bias"], head.bias).any()


def test_every_frame_counts_and_so_does_their_order(head: ContextualHead):
    video = draw_images(6)
    context = head.read(video)["bias"]

    for frame in range(6):
        before, after = index_tensors(video, slice(frame)), index_tensors(video, slice(frame + 1, None))
        changed = concatenate([before, draw_images(1), after])
        assert not torch.allclose(head.read(changed)["bias"], context)
    backwards = index_tensors(video, [0, 5, 4, 3, 2, 1])
    assert not torch.allclose(head.read(backwards)["bias"], context)


def test_the_context_is_the_same_whatever_the_policy_sees(head: ContextualHead):
    now, first = draw_images(4), draw_images(2)

    assert torch.equal(head.recall(now, first), head.bias.expand(4, -1))
