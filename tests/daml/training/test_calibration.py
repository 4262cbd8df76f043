import pytest
import torch

from daml.demos import DemoDataset
from daml.learners.prior import Prior
from daml.policies.robot.proprioception import extend_clip
from daml.training.calibration import fit_hand_eye, fit_normalizer


def test_states_have_zero_mean_and_unit_spread_once_the_normaliser_knows_them(prior: Prior, dataset: DemoDataset):
    tasks = dataset.tasks("train")
    fit_normalizer(prior, tasks, seed=0)

    clips = [extend_clip(task.robot_states(0), task.robot_executed(0)) for task in tasks]
    states = prior.policy.normalizer.normalize(torch.cat([torch.as_tensor(clip) for clip in clips]))
    torch.testing.assert_close(states.mean(0), torch.zeros(states.shape[1]), atol=1e-4, rtol=0)
    assert (states.std(0) < 1 + 1e-4).all()


def test_the_camera_is_found_by_where_the_gripper_is_seen(
    prior: Prior, dataset: DemoDataset, monkeypatch: pytest.MonkeyPatch
):
    camera = torch.tensor([[0.1, 0.0, 0.0, 0.0], [0.0, 0.1, 0.02, 0.0], [0.01, 0.01, -0.03, 1.0]])  # sees all from afar
    fit, fitted = prior.policy.hand_eye.fit, []

    def project(positions: torch.Tensor) -> torch.Tensor:
        rows = torch.cat([positions, torch.ones(len(positions), 1)], dim=1) @ camera.T
        return rows[:, :2] / rows[:, 2:]

    def fit_to_a_good_trunk(positions: torch.Tensor, places: torch.Tensor) -> bool:
        fitted.append((positions, places))
        return fit(positions, project(positions))

    monkeypatch.setattr(prior.policy.hand_eye, "fit", fit_to_a_good_trunk)
    fit_hand_eye(prior, dataset.tasks("train"), seed=0)

    ((positions, places),) = fitted
    assert places.shape == (8 * len(dataset.tasks("train")), 2)
    torch.testing.assert_close(prior.policy.hand_eye(positions), project(positions), atol=1e-3, rtol=0)


def test_a_camera_that_is_not_found_is_warned_of(
    prior: Prior, dataset: DemoDataset, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(prior.policy.hand_eye, "fit", lambda *_: False)
    fit_hand_eye(prior, dataset.tasks("train"), seed=0)

    assert "the gripper was not found where the robot says it is" in caplog.text
