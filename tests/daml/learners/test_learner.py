"""Laws of every learner, whatever its method."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch

from daml.batches.batch import BatchConfig, MetaBatch, sample_batch
from daml.demos import DemoDataset, HumanDemo
from daml.deployment.adaptation import adapt, unadapted
from daml.deployment.adapted_policy import AdaptedPolicy
from daml.learners.config import MethodName, PriorConfig
from daml.learners.learner import Learner, create_policy
from daml.learners.methods import LEARNERS
from daml.policies.tensor_trees import index_tensors
from daml.policies.vision.seen_image import SeenImage
from daml.training.behavior_cloning import BehaviorCloningConfig
from daml.training.meta_objective import meta_objective

METHODS = get_args(MethodName)
CONFIG = BehaviorCloningConfig()


@pytest.fixture(params=METHODS)
def learner(request: pytest.FixtureRequest, make_learner: Callable[[MethodName], Learner]) -> Learner:
    return make_learner(request.param)


def draw_video(learner: Learner, seed: int) -> SeenImage:
    return learner.policy.see(torch.rand(6, 3, 16, 16, generator=torch.Generator().manual_seed(seed)))


def observe(seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, size=(16, 16, 3), dtype=np.uint8)
    return {"image": image, "state": np.array([*rng.normal(size=3), 0.05], np.float32)}


def test_the_video_decides_unless_none_is_looked_at(learner: Learner):
    with torch.no_grad():
        first, again, other = (learner.condition([draw_video(learner, seed)]) for seed in (0, 0, 1))

    assert first.keys() == learner.initial_parameters().keys()
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert all(torch.equal(first[name], other[name]) for name in first) == (learner.config.method == "bc")


def test_what_the_policy_does_depends_on_the_video_unless_none_is_looked_at(learner: Learner):
    rng = np.random.default_rng(0)
    demos = [HumanDemo(rng.integers(0, 256, size=(9, 16, 16, 3), dtype=np.uint8), 10.0) for _ in range(2)]

    policies = [*(adapt(learner, demo) for demo in demos), unadapted(learner)]

    velocities = [policy.select_action(observe(0))[:-1] for policy in policies]
    ignores = learner.config.method == "bc"
    assert (np.array_equal(velocities[0], velocities[1]), np.array_equal(velocities[0], velocities[2])) == (
        ignores,
        ignores,
    )


def test_conditioning_leaves_the_learner_untouched(learner: Learner, human_demo: HumanDemo):
    before = {name: value.clone() for name, value in learner.state_dict().items()}
    policy = adapt(learner, [human_demo, human_demo])
    policy.select_action(observe(0))

    assert all(torch.equal(value, before[name]) for name, value in learner.state_dict().items())


def test_copies_of_a_video_count_as_the_one(learner: Learner):
    with torch.no_grad():
        once, thrice = (learner.condition([draw_video(learner, 0)] * n) for n in (1, 3))

    for name, value in once.items():
        torch.testing.assert_close(thrice[name], value)


def test_it_reads_back_the_same(learner: Learner, tmp_path: Path):
    learner.save_pretrained(tmp_path / "prior")
    read = type(learner).from_pretrained(tmp_path / "prior")

    assert read.config == learner.config
    assert read.state_dict().keys() == learner.state_dict().keys()
    assert all(torch.equal(read.state_dict()[name], value) for name, value in learner.state_dict().items())


def test_its_policy_for_a_task_reads_back_the_same(learner: Learner, human_demo: HumanDemo, tmp_path: Path):
    policy = adapt(learner, human_demo)
    policy.save_pretrained(tmp_path / "policy")
    read = AdaptedPolicy.from_pretrained(tmp_path / "policy")

    for seed in range(2):
        assert np.array_equal(read.select_action(observe(seed)), policy.select_action(observe(seed)))


@pytest.fixture
def batch(dataset: DemoDataset) -> MetaBatch:
    config = BatchConfig(n_tasks=3, human_frames=6, robot_clips=2, robot_frames=4)
    return sample_batch(dataset.tasks("train"), config, seed=0, step=0)


def test_tasks_do_not_see_each_other(learner: Learner, batch: MetaBatch):
    tasks = [index_tensors(batch, slice(i, i + 1)) for i in range(3)]
    with torch.no_grad():
        together = meta_objective(learner, batch, config=CONFIG).loss
        alone = [meta_objective(learner, task, config=CONFIG).loss for task in tasks]

    torch.testing.assert_close(torch.stack(alone).mean(), together)


def test_a_class_takes_its_own_methods_alone(learner: Learner):
    others = [method for method in METHODS if method not in type(learner).methods]

    for method in others:
        with pytest.raises(ValueError, match=f"method: expected one of {type(learner).methods[0]}.*, got {method}"):
            type(learner)(dataclasses.replace(learner.config, method=method))


def test_at_their_default_sizes_all_methods_learn_about_as_many_numbers():
    counts = {
        method: sum(value.numel() for value in LEARNERS[method](PriorConfig(method=method)).parameters())
        for method in ("daml", "contextual", "lstm", "transformer")
    }

    assert max(counts.values()) < 1.25 * counts["daml"], counts
    assert min(counts.values()) > 0.8 * counts["daml"], counts


def test_all_policies_have_the_same_trunk_and_outputs():
    shapes = [
        {name: value.shape for name, value in create_policy(PriorConfig(method=method)).trunk.state_dict().items()}
        for method in METHODS
    ]

    assert all(shape == shapes[0] for shape in shapes)
