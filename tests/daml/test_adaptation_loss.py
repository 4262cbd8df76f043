"""Laws of every loss that an inner step descends."""

import pytest
import torch

from daml.adaptation_loss import AdaptationLoss
from daml.baselines.linear_loss import LinearLoss
from daml.baselines.paper import ConvolutionalLoss
from daml.temporal_loss import TemporalLoss, TemporalLossConfig
from policies.feature_map import N_LOCATORS
from policies.head import HeadOutput, PolicyConfig, VisuomotorHead
from policies.robot_state import SENSED_SIZE

POLICY = PolicyConfig(channels=(8, 8, 8, 8), n_points=3, bias_size=5, hidden_size=16, readout_size=8)

LOSSES = {
    "linear": lambda: LinearLoss(POLICY),
    "paper": lambda: ConvolutionalLoss(POLICY),
    "temporal": lambda: TemporalLoss(TemporalLossConfig(), POLICY),
}


def draw_output(n_frames: int) -> HeadOutput:
    head, maps = VisuomotorHead(8, POLICY), torch.randn(n_frames, 8 + N_LOCATORS, 4, 4)
    return head(maps, maps[:1], torch.zeros(n_frames, POLICY.state_size + SENSED_SIZE))


@pytest.fixture(params=LOSSES)
def loss(request: pytest.FixtureRequest) -> AdaptationLoss:
    torch.manual_seed(0)
    return LOSSES[request.param]()


def test_it_is_a_scalar_from_the_shortest_video_on(loss: AdaptationLoss):
    for n_frames in (loss.receptive_field, 16):
        value = loss(draw_output(n_frames))
        assert value.shape == ()
        assert value.isfinite()


def test_no_frame_is_overlooked(loss: AdaptationLoss):
    output = draw_output(16)
    for frame in range(16):
        changed = HeadOutput(*(value.clone() for value in output))
        for value in changed:
            value[frame] += 1
        assert not torch.isclose(loss(changed), loss(output))
