from collections.abc import Callable

import pytest
import torch
from torch.nn import functional

from daml.batches.batch import BatchConfig, MetaBatch, sample_batch
from daml.demos import DemoDataset, HumanDemo
from daml.deployment.adaptation import adapt
from daml.learners.config import MethodName
from daml.learners.learner import Learner
from daml.policies.tensor_trees import map_tensors
from daml.training.behavior_cloning import PLACE_FAR, BehaviorCloningConfig
from daml.training.meta_objective import meta_objective

READ_INTO = {"contextual": {"bias"}, "lstm": {"state"}, "transformer": {"tokens"}, "bc": set[str]()}


@pytest.fixture(params=READ_INTO)
def learner(request: pytest.FixtureRequest, make_learner: Callable[[MethodName], Learner]) -> Learner:
    return make_learner(request.param)


@pytest.fixture
def batch(dataset: DemoDataset) -> MetaBatch:
    """Two tasks with the same robot, who is to do the opposite after another video."""
    config = BatchConfig(n_tasks=2, human_frames=6, robot_clips=1, robot_frames=4)
    batch = sample_batch(dataset.tasks("train"), config, seed=0, step=0)
    same = map_tensors(lambda value: value[:1].expand_as(value), batch)._replace(human=batch.human)
    opposite = torch.tensor([1.0, -1.0])[:, None, None]
    goals = map_tensors(lambda value: value * opposite, same.goals)
    return same._replace(actions=same.actions * opposite, goals=goals)


def test_a_video_changes_what_it_is_read_into_alone(learner: Learner):
    video = learner.policy.see(torch.rand(6, 3, 16, 16))

    read = learner.condition([video])

    initial = learner.initial_parameters()
    changed = {name for name, value in read.items() if not torch.equal(value, initial[name])}
    assert changed == READ_INTO[learner.config.method]


def test_every_parameter_of_the_head_gets_a_gradient(learner: Learner, batch: MetaBatch):
    meta_objective(learner, batch, config=BehaviorCloningConfig()).loss.backward()

    parameters = learner.policy.head.named_parameters()
    assert {name for name, value in parameters if value.grad is None or not value.grad.any()} == set()


def test_only_who_reads_the_video_learns_what_the_video_alone_tells(learner: Learner, batch: MetaBatch):
    config = BehaviorCloningConfig(
        velocity_weight=0, gripper_weight=0, kind_weight=0
    )  # at no velocity the error is a saddle
    optimizer = torch.optim.Adam(learner.parameters(), lr=1e-2)
    losses: list[float] = []
    for _ in range(150):
        optimizer.zero_grad()
        loss = meta_objective(learner, batch, config=config).loss
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    places = learner.policy.normalize_goal(batch.goals).pack()[..., :-1]  # all but the log odds of pushing
    median = places.median(0, keepdim=True).values.expand_as(places)
    blind = config.place_weight * functional.huber_loss(places, median, delta=PLACE_FAR).item() / PLACE_FAR

    assert (losses[-1] < 0.8 * blind) == (learner.config.method != "bc")


@pytest.mark.parametrize("options", [{"inner_steps": 2}, {"regularizer": lambda loss, _mean: loss}])
def test_what_takes_no_steps_takes_no_settings_of_steps(
    options: dict[str, object], make_learner: Callable[[MethodName], Learner], human_demo: HumanDemo
):
    with pytest.raises(ValueError, match="about gradient steps, but lstm takes none; leave them out"):
        adapt(make_learner("lstm"), human_demo, **options)
