from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch

from daml import meta_objective as module
from daml.augmentation import float_images
from daml.batch import BatchConfig, MetaBatch, sample_batch
from daml.behavior_cloning import BehaviorCloningConfig, BehaviorCloningLosses, behavior_cloning_losses
from daml.learner import call_head
from daml.meta_objective import meta_objective
from daml.prior import Prior
from demos import DemoDataset
from policies.visuomotor import HeadOutput

CONFIG = BehaviorCloningConfig()


@pytest.fixture
def batch(dataset: DemoDataset) -> MetaBatch:
    return sample_batch(
        dataset.tasks("train"), BatchConfig(n_tasks=3, human_frames=6, robot_clips=2, robot_frames=4), seed=0, step=0
    )


def test_it_is_the_mean_over_a_plain_loop_over_tasks(prior: Prior, batch: MetaBatch):
    losses: list[torch.Tensor] = []
    normalize = prior.policy.normalizer.normalize
    for human, first, robot, states, actions, positions in zip(*batch, strict=True):
        adapted = prior.condition([prior.policy.trunk(float_images(human))])
        now, begin = (prior.policy.trunk(float_images(images)) for images in (robot, first))
        sensed = prior.policy.sense(states, now, begin)
        output = call_head(prior.policy.head, adapted, now=now, first=begin, state=sensed)
        goals = normalize(positions.reshape(-1, 2, 3)).flatten(1)
        losses.append(behavior_cloning_losses(output, actions, goals=goals, config=CONFIG).total)

    torch.testing.assert_close(meta_objective(prior, batch, config=CONFIG).loss, torch.stack(losses).mean())


def test_every_parameter_that_should_learn_gets_a_gradient(prior: Prior, batch: MetaBatch):
    with torch.no_grad():
        prior.temporal_loss.gate.weight.normal_()  # at zero, where it starts, nothing behind it learns
        prior.policy.trunk.surroundings[-1].weight.normal_()  # likewise
    meta_objective(prior, batch, config=CONFIG).loss.backward()

    untouched = {name for name, value in prior.named_parameters() if value.grad is None or not value.grad.any()}
    assert untouched == set()


def test_the_gates_begin_to_learn_although_they_start_at_zero(prior: Prior, batch: MetaBatch):
    meta_objective(prior, batch, config=CONFIG).loss.backward()

    assert prior.temporal_loss.gate.weight.grad is not None
    assert prior.temporal_loss.gate.weight.grad.any()


def test_without_a_graph_of_the_trunk_all_but_the_trunk_learns_the_same(prior: Prior, batch: MetaBatch):
    meta_objective(prior, batch, config=CONFIG).loss.backward()
    wanted = {name: value.grad for name, value in prior.named_parameters()}
    prior.zero_grad()

    objective = meta_objective(prior, batch, config=CONFIG, trunk_context=torch.no_grad)
    objective.loss.backward()

    for name, value in prior.named_parameters():
        if name.startswith("policy.trunk."):
            assert value.grad is None
        else:
            torch.testing.assert_close(value.grad, wanted[name])


def test_the_trunk_alone_runs_in_its_context(prior: Prior, batch: MetaBatch):
    inside: list[bool] = []
    open_contexts: list[None] = []

    @contextmanager
    def context() -> Iterator[None]:
        open_contexts.append(None)
        yield
        open_contexts.pop()

    prior.policy.trunk.register_forward_hook(lambda *_: inside.append(bool(open_contexts)))
    prior.policy.head.register_forward_hook(lambda *_: inside.append(bool(open_contexts)))
    meta_objective(prior, batch, config=CONFIG, trunk_context=context)

    assert inside[0]
    assert len(inside) > 1
    assert not any(inside[1:])


def test_actions_and_goals_never_affect_what_the_adapted_policy_does(
    prior: Prior, batch: MetaBatch, monkeypatch: pytest.MonkeyPatch
):
    outputs: list[HeadOutput] = []

    def keep(output: HeadOutput, *args: torch.Tensor, **kwargs: object) -> BehaviorCloningLosses:
        outputs.append(output)
        return behavior_cloning_losses(output, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "behavior_cloning_losses", keep)
    other = batch._replace(actions=-batch.actions, goals=batch.goals + 1)
    losses = [meta_objective(prior, which, config=CONFIG).loss for which in (batch, other)]

    (after, before), (after_other, before_other) = outputs[:2], outputs[2:]
    assert all(torch.equal(a, b) for a, b in zip(after, after_other, strict=True))
    assert all(torch.equal(a, b) for a, b in zip(before, before_other, strict=True))
    assert not torch.isclose(*losses)


def test_tasks_do_not_see_each_other(prior: Prior, batch: MetaBatch):
    alone = [meta_objective(prior, MetaBatch(*(v[i : i + 1] for v in batch)), config=CONFIG).loss for i in range(3)]

    torch.testing.assert_close(torch.stack(alone).mean(), meta_objective(prior, batch, config=CONFIG).loss)


def test_without_a_step_after_is_before(prior: Prior, batch: MetaBatch):
    with torch.no_grad():
        for size in prior.step_sizes().values():
            size.zero_()
    metrics = meta_objective(prior, batch, config=CONFIG).metrics

    torch.testing.assert_close(metrics["loss"], metrics["loss_before"])
    torch.testing.assert_close(metrics["goal_error_m"], metrics["goal_error_before_m"])


def test_the_goal_error_is_the_distance_at_the_first_key_moment(prior: Prior, batch: MetaBatch):
    with torch.no_grad():
        for name, value in prior.policy.head.named_parameters():
            if name.startswith("goals"):
                value.zero_()
        prior.policy.head.goals[-1].bias.copy_(torch.tensor([1.0, -2.0, 0.5, 9.0, 9.0, 9.0]))
    prior.policy.normalizer.mean[:3] = torch.tensor([0.3, 0.1, 0.2])
    prior.policy.normalizer.scale[:3] = torch.tensor([0.5, 2.0, 1.0])
    predicted = torch.tensor([0.3 + 0.5, 0.1 - 4.0, 0.2 + 0.5])

    metrics = meta_objective(prior, batch, config=CONFIG).metrics

    expected = (predicted - batch.goals[..., :3]).norm(dim=-1).mean()
    torch.testing.assert_close(metrics["goal_error_before_m"], expected)


def test_metrics_carry_no_graph(prior: Prior, batch: MetaBatch):
    assert not any(value.requires_grad for value in meta_objective(prior, batch, config=CONFIG).metrics.values())


def test_without_comparison_only_the_figures_before_adaptation_are_missing(prior: Prior, batch: MetaBatch):
    whole = meta_objective(prior, batch, config=CONFIG).metrics

    alone = meta_objective(prior, batch, config=CONFIG, compares=False).metrics

    assert set(whole) - set(alone) == {"loss_before", "goal_error_before_m"}
    assert all(torch.equal(value, whole[name]) for name, value in alone.items())
