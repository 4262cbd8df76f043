import pickle
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from daml.demos import HumanDemo
from daml.deployment.adaptation import adapt, unadapted
from daml.deployment.adapted_policy import AdaptedPolicy
from daml.deployment.brightness import brighten, brightness_correction
from daml.deployment.compiled_step import CompiledStep
from daml.learners.prior import Prior
from daml.policies.control_network import untraced
from daml.policies.goal import Goal
from daml.policies.robot.commands import CHANGING_LOGIT
from daml.policies.robot.proprioception import extend_clip
from daml.policies.tensor_trees import concatenate, map_tensors
from daml.policies.vision.images import float_images
from daml.policies.visuomotor import VisuomotorPolicy


def observe(seed: int, size: int = 16) -> dict[str, Any]:
    """Draw an observation with an opening between 0 and 8 cm."""
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, size=(size, size, 3), dtype=np.uint8)
    return {"image": image, "state": np.array([*rng.normal(size=3), rng.uniform(0, 0.08)], np.float32)}


def act(policy: AdaptedPolicy, observations: Sequence[dict[str, Any]]) -> np.ndarray:
    """Return the actions of an episode, `(T, 4)`."""
    policy.reset()
    return np.stack([policy.select_action(observation) for observation in observations])


@pytest.fixture
def policy(prior: Prior, human_demo: HumanDemo) -> AdaptedPolicy:
    return adapt(prior, human_demo)


@pytest.fixture
def gentle(prior: Prior) -> AdaptedPolicy:
    """A policy whose velocities stay within their limits, where differences show."""
    with torch.no_grad():
        prior.policy.motor.layers[-1].weight.mul_(0.01)
    return unadapted(prior)


def test_actions_are_in_range_and_the_gripper_decides(policy: AdaptedPolicy):
    for seed in range(20):
        action = policy.select_action(observe(seed))
        assert action.shape == (4,)
        assert action.dtype == np.float32
        assert (np.abs(action) <= 1).all()
        assert action[3] in (-1, 1)


def test_it_acts_as_the_network_does_on_the_extended_states_of_the_clip(prior: Prior, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("daml.policies.robot.resting.HIGH", np.inf)
    observations = [observe(seed) for seed in range(12)]
    with untraced():
        actions = act(unadapted(prior), observations)

    images = float_images(torch.tensor(np.stack([observation["image"] for observation in observations])))
    states = extend_clip(np.stack([observation["state"] for observation in observations]), actions)
    with torch.no_grad():
        # The first frame is in a clip of its own: it is looked at once, not again among those that follow.
        chosen = prior.policy(images[1:], images[:1], torch.tensor(states[1:]))

    np.testing.assert_allclose(actions[1:, :3], chosen[:, :3].clamp(-1, 1).numpy(), atol=1e-5)
    assert np.array_equal(actions[1:, 3] > 0, chosen[:, 3].numpy() > actions[:-1, 3] * CHANGING_LOGIT)


def test_it_goes_where_its_tracker_estimates_the_item(prior: Prior, monkeypatch: pytest.MonkeyPatch):
    torch.nn.init.normal_(prior.policy.tracker.telling.weight)
    policy = unadapted(prior)
    estimated: list[Goal] = []

    def stay(_: VisuomotorPolicy, goal: Goal, states: torch.Tensor) -> torch.Tensor:
        estimated.append(goal)
        return torch.zeros(len(states), 4)

    monkeypatch.setattr(VisuomotorPolicy, "move", stay)
    rows: list[tuple[Goal, torch.Tensor]] = []
    with untraced():
        for _ in range(2):  # the track is forgotten with the episode
            policy.reset()
            for seed in range(4):
                policy.select_action(observe(seed))
                rows.append(policy.observed_goal())

    goals, states = zip(*rows[:4], strict=True)
    observed = concatenate(goals)  # of the frames of one episode
    one_item = map_tensors(lambda value: value[None], observed)
    places = prior.policy.tracker.follow(one_item, torch.stack(states, dim=1))[0]
    assert not torch.allclose(places, observed.item)
    for episode in (estimated[:4], estimated[4:]):
        torch.testing.assert_close(concatenate(episode), observed._replace(item=places))


def test_a_compiled_policy_acts_as_before_and_so_does_its_copy(gentle: AdaptedPolicy):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    observations = [observe(seed) for seed in range(6)]
    before = act(gentle, observations)
    for compiled in (gentle.compile(), pickle.loads(pickle.dumps(gentle))):
        np.testing.assert_allclose(act(compiled, observations), before, atol=1e-4)
        assert isinstance(compiled._step, CompiledStep)


def test_a_policy_that_cannot_be_compiled_acts_as_before(gentle: AdaptedPolicy, monkeypatch: pytest.MonkeyPatch):
    observations = [observe(seed) for seed in range(2)]
    before = act(gentle, observations)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    monkeypatch.setattr("daml.deployment.compiled_step._sessions", {})
    with pytest.raises(ImportError, match="fast"):
        gentle.compile()
    np.testing.assert_array_equal(act(gentle, observations), before)


def test_before_the_first_frame_no_goal_is_observed(policy: AdaptedPolicy):
    with pytest.raises(RuntimeError, match="select_action first"):
        policy.observed_goal()


@pytest.mark.parametrize(
    ("logit", "commands"),
    [
        (CHANGING_LOGIT + 0.01, [1, 1, 1]),
        (CHANGING_LOGIT - 0.01, [-1, 1, -1]),
        (-CHANGING_LOGIT + 0.01, [-1, 1, -1]),
        (-CHANGING_LOGIT - 0.01, [-1, -1, -1]),
    ],
)
def test_a_gripper_in_doubt_acts(prior: Prior, logit: float, commands: list[int]):
    with torch.no_grad():
        last = prior.policy.motor.layers[-1]
        last.weight.zero_()
        last.bias.fill_(logit)
    policy = unadapted(prior)

    assert [policy.select_action(observe(seed))[3] for seed in range(3)] == commands


def test_an_episode_is_remembered_until_reset(gentle: AdaptedPolicy):
    observations = [observe(seed) for seed in range(4)]
    actions = act(gentle, observations)

    assert np.abs(actions[:, :3]).max() < 1
    np.testing.assert_array_equal(act(gentle, observations), actions)
    assert (act(gentle, observations[1:])[:, :3] != actions[1:, :3]).all()


def test_an_episode_in_the_dark_is_brightened_as_its_first_frame_asks(gentle: AdaptedPolicy):
    dim = [{**observation, "image": observation["image"] // 4} for observation in map(observe, range(3))]
    gains = brightness_correction(dim[0]["image"])
    lit = [{**observation, "image": brighten(observation["image"], gains)} for observation in dim]

    np.testing.assert_array_equal(act(gentle, dim), act(gentle, lit))


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
