"""Training of the motor: how the expert moves, given where things truly are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from daml.batches.goals import clip_goals
from daml.demos import StoredTask
from daml.optimization.fitting import fit, one_cycle_rates
from daml.policies.goal import Goal
from daml.policies.robot.motor import Motor
from daml.policies.robot.proprioception import extend_clip
from daml.progress import Observer
from daml.storage.settings_check import check_least
from daml.training.behavior_cloning import action_losses

_VELOCITY_WEIGHT = 2.0
"""Weight of the velocity's error beside that of the gripper command."""

_REPORT_EVERY = 100
"""Steps between two that observers are told of."""

_WARMUP_SHARE = 0.04
"""Share of the steps in which the learning rate rises to its peak."""


@dataclass(frozen=True)
class MotorConfig:
    """Settings of the motor's training."""

    steps: int = 6000
    """Steps."""
    batch_size: int = 1024
    """Steps of robot clips in a batch."""
    learning_rate: float = 2e-3
    """Peak of the one-cycle schedule."""
    size_noise: float = 0.003
    """Standard deviation of the noise on heights and sizes, in metres: an image tells them less well than places."""

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            ValueError: A number is too small.
        """
        check_least(self, {"steps": 0, "batch_size": 1, "size_noise": 0})


def train_motor(
    motor: Motor,
    tasks: Sequence[StoredTask],
    *,
    config: MotorConfig,
    seed: int,
    observers: Sequence[Observer] = (),
) -> None:
    """Clone the expert's moves from states and true places; no image is looked at.

    A policy that learns to move from what it sees learns to move as is best on average over where the item may be: to
    hover. One that moves as if its belief were right acts, sees what came of it, and corrects itself.

    Args:
        motor: Changed in place.
        tasks: Demonstrations.
        config: Settings.
        seed: Seed of the batches.
        observers: Told of every hundredth step and of the last one.
    """
    device = next(motor.parameters()).device
    rows = _gather(tasks)
    generator = torch.Generator().manual_seed(seed)

    def loss_of(_step: int) -> Tensor:
        chosen = torch.randint(len(rows[0]), (config.batch_size,), generator=generator)
        states, goals, actions = (values[chosen].to(device) for values in rows)
        goal = Goal.unpack(goals)
        noise = config.size_noise * torch.randn(config.batch_size, 2, generator=generator).to(device)
        goal = goal._replace(
            release_height=goal.release_height + noise[:, :1], item_radius=goal.item_radius + noise[:, 1:]
        )
        losses = action_losses(motor(states, goal), actions)
        return _VELOCITY_WEIGHT * losses.velocity + losses.gripper

    rates = one_cycle_rates(config.steps, peak=config.learning_rate, warmup_share=_WARMUP_SHARE)
    fit(motor, loss_of, stage="motor", rates=rates, report_every=_REPORT_EVERY, observers=observers)


def _gather(tasks: Sequence[StoredTask]) -> tuple[Tensor, Tensor, Tensor]:
    """Put all steps of all clips into rows: extended states, packed goals and actions."""
    rows: list[tuple[NDArray[np.float32], ...]] = []
    for task in tasks:
        for i in range(task.n_robots):
            states, actions = task.robot_states(i), task.robot_actions(i)
            goals = clip_goals(states, actions, task.robot_goals(i))
            rows.append((extend_clip(states, task.robot_executed(i)), goals, actions))
    states, goals, actions = (torch.as_tensor(np.concatenate(column)) for column in zip(*rows, strict=True))
    return states, goals, actions
