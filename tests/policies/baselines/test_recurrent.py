import pytest
import torch

from daml.policies.baselines.point_readings import read_points
from daml.policies.baselines.recurrent import RecurrentHead
from daml.policies.head import PolicyConfig
from daml.policies.tensor_trees import index_tensors
from daml.policies.vision.feature_map import N_LOCATORS
from daml.policies.vision.seen_image import SeenImage

CONFIG = PolicyConfig(channels=(8, 8, 8, 8), n_points=3, hidden_size=16, readout_size=8, context_size=12)


@pytest.fixture
def head() -> RecurrentHead:
    torch.manual_seed(0)
    head = RecurrentHead(8, CONFIG)
    with torch.no_grad():
        head.state.normal_()
        head.bias.normal_()
    return head


def draw_images(n: int) -> SeenImage:
    return SeenImage.of_maps(torch.randn(n, 8 + N_LOCATORS, 4, 4))


def lstm_of(head: RecurrentHead) -> torch.nn.LSTM:
    """Return torch's LSTM with the head's weights."""
    n_inputs = head.gates.in_features - 12
    lstm = torch.nn.LSTM(n_inputs, 12)
    with torch.no_grad():
        lstm.weight_ih_l0.copy_(head.gates.weight[:, :n_inputs])
        lstm.weight_hh_l0.copy_(head.gates.weight[:, n_inputs:])
        lstm.bias_ih_l0.copy_(head.gates.bias)
        lstm.bias_hh_l0.zero_()
        lstm.bias_hh_l0[12:24] = 1.0  # forgets
    return lstm


def test_it_watches_a_video_as_torchs_lstm_does(head: RecurrentHead):
    video = draw_images(6)
    seen = read_points(head.feature_points, video, index_tensors(video, slice(1))).by_frame()
    output, cell = head.state

    _, (last_output, last_cell) = lstm_of(head)(seen, (output[None], cell[None]))

    state = head.read(video)["state"]
    torch.testing.assert_close(state, torch.cat([last_output, last_cell]))


def test_acting_on_a_frame_goes_on_from_the_videos_end(head: RecurrentHead):
    now, first = draw_images(4), draw_images(2)
    seen = read_points(head.feature_points, now, first).by_frame()
    start = tuple(value.expand(1, 4, -1).contiguous() for value in head.state)

    output, _ = lstm_of(head)(seen[None], start)

    torch.testing.assert_close(head.recall(now, first), head.bias + output[0])


def test_the_video_is_read_into_the_state_alone(head: RecurrentHead):
    video = draw_images(6)

    assert head.read(video).keys() == {"state"}
    assert not torch.allclose(head.read(video)["state"], head.read(draw_images(6))["state"])
