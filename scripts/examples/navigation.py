"""Reinforcement learning: MAML's 2-D navigation by policy gradient, in a Gymnasium environment.

A point starts at the origin and is rewarded for being near a goal that it does not see: only the rewards of its own
episodes say where it is. A task is a goal in the unit square. From 20 episodes of the initial policy one
policy-gradient step is taken, and the new policy is judged on episodes of its own. A minute on two cores:

    python scripts/examples/navigation.py --output runs/navigation.png

References:
    Finn et al. (2017), arXiv 1703.03400, Sec. 5.3: 500 meta-iterations of TRPO with 20 tasks each. Here Adam follows
    the same meta-gradient. Foerster et al. (2018), arXiv 1802.05098 (why the sampled actions count as constants).
"""
# ruff: noqa: INP001 - a script, not a module of a package

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import gymnasium
import numpy as np
import torch
from gymnasium.vector import AutoresetMode, VectorEnv
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn

from daml import maml

HORIZON = 100
"""Steps of an episode, as published."""

MAX_SPEED = 0.1
"""How far the point moves in a step, in each direction."""

EPISODES = 20
"""Episodes of each task that one gradient step learns from, as published."""

STEP_SIZE = 0.1
SHOWN_STEPS = 3
"""Numbers of inner steps up to which policies are judged; meta-training takes one."""


class NavigationEnv(VectorEnv[np.ndarray, np.ndarray, np.ndarray]):
    """Many points that each seek a goal; all episodes begin and end together.

    Args:
        goals: Goal of each point, `(n, 2)`.
    """

    metadata = {"autoreset_mode": AutoresetMode.DISABLED}  # noqa: RUF012 - Gymnasium's form

    def __init__(self, goals: np.ndarray) -> None:
        self.num_envs = len(goals)
        self.single_observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (2,), np.float32)
        self.single_action_space = gymnasium.spaces.Box(-MAX_SPEED, MAX_SPEED, (2,), np.float32)
        self.observation_space = gymnasium.vector.utils.batch_space(self.single_observation_space, self.num_envs)
        self.action_space = gymnasium.vector.utils.batch_space(self.single_action_space, self.num_envs)
        self._goals = goals.astype(np.float32)
        self._places = np.zeros_like(self._goals)
        self._n_steps = 0

    def reset(
        self,
        *,
        seed: int | list[int | None] | None = None,  # noqa: ARG002 - nothing is random
        options: dict[str, Any] | None = None,  # noqa: ARG002 - Gymnasium's signature
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Put all points at the origin."""
        self._places = np.zeros_like(self._goals)
        self._n_steps = 0
        return self._places.copy(), {}

    def step(self, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        """Move all points; the reward is minus the squared distance to the goal."""
        self._places = self._places + np.clip(actions, -MAX_SPEED, MAX_SPEED)
        self._n_steps += 1
        rewards = -np.square(self._places - self._goals).sum(1)
        ended = np.full(self.num_envs, fill_value=False)
        return self._places.copy(), rewards, ended, ended | (self._n_steps >= HORIZON), {}


class Episodes(NamedTuple):
    """What B tasks' policies did, `EPISODES` episodes each."""

    observations: Tensor
    """`(B, EPISODES, HORIZON, 2)`."""
    actions: Tensor
    """`(B, EPISODES, HORIZON, 2)`."""
    rewards: Tensor
    """`(B, EPISODES, HORIZON)`."""


class Policy(nn.Module):
    """A Gaussian policy with two hidden layers, as published but smaller."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.mean = nn.Sequential(
            nn.Linear(2, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 2)
        )
        self.log_std = nn.Parameter(torch.full((2,), -0.7))

    def forward(self, observations: Tensor) -> tuple[Tensor, Tensor]:
        """Return means and standard deviations of the actions, in units of `MAX_SPEED`."""
        return self.mean(observations), self.log_std.exp()


def act(policy: Policy, parameters: maml.Parameters, observations: Tensor) -> torch.distributions.Normal:
    """Return the distribution of actions with given parameters."""
    mean, std = torch.func.functional_call(policy, dict(parameters), (observations,))
    return torch.distributions.Normal(mean, std, validate_args=False)


@torch.no_grad()
def sample(policy: Policy, parameters: maml.Parameters, goals: np.ndarray, generator: torch.Generator) -> Episodes:
    """Let each task's policy act in its own episodes; parameters have a leading axis of B tasks."""
    n_tasks = len(goals)
    env = NavigationEnv(np.repeat(goals, EPISODES, axis=0))
    observations, _ = env.reset()
    steps: list[tuple[Tensor, Tensor, Tensor]] = []

    def distribution(values: maml.Parameters, seen: Tensor) -> tuple[Tensor, Tensor]:
        actions = act(policy, values, seen)
        return actions.mean, actions.stddev

    truncated = np.zeros(1, dtype=bool)
    while not truncated.all():
        seen = torch.from_numpy(observations).reshape(n_tasks, EPISODES, 2)
        mean, std = torch.func.vmap(distribution)(dict(parameters), seen)
        actions = mean + std * torch.randn(mean.shape, generator=generator)
        observations, rewards, _, truncated, _ = env.step((MAX_SPEED * actions).reshape(-1, 2).numpy())
        steps.append((seen, actions, torch.from_numpy(rewards).reshape(n_tasks, EPISODES)))
    return Episodes(*(torch.stack(each, 2) for each in zip(*steps, strict=True)))


def advantages(rewards: Tensor) -> Tensor:
    """Return how much better each step's reward to go is than usual at its time, in standard deviations."""
    to_go = rewards.flip(-1).cumsum(-1).flip(-1)
    centred = to_go - to_go.mean(-2, keepdim=True)
    return centred / (centred.std((-2, -1), keepdim=True) + 1e-6)


def policy_loss(policy: Policy, parameters: maml.Parameters, episodes: Episodes) -> Tensor:
    """Compute a loss of one task whose gradient is minus the policy gradient."""
    log_probability = act(policy, parameters, episodes.observations).log_prob(episodes.actions).sum(-1)
    return -(log_probability * advantages(episodes.rewards)).mean()


def adapt(policy: Policy, parameters: maml.Parameters, episodes: Episodes) -> dict[str, Tensor]:
    """Take one policy-gradient step for each of B tasks; parameters and episodes have a leading axis of tasks."""

    def one_task(values: maml.Parameters, observations: Tensor, actions: Tensor, rewards: Tensor) -> dict[str, Tensor]:
        own = Episodes(observations, actions, rewards)
        sizes = maml.share_step_size(values, size=STEP_SIZE)
        return maml.take_inner_steps(values, lambda p: policy_loss(policy, p, own), step_sizes=sizes)

    return torch.func.vmap(one_task)(dict(parameters), *episodes)


def start(policy: Policy, n_tasks: int) -> dict[str, Tensor]:
    """Give each of B tasks the initial parameters."""
    return {name: value.expand(n_tasks, *value.shape) for name, value in policy.named_parameters()}


def draw_goals(n_tasks: int, generator: torch.Generator) -> np.ndarray:
    """Draw goals in the unit square about the origin."""
    return (torch.rand(n_tasks, 2, generator=generator) - 0.5).numpy()


def meta_train(policy: Policy, *, n_iterations: int, n_tasks: int, generator: torch.Generator) -> list[float]:
    """Learn initial parameters; return the mean return of adapted policies at each iteration."""
    optimizer = torch.optim.Adam(policy.parameters(), lr=3e-3)
    curve: list[float] = []
    for _ in range(n_iterations):
        goals = draw_goals(n_tasks, generator)
        initial = start(policy, n_tasks)
        adapted = adapt(policy, initial, sample(policy, initial, goals, generator))
        after = sample(policy, adapted, goals, generator)
        losses = torch.func.vmap(lambda p, *own: policy_loss(policy, p, Episodes(*own)))(adapted, *after)
        optimizer.zero_grad()
        losses.mean().backward()
        torch.nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
        optimizer.step()
        curve.append(after.rewards.sum(-1).mean().item())
    return curve


def judge(policy: Policy, goals: np.ndarray, generator: torch.Generator) -> list[Episodes]:
    """Return the episodes of each task after 0 to `SHOWN_STEPS` steps, each step from episodes of the policy before."""
    parameters = start(policy, len(goals))
    results = [sample(policy, parameters, goals, generator)]
    for _ in range(SHOWN_STEPS):
        with torch.no_grad():
            parameters = adapt(policy, parameters, results[-1])
        results.append(sample(policy, parameters, goals, generator))
    return results


def plot(results: Sequence[Episodes], goals: np.ndarray, curve: Sequence[float], path: Path) -> None:
    """Draw episodes of four tasks before and after a step, and the learning curve."""
    import matplotlib as mpl  # noqa: PLC0415 - an extra

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the choice of the backend

    figure, all_axes = plt.subplots(1, 3, figsize=(12, 4), layout="constrained")
    for axes, episodes, title in zip(
        all_axes, results[:2], ("four goals, before adapting", "after one step"), strict=False
    ):
        for task in range(4):
            for episode in episodes.observations[task, :5]:
                axes.plot(*episode.T, color=f"C{task}", alpha=0.5)
            axes.scatter(*goals[task], color=f"C{task}", marker="*", s=150, edgecolors="black", zorder=3)
        axes.set(xlim=(-0.8, 0.8), ylim=(-0.8, 0.8), title=title)
    all_axes[2].plot(curve)
    all_axes[2].set(xlabel="meta-iteration", ylabel="mean return after one step")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def main(words: Sequence[str] | None = None) -> Mapping[int, tuple[float, float]]:
    """Meta-train, judge on new goals, draw; return mean return and half its 95 % interval by number of steps."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("runs/navigation.png"), help="picture to write")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="a few iterations: to see that it runs")
    parser.add_argument("--full", action="store_true", help="the published size: 100 units, 500 iterations of 20 tasks")
    options = parser.parse_args(words)
    torch.manual_seed(options.seed)
    generator = torch.Generator().manual_seed(options.seed)
    policy = Policy(100 if options.full else 32)
    n_iterations = 30 if options.quick else 500 if options.full else 100
    curve = meta_train(policy, n_iterations=n_iterations, n_tasks=20 if options.full else 10, generator=generator)
    goals = draw_goals(40, torch.Generator().manual_seed(1))
    results = judge(policy, goals, generator)
    plot(results, goals, curve, options.output)
    table = Table("policy-gradient steps", "mean return on new goals", "95 % interval over goals")
    figures: dict[int, tuple[float, float]] = {}
    for n_steps, episodes in enumerate(results):
        by_task = episodes.rewards.sum(-1).mean(1)
        figures[n_steps] = by_task.mean().item(), 1.96 * by_task.std().item() / len(by_task) ** 0.5
        mean, margin = figures[n_steps]
        table.add_row(str(n_steps), f"{mean:.1f}", f"{mean - margin:.1f} to {mean + margin:.1f}")
    Console().print(table)
    return figures


if __name__ == "__main__":
    main()
