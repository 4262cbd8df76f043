import pytest
import torch

from daml.augmentation import float_images, stack_images
from daml.batch import BatchConfig, MetaBatch, sample_batch
from daml.behavior_cloning import BehaviorCloningConfig
from daml.meta_gradient import add_meta_gradient
from daml.meta_objective import meta_objective
from daml.prior import Prior
from demos import DemoDataset


@pytest.fixture
def batch(dataset: DemoDataset) -> MetaBatch:
    return sample_batch(dataset.tasks("train"), BatchConfig(n_tasks=5, human_frames=6, robot_frames=3), seed=0, step=0)


@pytest.mark.parametrize("tasks_at_once", [1, 2, 5, 16])
def test_the_gradient_and_the_figures_are_those_of_the_whole_batch(prior: Prior, batch: MetaBatch, tasks_at_once: int):
    images = float_images(stack_images(batch))
    whole = meta_objective(prior, batch, images=images, config=BehaviorCloningConfig())
    expected = torch.autograd.grad(whole.loss, list(prior.parameters()), materialize_grads=True)

    figures = add_meta_gradient(
        prior, batch, images=images, config=BehaviorCloningConfig(), tasks_at_once=tasks_at_once
    )

    torch.testing.assert_close(figures, whole.metrics, rtol=1e-4, atol=1e-5)
    for (name, parameter), gradient in zip(prior.named_parameters(), expected, strict=True):
        found = torch.zeros_like(gradient) if parameter.grad is None else parameter.grad
        torch.testing.assert_close(found, gradient, rtol=1e-4, atol=1e-5, msg=name)


def test_gradients_add_up(prior: Prior, batch: MetaBatch):
    images = float_images(stack_images(batch))
    add_meta_gradient(prior, batch, images=images, config=BehaviorCloningConfig(), tasks_at_once=5)
    once = [parameter.grad.clone() for parameter in prior.parameters() if parameter.grad is not None]
    add_meta_gradient(prior, batch, images=images, config=BehaviorCloningConfig(), tasks_at_once=5)
    twice = [parameter.grad for parameter in prior.parameters() if parameter.grad is not None]

    torch.testing.assert_close(twice, [2 * gradient for gradient in once])


def test_no_task_at_a_time_is_refused(prior: Prior, batch: MetaBatch):
    with pytest.raises(ValueError, match="tasks_at_once: expected at least 1, got 0"):
        add_meta_gradient(
            prior, batch, images=float_images(stack_images(batch)), config=BehaviorCloningConfig(), tasks_at_once=0
        )


def test_a_batch_that_was_seen_already_gives_the_gradient_of_the_whole(prior: Prior, batch: MetaBatch):
    with torch.no_grad():
        maps = prior.policy.see(float_images(stack_images(batch)))
    seen = batch.as_seen(maps)
    whole = meta_objective(prior, seen, config=BehaviorCloningConfig())
    expected = torch.autograd.grad(whole.loss, list(prior.policy.head.parameters()))

    add_meta_gradient(prior, seen, config=BehaviorCloningConfig(), tasks_at_once=2)

    for parameter, gradient in zip(prior.policy.head.parameters(), expected, strict=True):
        torch.testing.assert_close(parameter.grad, gradient, rtol=1e-4, atol=1e-5)
