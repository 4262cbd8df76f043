import pytest
import torch

from daml.policies.baselines.attentive import AttentionLayer, AttentiveHead
from daml.policies.head import PolicyConfig
from daml.policies.tensor_trees import index_tensors
from daml.policies.vision.feature_map import N_LOCATORS
from daml.policies.vision.seen_image import SeenImage

CONFIG = PolicyConfig(channels=(8, 8, 8, 8), n_points=3, hidden_size=16, readout_size=8, context_size=12)


@pytest.fixture
def head() -> AttentiveHead:
    torch.manual_seed(0)
    return AttentiveHead(8, CONFIG, n_frames=6)


@pytest.fixture
def layer() -> AttentionLayer:
    torch.manual_seed(0)
    return AttentionLayer(12)


def draw_images(n: int) -> SeenImage:
    return SeenImage.of_maps(torch.randn(n, 8 + N_LOCATORS, 4, 4))


def test_attention_is_torchs(layer: AttentionLayer):
    torchs = torch.nn.MultiheadAttention(12, 4)
    with torch.no_grad():
        torchs.in_proj_weight.copy_(torch.cat([layer.query.weight, layer.key.weight, layer.value.weight]))
        torchs.in_proj_bias.copy_(torch.cat([layer.query.bias, torch.zeros(12), layer.value.bias]))
        torchs.out_proj.load_state_dict(layer.joined.state_dict())
        layer.hidden[-1].weight.zero_()
        layer.hidden[-1].bias.zero_()
    asking, asked = torch.randn(5, 12), torch.randn(7, 12)
    looked_at = layer.norm_asked(asked)

    expected, _ = torchs(layer.norm_asking(asking), looked_at, looked_at)

    torch.testing.assert_close(layer(asking, asked), asking + expected)


def test_each_token_asks_for_itself_and_the_order_of_those_asked_does_not_matter(layer: AttentionLayer):
    asking, asked = torch.randn(5, 12), torch.randn(7, 12)
    answers = layer(asking, asked)

    torch.testing.assert_close(layer(asking[2:3], asked), answers[2:3])
    torch.testing.assert_close(layer(asking, asked.flip(0)), answers)


def test_a_size_that_the_heads_cannot_share_is_refused():
    with pytest.raises(ValueError, match="context_size: expected a multiple of 4, the attention heads, got 10"):
        AttentionLayer(10)


def test_the_video_is_read_into_a_token_for_each_point_of_each_frame(head: AttentiveHead):
    read = head.read(draw_images(6))

    assert {name: value.shape for name, value in read.items()} == {"tokens": (18, 12)}
    assert read["tokens"].shape == head.tokens.shape


def test_the_order_of_frames_matters(head: AttentiveHead):
    now, first, video = draw_images(1), draw_images(1), draw_images(6)
    recalled: list[torch.Tensor] = []
    for frames in (video, index_tensors(video, [0, 5, 4, 3, 2, 1])):
        torch.nn.init.normal_(head.tokens, generator=torch.Generator().manual_seed(0))
        with torch.no_grad():
            head.tokens.copy_(head.read(frames)["tokens"])
        recalled.append(head.recall(now, first))

    assert not torch.allclose(*recalled)


def test_what_is_recalled_depends_on_what_is_seen(head: AttentiveHead):
    now, first = draw_images(4), draw_images(1)

    recalled = head.recall(now, first)

    assert recalled.shape == (4, 12)
    assert not torch.allclose(recalled[0], recalled[1])
    torch.testing.assert_close(head.recall(index_tensors(now, slice(1, 2)), first), recalled[1:2])
