import dataclasses
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from daml.adaptation import adapt, unadapted
from daml.adapted_policy import AdaptedPolicy
from daml.prior import Prior, PriorConfig
from demos import HumanDemo


def observe(seed: int, size: int = 16) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, size=(size, size, 3), dtype=np.uint8)
    return {"image": image, "state": rng.normal(size=4).astype(np.float32)}


@pytest.fixture
def policy(prior: Prior, human_demo: HumanDemo) -> AdaptedPolicy:
    return adapt(prior, human_demo)


def test_actions_are_in_range_and_the_gripper_decides(policy: AdaptedPolicy):
    for seed in range(20):
        action = policy.select_action(observe(seed))
        assert action.shape == (4,)
        assert action.dtype == np.float32
        assert (np.abs(action) <= 1).all()
        assert action[3] in (-1, 1)


def test_the_first_frame_is_remembered_until_reset(policy: AdaptedPolicy):
    policy.select_action(observe(0))
    with_memory = policy.select_action(observe(1))
    policy.reset()
    without_memory = policy.select_action(observe(1))
    policy.reset()
    policy.select_action(observe(0))

    assert not np.array_equal(with_memory, without_memory)
    np.testing.assert_array_equal(policy.select_action(observe(1)), with_memory)


def test_it_acts_as_the_network_does(prior: Prior):
    policy = unadapted(prior)
    observation = observe(0)
    image = torch.tensor(observation["image"][None]).permute(0, 3, 1, 2) / 255
    with torch.no_grad():
        output = prior.policy(image, image, torch.tensor(observation["state"][None]))

    np.testing.assert_allclose(
        policy.select_action(observation)[:3], output.velocity[0].clamp(-1, 1).numpy(), atol=1e-5
    )


def test_a_saved_policy_acts_the_same(policy: AdaptedPolicy, tmp_path: Path):
    policy.save_pretrained(tmp_path / "policy")
    read = AdaptedPolicy.from_pretrained(tmp_path / "policy")

    for seed in range(3):
        np.testing.assert_array_equal(read.select_action(observe(seed)), policy.select_action(observe(seed)))


def test_a_prior_is_no_adapted_policy(prior: Prior, policy: AdaptedPolicy, tmp_path: Path):
    prior.save_pretrained(tmp_path / "prior")
    policy.save_pretrained(tmp_path / "policy")

    with pytest.raises(ValueError, match="expected the folder of an adapted policy, found one of kind 'prior'"):
        AdaptedPolicy.from_pretrained(tmp_path / "prior")
    with pytest.raises(ValueError, match="expected the folder of a prior, found one of kind 'adapted policy'"):
        Prior.from_pretrained(tmp_path / "policy")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"image": np.zeros((8, 8, 3), dtype=np.uint8)},
            r"expected a uint8 image \(16, 16, 3\), got uint8 \(8, 8, 3\)",
        ),
        ({"image": np.zeros((16, 16, 3))}, r"expected a uint8 image \(16, 16, 3\), got float64"),
        ({"state": np.zeros(5)}, r"expected a state \(4,\), got \(5,\)"),
    ],
)
def test_an_observation_of_another_shape_is_refused(policy: AdaptedPolicy, changes: dict[str, Any], message: str):
    with pytest.raises(ValueError, match=message):
        policy.select_action(observe(0) | changes)


def test_a_missing_observation_is_named(policy: AdaptedPolicy):
    with pytest.raises(ValueError, match=r"\['state'\] missing; it holds \['image'\]"):
        policy.select_action({"image": observe(0)["image"]})


def test_one_action_is_fast(human_demo: HumanDemo):
    policy = adapt(Prior(dataclasses.replace(PriorConfig(), human_frames=9)), human_demo)
    durations: list[float] = []
    for seed in range(20):
        began = time.perf_counter()
        policy.select_action(observe(seed, size=64))
        durations.append(time.perf_counter() - began)

    assert min(durations) < 0.01
