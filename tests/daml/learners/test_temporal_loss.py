import pytest
import torch

from daml.learners.linear_loss import LinearLoss
from daml.learners.paper import ConvolutionalLoss
from daml.learners.temporal_loss import (
    AdaptationLoss,
    TemporalLoss,
    TemporalLossConfig,
    n_activations,
    stack_activations,
)
from daml.policies.head import HeadOutput, PolicyConfig
from daml.policies.tensor_trees import index_tensors, map_tensors, named_tensors
from daml.policies.vision.feature_map import N_LOCATORS
from daml.policies.vision.seen_image import SeenImage
from daml.policies.visuomotor import VisuomotorPolicy

POLICY = PolicyConfig(channels=(8, 8, 8, 8), n_points=3, bias_size=5, hidden_size=16, readout_size=8)

LOSSES = {
    "linear": lambda: LinearLoss(POLICY),
    "paper": lambda: ConvolutionalLoss(POLICY),
    "temporal": lambda: TemporalLoss(TemporalLossConfig(), POLICY),
}


def draw_output(n_frames: int) -> HeadOutput:
    policy, video = VisuomotorPolicy(POLICY), SeenImage.of_maps(torch.randn(n_frames, 8 + N_LOCATORS, 4, 4))
    return policy.head(video, index_tensors(video, slice(1)), policy.sense_nobody(n_frames), acts=False)


def change(output: HeadOutput, frame: int) -> HeadOutput:
    """Change every activation of one frame."""

    def add(value: torch.Tensor) -> torch.Tensor:
        value = value.clone()
        value[frame] += 1
        return value

    return map_tensors(add, output)


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
        assert not torch.isclose(loss(change(output, frame)), loss(output))


POLICY = PolicyConfig(channels=(8, 8, 8, 8), n_points=3, bias_size=5, hidden_size=16, readout_size=8)
CONFIG = TemporalLossConfig(n_outputs=3, gate_size=7)


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def create_loss(config: TemporalLossConfig = CONFIG, *, gated: bool) -> TemporalLoss:
    """Return a loss with scales of its own, whose gates tell instants apart or, as at first, do not."""
    loss = TemporalLoss(config, POLICY)
    with torch.no_grad():
        loss.scale.uniform_(0.5, 2.0)
        if gated:
            loss.gate.weight.normal_()
            loss.gate.bias.normal_()
    return loss


@pytest.mark.parametrize("kernel_size", [1, 3, 5])
def test_the_receptive_field_is_the_shortest_video(kernel_size: int):
    loss = create_loss(TemporalLossConfig(n_outputs=3, kernel_size=kernel_size), gated=True)

    assert loss.receptive_field == kernel_size
    assert loss(draw_output(kernel_size)).isfinite()


@pytest.mark.parametrize("gated", [True, False])
def test_every_frame_within_the_receptive_field_counts(gated: bool):  # noqa: FBT001 - a table
    loss, output = create_loss(gated=gated), draw_output(5)
    for frame in range(5):
        assert not torch.isclose(loss(change(output, frame)), loss(output))


def squares_and_gates(loss: TemporalLoss, output: HeadOutput) -> tuple[torch.Tensor, torch.Tensor]:
    """Compute, window by window, what the loss sums and how it weighs it: `(n_windows, n_outputs)` each."""
    size, n_windows = loss.kernel_size, len(output.hidden) - loss.kernel_size + 1
    activations = stack_activations(output)
    squares: list[torch.Tensor] = []
    scores: list[torch.Tensor] = []
    for start in range(n_windows):
        frames = range(start, start + size)
        seen = torch.cat([activations[frame] for frame in frames])
        squares.append((loss.output.weight @ seen + loss.output.bias) ** 2)
        observed = [torch.cat([output.effector[frame], output.effector_features[frame]]) for frame in frames]
        time = torch.tensor([2 * start / (n_windows - 1) - 1])
        hidden = loss.gate_hidden.weight @ torch.cat([*observed, time]) + loss.gate_hidden.bias
        scores.append(loss.gate.weight @ hidden.clamp(min=0) + loss.gate.bias)
    powers = torch.stack(scores).exp()
    return torch.stack(squares), powers / powers.sum(0)


def test_it_is_the_sum_over_windows_weighed_by_the_gates():
    loss, output = create_loss(gated=True), draw_output(12)
    squares, gates = squares_and_gates(loss, output)

    torch.testing.assert_close(loss(output), (loss.scale * gates * squares).sum())
    assert gates.std(0).min() > 0.01, "the gates differ between windows"


def test_with_zero_gate_weights_every_window_counts_alike():
    loss, output = create_loss(gated=False), draw_output(12)
    squares, _ = squares_and_gates(loss, output)

    torch.testing.assert_close(loss(output), (loss.scale * squares.mean(0)).sum())


def test_gates_do_not_see_what_the_head_computes():
    loss, output = create_loss(gated=True), draw_output(12)
    other = draw_output(12)._replace(effector=output.effector, effector_features=output.effector_features)

    assert torch.equal(squares_and_gates(loss, other)[1], squares_and_gates(loss, output)[1])
    assert not torch.isclose(loss(other), loss(output))
    torch.testing.assert_close(
        loss(other), (loss.scale * squares_and_gates(loss, output)[1] * squares_and_gates(loss, other)[0]).sum()
    )


def test_gates_see_what_the_hand_looks_like_and_no_activation_does():
    loss, output = create_loss(gated=True), draw_output(12)
    other = output._replace(effector_features=torch.randn(12, 8))

    assert torch.equal(stack_activations(other), stack_activations(output))
    assert not torch.isclose(loss(other), loss(output))


@pytest.mark.parametrize("gated", [True, False])
def test_with_positive_scales_it_is_never_negative(gated: bool):  # noqa: FBT001 - a table
    loss = create_loss(gated=gated)

    assert all(loss(draw_output(8)) >= 0 for _ in range(10))


def test_the_order_of_frames_matters():
    loss, output = create_loss(gated=False), draw_output(16)

    assert not torch.isclose(loss(output), loss(index_tensors(output, list(range(16))[::-1])))


@pytest.mark.parametrize("gated", [True, False])
def test_a_still_video_costs_the_same_at_any_length(gated: bool):  # noqa: FBT001 - a table
    loss, output = create_loss(gated=gated), draw_output(1)

    torch.testing.assert_close(loss(index_tensors(output, [0] * 5)), loss(index_tensors(output, [0] * 30)))


def test_activations_hold_every_output_of_the_policy_but_the_look_of_the_effector():
    output = draw_output(5)

    activations = stack_activations(output)

    assert activations.shape == (5, n_activations(POLICY))
    for name, value in named_tensors(output).items():
        assert torch.isin(value, activations).all() == (name not in ("effector_features", "responses"))


def test_what_patterns_respond_to_counts_where_it_is_read():
    output = draw_output(5)
    other = output._replace(responses=output.responses + 1)

    for reads in (True, False):
        loss = create_loss(TemporalLossConfig(n_outputs=3, gate_size=7, reads_responses=reads), gated=True)
        assert torch.isclose(loss(other), loss(output)) == (not reads)
