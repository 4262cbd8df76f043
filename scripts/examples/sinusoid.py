"""Sinusoid regression, the first experiment of the MAML paper, with nothing but `daml.maml` and torch.

Each task is a sine wave of its own amplitude and phase; K = 10 points of it are shown, one gradient step of size 0.01
is taken on them, and the network must know the whole wave. About a minute on one core:

    python scripts/examples/sinusoid.py --output runs/sinusoid.png

References:
    Finn et al. (2017), arXiv 1703.03400, Sec. 5.1.
"""
# ruff: noqa: INP001 - a script, not a module of a package

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn

from daml import maml

SHOTS = 10
STEP_SIZE = 0.01
TASKS_PER_STEP = 25
SHOWN_STEPS = (0, 1, 5, 10)
"""Numbers of inner steps after which the fit is judged and drawn; meta-training takes one."""


class Waves(NamedTuple):
    """Sine waves, one for each of B tasks."""

    amplitude: Tensor
    """In [0.1, 5], `(B, 1, 1)`."""
    phase: Tensor
    """In [0, pi], `(B, 1, 1)`."""

    @classmethod
    def draw(cls, n_tasks: int, generator: torch.Generator) -> "Waves":
        """Draw waves as the paper does."""
        amplitude, phase = torch.rand(2, n_tasks, 1, 1, generator=generator)
        return cls(0.1 + 4.9 * amplitude, torch.pi * phase)

    def points(self, n_points: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw places in [-5, 5] and the waves' heights there, each `(B, n_points, 1)`."""
        x = 10 * torch.rand(len(self.phase), n_points, 1, generator=generator) - 5
        return x, self(x)

    def __call__(self, x: Tensor) -> Tensor:
        """Return the heights at given places."""
        return self.amplitude * torch.sin(x - self.phase)


class Learner:
    """A network whose initial parameters are meta-learned."""

    def __init__(self) -> None:
        self.network = nn.Sequential(nn.Linear(1, 40), nn.ReLU(), nn.Linear(40, 40), nn.ReLU(), nn.Linear(40, 1))
        self.parameters = dict(self.network.named_parameters())
        self.step_sizes = maml.share_step_size(self.parameters, size=STEP_SIZE)

    def predict(self, parameters: maml.Parameters, x: Tensor) -> Tensor:
        """Run the network with given parameters."""
        return torch.func.functional_call(self.network, dict(parameters), (x,))

    def fit(self, x: Tensor, y: Tensor, *, n_steps: int = 1) -> dict[str, Tensor]:
        """Adapt to the points of one task, `(K, 1)` each."""
        return maml.take_inner_steps(
            self.parameters,
            lambda parameters: (self.predict(parameters, x) - y).square().mean(),
            step_sizes=self.step_sizes,
            n_steps=n_steps,
        )

    def predict_after(self, x: Tensor, y: Tensor, query: Tensor, *, n_steps: int) -> Tensor:
        """Adapt to the points of B tasks, each for itself, and predict others: `(B, n, 1)`."""

        def one_task(x: Tensor, y: Tensor, query: Tensor) -> Tensor:
            return self.predict(self.fit(x, y, n_steps=n_steps), query)

        return torch.func.vmap(one_task)(x, y, query)


def meta_train(learner: Learner, *, n_steps: int, generator: torch.Generator) -> None:
    """Learn the initial parameters."""
    optimizer = torch.optim.Adam(learner.network.parameters(), lr=1e-3)
    for _ in range(n_steps):
        waves = Waves.draw(TASKS_PER_STEP, generator)
        shown, (query, truth) = waves.points(SHOTS, generator), waves.points(SHOTS, generator)
        loss = (learner.predict_after(*shown, query, n_steps=1) - truth).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


@torch.no_grad()
def errors_after(learner: Learner, *, n_tasks: int, generator: torch.Generator) -> dict[int, tuple[float, float]]:
    """Measure the mean squared error on new tasks after some steps each, and half the width of its 95 % interval."""
    waves = Waves.draw(n_tasks, generator)
    x, y = waves.points(SHOTS, generator)
    query = torch.linspace(-5, 5, 100).reshape(1, -1, 1).expand(n_tasks, -1, -1)
    results: dict[int, tuple[float, float]] = {}
    for n_steps in SHOWN_STEPS:
        by_task = (learner.predict_after(x, y, query, n_steps=n_steps) - waves(query)).square().mean((1, 2))
        results[n_steps] = by_task.mean().item(), 1.96 * by_task.std().item() / n_tasks**0.5
    return results


def plot(learner: Learner, path: Path, *, generator: torch.Generator) -> None:
    """Draw the fit to two new waves."""
    import matplotlib as mpl  # noqa: PLC0415 - an extra

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the choice of the backend

    waves = Waves.draw(2, generator)
    x, y = waves.points(SHOTS, generator)
    query = torch.linspace(-5, 5, 200).reshape(1, -1, 1).expand(2, -1, -1)
    figure, all_axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained", sharey=True)
    fits = {n: learner.predict_after(x, y, query, n_steps=n).detach() for n in SHOWN_STEPS}
    for i, axes in enumerate(all_axes):
        axes.plot(query[i, :, 0], waves(query)[i, :, 0], color="black", label="truth")
        axes.scatter(x[i, :, 0], y[i, :, 0], color="black", label=f"{SHOTS} points shown", zorder=3)
        for n_steps, fit in fits.items():
            axes.plot(query[i, :, 0], fit[i, :, 0], "--" if n_steps == 0 else "-", label=f"after {n_steps} steps")
        axes.set(xlabel="x", ylabel="y")
    all_axes[0].legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def main(words: Sequence[str] | None = None) -> dict[int, tuple[float, float]]:
    """Meta-train, judge on new tasks, draw; return the errors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("runs/sinusoid.png"), help="picture to write")
    parser.add_argument("--full", action="store_true", help="the published 70,000 meta-steps")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="a few hundred meta-steps: to see that it runs")
    options = parser.parse_args(words)
    torch.manual_seed(options.seed)
    generator = torch.Generator().manual_seed(options.seed)
    learner = Learner()
    n_steps = 300 if options.quick else 70_000 if options.full else 20_000
    meta_train(learner, n_steps=n_steps, generator=generator)
    errors = errors_after(learner, n_tasks=100 if options.quick else 1000, generator=generator)
    plot(learner, options.output, generator=generator)
    table = Table("inner steps", "mean squared error on new waves", "95 % interval")
    for n_steps, (mean, margin) in errors.items():
        table.add_row(str(n_steps), f"{mean:.3f}", f"{mean - margin:.3f} to {mean + margin:.3f}")
    Console().print(table)
    return errors


if __name__ == "__main__":
    main()
