import pytest
import torch

from daml.adaptation import adapt_to_features, call_head
from daml.augmentation import float_images
from daml.batch import BatchConfig, MetaBatch, sample_batch
from daml.behavior_cloning import BehaviorCloningConfig, behavior_cloning_losses
from daml.meta_objective import meta_objective
from daml.prior import Prior
from demos import DemoDataset

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
        trunk = prior.policy.trunk
        adapted = adapt_to_features(prior, trunk(float_images(human)))
        output = call_head(
            prior.policy.head,
            adapted,
            now=trunk(float_images(robot)),
            first=trunk(float_images(first)),
            state=normalize(states),
        )
        goals = normalize(positions.reshape(-1, 2, 3)).flatten(1)
        losses.append(behavior_cloning_losses(output, actions, goals=goals, config=CONFIG).total)

    torch.testing.assert_close(meta_objective(prior, batch, config=CONFIG).loss, torch.stack(losses).mean())


def test_every_parameter_that_should_learn_gets_a_gradient(prior: Prior, batch: MetaBatch):
    meta_objective(prior, batch, config=CONFIG).loss.backward()

    untouched = {name for name, value in prior.named_parameters() if value.grad is None or not value.grad.any()}
    assert untouched == set()


def test_robot_actions_never_affect_the_adapted_parameters(prior: Prior, batch: MetaBatch):
    other = batch._replace(actions=torch.rand_like(batch.actions), robot=batch.robot.flip(1))
    features = prior.policy.trunk(float_images(batch.human.flatten(0, 1))).unflatten(0, batch.human.shape[:2])
    adapted = adapt_to_features(prior, features[0])

    assert all(torch.equal(a, b) for a, b in zip(batch.human, other.human, strict=True))
    assert all(torch.equal(adapted[name], adapt_to_features(prior, features[0])[name]) for name in adapted)


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


def test_metrics_carry_no_graph(prior: Prior, batch: MetaBatch):
    assert not any(value.requires_grad for value in meta_objective(prior, batch, config=CONFIG).metrics.values())
