"""Many inner steps on one noisy demonstration, with and without the Gaussian about the initial parameters.

Meta-training takes two steps on six noisy points of a sine wave and learns their sizes in log space. At test time up to
a hundred such steps are taken: plainly they fit the noise, and with `maml.GaussianPrior` they stay near what was
learned. How wide the Gaussian is, is chosen on other waves. Half a minute on one core:

    python scripts/examples/many_steps.py --output runs/many_steps.png

References:
    Grant et al. (2018), arXiv 1801.08930 (MAML as inference).
"""
# ruff: noqa: INP001 - a script, not a module of a package

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).parent))
from sinusoid import Waves

from daml import maml

SHOTS = 6
NOISE = 0.5
"""Standard deviation of what is added to the heights that are shown."""

TRAINED_STEPS = 2
SHOWN_STEPS = (0, 1, 2, 5, 10, 20, 50, 100)
RATIOS = (3.0, 10.0, 30.0)
"""Variances of the Gaussian, in step sizes, among which validation waves choose."""


class Learner(nn.Module):
    """A network, and the step sizes with which it adapts."""

    def __init__(self) -> None:
        super().__init__()
        self.network = nn.Sequential(nn.Linear(1, 40), nn.Tanh(), nn.Linear(40, 40), nn.Tanh(), nn.Linear(40, 1))
        self.step_sizes = maml.LogSpace(maml.step_size_per_tensor(self.initial(), size=0.02))

    def initial(self) -> dict[str, Tensor]:
        """Return the parameters that adaptation starts from."""
        return dict(self.network.named_parameters())

    def predict(self, parameters: maml.Parameters, x: Tensor) -> Tensor:
        """Run the network."""
        return torch.func.functional_call(self.network, dict(parameters), (x,))

    def trace(self, x: Tensor, y: Tensor, *, n_steps: int, ratio: float | None) -> tuple[dict[str, Tensor], ...]:
        """Adapt to noisy points and keep the way; a ratio holds the parameters near the initial ones."""
        initial, sizes = self.initial(), self.step_sizes()

        def loss(parameters: maml.Parameters) -> Tensor:
            return (self.predict(parameters, x) - y).square().mean()

        regularizer = None if ratio is None else maml.GaussianPrior.of_step_sizes(sizes, ratio=ratio)
        inner = loss if regularizer is None else regularizer(loss, initial)
        return maml.trace_inner_steps(initial, inner, step_sizes=sizes, n_steps=n_steps)


def draw(n_tasks: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Waves]:
    """Draw waves and noisy points of them."""
    waves = Waves.draw(n_tasks, generator)
    x, y = waves.points(SHOTS, generator)
    return x, y + NOISE * torch.randn(y.shape, generator=generator), waves


def meta_train(learner: Learner, *, n_steps: int, generator: torch.Generator) -> None:
    """Learn initial parameters and step sizes."""
    optimizer = torch.optim.Adam(learner.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, n_steps)
    for _ in range(n_steps):
        x, y, waves = draw(25, generator)
        query, truth = waves.points(20, generator)

        def outer_loss(x: Tensor, y: Tensor, query: Tensor, truth: Tensor) -> Tensor:
            adapted = learner.trace(x, y, n_steps=TRAINED_STEPS, ratio=None)[-1]
            return (learner.predict(adapted, query) - truth).square().mean()

        optimizer.zero_grad()
        torch.func.vmap(outer_loss)(x, y, query, truth).mean().backward()
        optimizer.step()
        schedule.step()


@torch.no_grad()
def errors(learner: Learner, n_tasks: int, *, ratio: float | None, seed: int) -> Tensor:
    """Measure the squared error on each of some new waves after each number of steps, `(B, len(SHOWN_STEPS))`."""
    x, y, waves = draw(n_tasks, torch.Generator().manual_seed(seed))
    query = torch.linspace(-5, 5, 50).reshape(1, -1, 1).expand(n_tasks, -1, -1)

    def one_task(x: Tensor, y: Tensor, query: Tensor, truth: Tensor) -> Tensor:
        trace = learner.trace(x, y, n_steps=SHOWN_STEPS[-1], ratio=ratio)
        return torch.stack([(learner.predict(trace[n], query) - truth).square().mean() for n in SHOWN_STEPS])

    return torch.func.vmap(one_task)(x, y, query, waves(query))


def plot(curves: Mapping[str, Tensor], path: Path) -> None:
    """Draw errors against steps, with 95 % intervals over waves."""
    import matplotlib as mpl  # noqa: PLC0415 - an extra

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the choice of the backend

    figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    for name, values in curves.items():
        mean, margin = values.mean(0).numpy(), 1.96 * values.std(0).numpy() / len(values) ** 0.5
        axes.plot(SHOWN_STEPS, mean, marker="o", label=name)
        axes.fill_between(SHOWN_STEPS, mean - margin, mean + margin, alpha=0.2)
    axes.set_xscale("symlog", linthresh=1)
    axes.set_yscale("log")
    axes.set(xlabel="inner steps on six noisy points", ylabel="squared error on the wave")
    axes.set_xticks(SHOWN_STEPS, [str(n) for n in SHOWN_STEPS])
    axes.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def main(words: Sequence[str] | None = None) -> Mapping[str, Tensor]:
    """Meta-train, choose the Gaussian, judge on 300 new waves, draw; return the errors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("runs/many_steps.png"), help="picture to write")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="a few meta-steps: to see that it runs")
    parser.add_argument("--full", action="store_true", help="ten times as many meta-steps")
    options = parser.parse_args(words)
    torch.manual_seed(options.seed)
    learner = Learner()
    n_steps = 50 if options.quick else 15_000 if options.full else 1_500
    meta_train(learner, n_steps=n_steps, generator=torch.Generator().manual_seed(options.seed))
    n_tasks = 20 if options.quick else 300
    chosen = min(RATIOS, key=lambda ratio: errors(learner, n_tasks, ratio=ratio, seed=1)[:, -1].mean().item())
    curves = {
        "plain steps": errors(learner, n_tasks, ratio=None, seed=2),
        f"Gaussian prior, variance {chosen:g} step sizes": errors(learner, n_tasks, ratio=chosen, seed=2),
    }
    plot(curves, options.output)
    table = Table("inner steps", *curves, title=f"squared error on {n_tasks} waves, with 95 % intervals")
    for i, n in enumerate(SHOWN_STEPS):
        cells = [(values[:, i].mean(), 1.96 * values[:, i].std() / len(values) ** 0.5) for values in curves.values()]
        table.add_row(str(n), *(f"{mean:.2f} ({mean - margin:.2f} to {mean + margin:.2f})" for mean, margin in cells))
    Console().print(table)
    return curves


if __name__ == "__main__":
    main()
