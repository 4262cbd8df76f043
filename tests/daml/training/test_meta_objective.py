from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch

from daml.batches.augmentation import stack_images
from daml.batches.batch import BatchConfig, MetaBatch, sample_batch
from daml.demos import DemoDataset
from daml.learners.learner import call_head
from daml.learners.prior import Prior
from daml.policies.goal import Goal
from daml.policies.robot.robot_state import RobotState
from daml.policies.tensor_trees import index_tensors, map_tensors
from daml.policies.vision.images import float_images
from daml.training import meta_objective as module
from daml.training.behavior_cloning import BehaviorCloningConfig, BehaviorCloningLosses, behavior_cloning_losses
from daml.training.meta_objective import add_meta_gradient, meta_objective

CONFIG = BehaviorCloningConfig()


@pytest.fixture
def batch(dataset: DemoDataset) -> MetaBatch:
    return sample_batch(
        dataset.tasks("train"), BatchConfig(n_tasks=3, human_frames=6, robot_clips=2, robot_frames=4), seed=0, step=0
    )


def test_it_is_the_mean_over_a_plain_loop_over_tasks(prior: Prior, batch: MetaBatch):
    losses: list[torch.Tensor] = []
    for number in range(batch.n_tasks):
        task = index_tensors(batch, number)
        adapted = prior.condition([prior.policy.see(float_images(task.human))])
        now, first = (prior.policy.see(float_images(images)) for images in (task.robot, task.robot_first))
        robot = prior.policy.sense(task.states, now, first)
        output = call_head(prior.policy.head, adapted, now=now, first=first, robot=robot)
        losses.append(
            behavior_cloning_losses(
                prior.policy.act(output, task.states),
                task.actions,
                goal=output.goal,
                true_goal=prior.policy.normalize_goal(task.goals),
                is_held=RobotState.unpack(task.states).holds_item(),
                config=CONFIG,
            ).total
        )

    torch.testing.assert_close(meta_objective(prior, batch, config=CONFIG).loss, torch.stack(losses).mean())


def test_every_parameter_that_should_learn_gets_a_gradient(prior: Prior, batch: MetaBatch):
    with torch.no_grad():
        prior.temporal_loss.gate.weight.normal_()  # at zero, where it starts, nothing behind it learns
        for last in (prior.policy.trunk.surroundings[-1], prior.policy.trunk.context[-1]):
            last.weight.normal_()  # likewise
    meta_objective(prior, batch, config=CONFIG).loss.backward()

    untouched = {name for name, value in prior.named_parameters() if value.grad is None or not value.grad.any()}
    assert untouched == {f"policy.tracker.{name}" for name, _ in prior.policy.tracker.named_parameters()}


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


def test_actions_and_true_goals_never_affect_what_the_adapted_policy_does(
    prior: Prior, batch: MetaBatch, monkeypatch: pytest.MonkeyPatch
):
    outputs: list[tuple[torch.Tensor, ...]] = []

    def keep(chosen: torch.Tensor, actions: torch.Tensor, *, goal: Goal, **kwargs: object) -> BehaviorCloningLosses:
        outputs.append((chosen, *goal))
        return behavior_cloning_losses(chosen, actions, goal=goal, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "behavior_cloning_losses", keep)
    other = batch._replace(actions=-batch.actions, goals=map_tensors(lambda value: value + 1, batch.goals))
    losses = [meta_objective(prior, which, config=CONFIG).loss for which in (batch, other)]

    (after, before), (after_other, before_other) = outputs[:2], outputs[2:]
    assert all(torch.equal(a, b) for a, b in zip(after, after_other, strict=True))
    assert all(torch.equal(a, b) for a, b in zip(before, before_other, strict=True))
    assert not torch.isclose(*losses)


def test_tasks_do_not_see_each_other(prior: Prior, batch: MetaBatch):
    alone = [meta_objective(prior, index_tensors(batch, slice(i, i + 1)), config=CONFIG).loss for i in range(3)]

    torch.testing.assert_close(torch.stack(alone).mean(), meta_objective(prior, batch, config=CONFIG).loss)


def test_without_a_step_after_is_before(prior: Prior, batch: MetaBatch):
    with torch.no_grad():
        for size in prior.step_sizes().values():
            size.zero_()
    metrics = meta_objective(prior, batch, config=CONFIG).metrics

    torch.testing.assert_close(metrics["loss"], metrics["loss_before"])
    torch.testing.assert_close(metrics["item_error_m"], metrics["item_error_before_m"])


def test_position_errors_are_distances_on_the_table(prior: Prior, batch: MetaBatch):
    prior.policy.normalizer.mean[:3] = torch.tensor([0.3, 0.1, 0.2])
    prior.policy.normalizer.scale[:3] = torch.tensor([0.5, 2.0, 1.0])
    images = float_images(batch.robot.flatten(0, 1)), float_images(batch.robot_first.flatten(0, 1))
    now, first = (prior.policy.see(frames) for frames in images)
    states = batch.states.flatten(0, 1)
    goal = prior.policy.unnormalize_goal(prior.policy.head(now, first, prior.policy.sense(states, now, first)).goal)

    metrics = meta_objective(prior, batch, config=CONFIG).metrics

    item_errors = (goal.item - batch.goals.item.flatten(0, 1)).norm(dim=1)
    is_free = ~RobotState.unpack(states).holds_item()[:, 0]
    torch.testing.assert_close(metrics["item_error_before_m"], item_errors[is_free].mean())
    destination_errors = (goal.destination - batch.goals.destination.flatten(0, 1)).norm(dim=1)
    torch.testing.assert_close(metrics["destination_error_before_m"], destination_errors.mean())


def test_metrics_carry_no_graph(prior: Prior, batch: MetaBatch):
    assert not any(value.requires_grad for value in meta_objective(prior, batch, config=CONFIG).metrics.values())


def test_without_comparison_only_the_figures_before_adaptation_are_missing(prior: Prior, batch: MetaBatch):
    whole = meta_objective(prior, batch, config=CONFIG).metrics

    alone = meta_objective(prior, batch, config=CONFIG, compares=False).metrics

    assert set(whole) - set(alone) == {"loss_before", "item_error_before_m", "destination_error_before_m"}
    assert all(torch.equal(value, whole[name]) for name, value in alone.items())


def test_a_batch_that_was_seen_already_is_judged_as_the_filmed_one(prior: Prior, batch: MetaBatch):
    seen = batch.as_seen(prior.policy.see(float_images(stack_images(batch))))

    torch.testing.assert_close(
        meta_objective(prior, seen, config=CONFIG).metrics, meta_objective(prior, batch, config=CONFIG).metrics
    )


@pytest.fixture
def whole_batch(dataset: DemoDataset) -> MetaBatch:
    return sample_batch(dataset.tasks("train"), BatchConfig(n_tasks=5, human_frames=6, robot_frames=4), seed=0, step=0)


@pytest.mark.parametrize("tasks_at_once", [1, 2, 5, 16])
def test_the_gradient_and_the_figures_are_those_of_the_whole_batch(
    prior: Prior, whole_batch: MetaBatch, tasks_at_once: int
):
    images = float_images(stack_images(whole_batch))
    whole = meta_objective(prior, whole_batch, images=images, config=BehaviorCloningConfig())
    expected = torch.autograd.grad(whole.loss, list(prior.parameters()), materialize_grads=True)

    figures = add_meta_gradient(
        prior, whole_batch, images=images, config=BehaviorCloningConfig(), tasks_at_once=tasks_at_once
    )

    torch.testing.assert_close(figures, whole.metrics, rtol=1e-4, atol=1e-5)
    for (name, parameter), gradient in zip(prior.named_parameters(), expected, strict=True):
        found = torch.zeros_like(gradient) if parameter.grad is None else parameter.grad
        torch.testing.assert_close(found, gradient, rtol=1e-4, atol=1e-5, msg=name)


def test_gradients_add_up(prior: Prior, whole_batch: MetaBatch):
    images = float_images(stack_images(whole_batch))
    add_meta_gradient(prior, whole_batch, images=images, config=BehaviorCloningConfig(), tasks_at_once=5)
    once = [parameter.grad.clone() for parameter in prior.parameters() if parameter.grad is not None]
    add_meta_gradient(prior, whole_batch, images=images, config=BehaviorCloningConfig(), tasks_at_once=5)
    twice = [parameter.grad for parameter in prior.parameters() if parameter.grad is not None]

    torch.testing.assert_close(twice, [2 * gradient for gradient in once])


def test_no_task_at_a_time_is_refused(prior: Prior, whole_batch: MetaBatch):
    with pytest.raises(ValueError, match="tasks_at_once: expected at least 1, got 0"):
        add_meta_gradient(
            prior,
            whole_batch,
            images=float_images(stack_images(whole_batch)),
            config=BehaviorCloningConfig(),
            tasks_at_once=0,
        )


def test_a_batch_that_was_seen_already_gives_the_gradient_of_the_whole(prior: Prior, whole_batch: MetaBatch):
    with torch.no_grad():
        seen = whole_batch.as_seen(prior.policy.see(float_images(stack_images(whole_batch))))
    whole = meta_objective(prior, seen, config=BehaviorCloningConfig())
    expected = torch.autograd.grad(whole.loss, list(prior.policy.head.parameters()))

    add_meta_gradient(prior, seen, config=BehaviorCloningConfig(), tasks_at_once=2)

    for parameter, gradient in zip(prior.policy.head.parameters(), expected, strict=True):
        torch.testing.assert_close(parameter.grad, gradient, rtol=1e-4, atol=1e-5)
