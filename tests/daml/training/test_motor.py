import copy

import pytest
import torch

from daml.demos import DemoDataset
from daml.policies.robot.motor import Motor
from daml.progress import Progress
from daml.training.motor import MotorConfig, train_motor


@pytest.fixture
def motor() -> Motor:
    torch.manual_seed(0)
    return Motor(state_size=9, action_size=4, width=32)


def test_it_learns_what_the_demonstrations_show(motor: Motor, dataset: DemoDataset):
    losses: list[float] = []
    config = MotorConfig(steps=400, batch_size=64, learning_rate=5e-3)

    train_motor(
        motor,
        dataset.tasks("train"),
        config=config,
        seed=0,
        observers=[lambda progress: losses.append(progress.figures["loss"])],
    )

    assert losses[-1] < 0.5 * losses[0]


def test_the_seed_alone_decides(motor: Motor, dataset: DemoDataset):
    others = [copy.deepcopy(motor) for _ in range(3)]
    config = MotorConfig(steps=3, batch_size=8)
    for other, seed in zip(others, (0, 0, 1), strict=True):
        train_motor(other, dataset.tasks("train"), config=config, seed=seed)

    first, same, different = (other.layers[0].weight for other in others)
    assert torch.equal(first, same)
    assert not torch.equal(first, different)


def test_no_gradient_is_left_behind(motor: Motor, dataset: DemoDataset):
    train_motor(motor, dataset.tasks("train"), config=MotorConfig(steps=1, batch_size=4), seed=0)

    assert all(parameter.grad is None for parameter in motor.parameters())


def test_observers_are_told_of_every_hundredth_step_and_the_last(motor: Motor, dataset: DemoDataset):
    seen: list[Progress] = []

    train_motor(
        motor,
        dataset.tasks("train"),
        config=MotorConfig(steps=230, batch_size=4),
        seed=0,
        observers=[seen.append],
    )

    assert [progress[:3] for progress in seen] == [("motor", step, 230) for step in (100, 200, 230)]


@pytest.mark.parametrize("settings", [{"steps": -1}, {"batch_size": 0}, {"size_noise": -0.1}])
def test_impossible_settings_are_refused(settings: dict[str, float]):
    with pytest.raises(ValueError, match=f"{next(iter(settings))}: expected at least"):
        MotorConfig(**settings)  # type: ignore[arg-type]
