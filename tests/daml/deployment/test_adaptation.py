import copy
import dataclasses
from typing import Any

import numpy as np
import pytest
import torch

from daml.demos import HumanDemo, key_places, moving_span
from daml.deployment import adaptation
from daml.deployment.adaptation import adapt, unadapted
from daml.deployment.brightness import brighten, brightness_correction
from daml.learners.prior import Prior
from daml.maml import GaussianPrior, Gradient, first_order, second_order
from daml.policies.tensor_trees import index_tensors


@pytest.fixture
def frames() -> torch.Tensor:
    return torch.rand(6, 3, 16, 16, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def demos() -> list[HumanDemo]:
    """Three videos of different lengths and sizes."""
    rng = np.random.default_rng(1)
    shapes = ((7, 16, 16, 3), (12, 20, 24, 3), (30, 16, 16, 3))
    return [HumanDemo(rng.integers(0, 256, size=shape, dtype=np.uint8), 10.0) for shape in shapes]


def condition(prior: Prior, frames: torch.Tensor, gradient: Gradient = first_order) -> dict[str, torch.Tensor]:
    with torch.set_grad_enabled(gradient is second_order):
        return prior.condition([prior.policy.see(frames)], gradient=gradient)


def test_adapting_moves_every_parameter_that_can_move(prior: Prior, frames: torch.Tensor):
    adapted = condition(prior, frames)

    unmoved = {name for name, value in prior.initial_parameters().items() if torch.equal(value, adapted[name])}
    assert unmoved == set()


def test_adapting_leaves_the_prior_untouched(prior: Prior, human_demo: HumanDemo):
    before = copy.deepcopy(prior.state_dict())
    adapt(prior, human_demo)

    assert all(torch.equal(value, before[name]) for name, value in prior.state_dict().items())
    assert all(parameter.grad is None and parameter.requires_grad for parameter in prior.parameters())


def test_zero_step_sizes_or_zero_steps_change_nothing(prior: Prior, frames: torch.Tensor):
    videos = [prior.policy.see(frames)]
    no_steps = prior.condition(videos, n_steps=0)
    with torch.no_grad():
        for size in prior.step_sizes().values():
            size.zero_()
    no_size = prior.condition(videos)

    for name, value in prior.initial_parameters().items():
        assert torch.equal(no_steps[name], value)
        assert torch.equal(no_size[name], value)


def test_the_temporal_loss_gets_its_gradient_through_the_step_alone(prior: Prior, frames: torch.Tensor):
    adapted = condition(prior, frames, second_order)
    torch.stack([value.square().sum() for value in adapted.values()]).sum().backward()

    assert all(value.grad is not None for value in prior.temporal_loss.parameters())
    assert all(size.grad is not None for size in prior.step_sizes().values())


def test_without_a_graph_nothing_can_be_differentiated(prior: Prior, frames: torch.Tensor):
    adapted = condition(prior, frames)

    assert not any(value.requires_grad for value in adapted.values())


def test_adapting_is_deterministic_and_depends_on_the_video(prior: Prior, frames: torch.Tensor):
    first, second = (condition(prior, frames) for _ in range(2))
    other = condition(prior, frames.flip(0))

    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not torch.equal(first["bias"], other["bias"])


def test_a_step_descends_the_loss_of_a_robot_that_is_not_there_and_only_watches(prior: Prior, frames: torch.Tensor):
    video = prior.policy.see(frames)
    nobody = prior.policy.sense_nobody(len(frames))
    loss = prior.temporal_loss(prior.policy.head(video, index_tensors(video, slice(1)), nobody, acts=False))
    initial = prior.initial_parameters()
    gradients = torch.autograd.grad(loss, list(initial.values()))

    adapted = prior.condition([video], n_steps=1)

    for (name, value), gradient in zip(initial.items(), gradients, strict=True):
        clipped = gradient.clamp(-prior.config.gradient_clip, prior.config.gradient_clip)
        torch.testing.assert_close(adapted[name], value - prior.step_sizes()[name] * clipped)


def test_of_one_plain_view_adapt_conditions_the_prior_on_the_key_frames(
    prior: Prior, human_demo: HumanDemo, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(adaptation, "VIEWS", ((0.0, 0, 0),))
    resized = human_demo.resized(16, 16).frames
    chosen = np.rint(key_places(moving_span(resized), 6)).astype(int)
    frames = torch.tensor(resized[chosen]).permute(0, 3, 1, 2) / 255
    expected = condition(prior, frames)

    policy = adapt(prior, human_demo)

    for name, value in policy.parameters().items():
        torch.testing.assert_close(value, expected[name])


def test_several_looks_descend_their_mean_loss(prior: Prior, human_demo: HumanDemo, monkeypatch: pytest.MonkeyPatch):
    looks = ((0.0, 2, -1), (0.4, 0, 0))
    initial = prior.initial_parameters()
    steps: list[dict[str, torch.Tensor]] = []
    for views in (looks[:1], looks[1:], looks):
        monkeypatch.setattr(adaptation, "VIEWS", views)
        adapted = adapt(prior, human_demo).parameters()
        steps.append({name: value - initial[name] for name, value in adapted.items()})

    one, other, both = steps
    for name, step in both.items():
        torch.testing.assert_close(step, (one[name] + other[name]) / 2, atol=1e-5, rtol=1e-4)
    assert any(not torch.allclose(one[name], other[name], atol=1e-5) for name in one)


def test_still_ends_of_a_video_do_not_matter(prior: Prior):
    moving = np.random.default_rng(0).integers(0, 256, size=(12, 16, 16, 3), dtype=np.uint8)
    longer = np.concatenate([moving[:1].repeat(20, axis=0), moving, moving[-1:].repeat(20, axis=0)])

    adapted, with_ends = (adapt(prior, HumanDemo(frames, 10.0)).parameters() for frames in (moving, longer))

    for name, value in adapted.items():
        torch.testing.assert_close(with_ends[name], value)


def test_a_video_in_the_dark_is_brightened(prior: Prior, demos: list[HumanDemo]):
    dark = demos[0].frames // 4
    lit = brighten(dark, brightness_correction(dark[0]))
    in_the_dark, in_the_light = (adapt(prior, HumanDemo(frames, 10.0)).parameters() for frames in (dark, lit))

    assert dark.mean() < lit.mean()
    assert all(torch.equal(value, in_the_light[name]) for name, value in in_the_dark.items())


def test_copies_of_a_video_adapt_as_the_one_video_does(prior: Prior, human_demo: HumanDemo):
    alone, in_a_list, copies = (
        adapt(prior, demos).parameters() for demos in (human_demo, [human_demo], [human_demo] * 3)
    )

    for name, value in alone.items():
        assert torch.equal(in_a_list[name], value)
        torch.testing.assert_close(copies[name], value)


def test_the_loss_of_several_videos_is_the_mean_of_their_losses(prior: Prior, demos: list[HumanDemo]):
    together = adapt(prior, demos, inner_steps=1).parameters()
    alone = [adapt(prior, demo, inner_steps=1).parameters() for demo in demos]

    start = prior.initial_parameters()
    for name, value in together.items():
        steps = torch.stack([adapted[name] - start[name] for adapted in alone])
        torch.testing.assert_close(value - start[name], steps.mean(0), atol=1e-5, rtol=1e-3)
        assert (steps.abs() < prior.config.gradient_clip * prior.config.initial_step_size).all(), (
            "no gradient is clipped"
        )


def test_the_order_of_several_videos_does_not_matter(prior: Prior, demos: list[HumanDemo]):
    adapted, backwards = (adapt(prior, videos).parameters() for videos in (demos, demos[::-1]))

    for name, value in adapted.items():
        torch.testing.assert_close(backwards[name], value)


def test_a_regularizer_holds_several_steps_near_the_prior(prior: Prior, human_demo: HumanDemo):
    def distance(**options: Any) -> float:
        adapted = adapt(prior, human_demo, **options).parameters()
        return sum((adapted[name] - value).square().sum().item() for name, value in prior.initial_parameters().items())

    held = GaussianPrior.of_step_sizes(prior.step_sizes(), ratio=2.0)

    assert distance(inner_steps=1, regularizer=held) == pytest.approx(distance(inner_steps=1), rel=1e-4)
    assert 0 < distance(inner_steps=5, regularizer=held) < distance(inner_steps=5)


def test_a_prior_brings_its_own_regularizer(prior: Prior, human_demo: HumanDemo):
    own = Prior(dataclasses.replace(prior.config, inner_steps=3, inner_variance=2.0))
    own.load_state_dict(prior.state_dict())
    given = GaussianPrior.of_step_sizes(prior.step_sizes(), ratio=2.0)

    adapted = adapt(own, human_demo).parameters()

    torch.testing.assert_close(adapted, adapt(prior, human_demo, inner_steps=3, regularizer=given).parameters())
    assert not torch.allclose(adapted["bias"], adapt(prior, human_demo, inner_steps=3).parameters()["bias"])


def test_unadapted_has_the_initial_parameters(prior: Prior):
    policy = unadapted(prior)

    assert all(torch.equal(policy.parameters()[name], value) for name, value in prior.initial_parameters().items())


def test_no_steps_leave_a_policy_unadapted(prior: Prior, human_demo: HumanDemo):
    policy = adapt(prior, human_demo, inner_steps=0)

    assert all(torch.equal(policy.parameters()[name], value) for name, value in prior.initial_parameters().items())


def test_a_video_shorter_than_the_receptive_field_is_refused(prior: Prior, human_demo: HumanDemo):
    short = HumanDemo(np.zeros((2, 16, 16, 3), dtype=np.uint8), 10.0)

    for demos in (short, [human_demo, short]):
        with pytest.raises(ValueError, match="2 frames, but the temporal loss needs at least 3; record a longer video"):
            adapt(prior, demos)


def test_no_video_at_all_is_refused(prior: Prior):
    with pytest.raises(ValueError, match="expected at least one human video, got none"):
        adapt(prior, [])


def guided(demo: HumanDemo, hand: np.ndarray) -> HumanDemo:
    return HumanDemo(demo.frames, demo.frame_rate_hz, hand.astype(np.float32))


def test_a_known_hand_takes_the_place_of_the_one_that_the_trunk_finds(
    prior: Prior, human_demo: HumanDemo, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(HumanDemo, "acting_span", lambda demo: (1, len(demo) - 1))
    places = np.random.default_rng(1).uniform(-1, 1, (len(human_demo), 2))
    found, nowhere, there, elsewhere = (
        adapt(prior, demo).parameters()
        for demo in (
            human_demo,
            guided(human_demo, np.full_like(places, np.nan)),
            guided(human_demo, places),
            guided(human_demo, places[::-1]),
        )
    )
    assert all(torch.equal(value, nowhere[name]) for name, value in found.items())
    assert any(not torch.equal(value, found[name]) for name, value in there.items())
    assert any(not torch.equal(value, elsewhere[name]) for name, value in there.items())
