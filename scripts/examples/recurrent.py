"""A recurrent network that learns an unknown system from one recording, with `daml.maml` and a `torch.nn.GRU`.

Each task is a damped, saturating oscillator of its own frequency, damping and gain. One response of it to a random
input is shown; the network adapts by gradient steps, and must predict the responses to other inputs. It sees inputs
alone, so what it knows of the system is in its weights. A minute on two cores:

    python scripts/examples/recurrent.py --output runs/recurrent.png

`torch.func.vmap` cannot batch torch's recurrent layers, so tasks are adapted to one after another; `average_gradients`
frees the graph of each before the next. Started by `torchrun --nproc-per-node 2`, two processes share them.
"""
# ruff: noqa: INP001 - a script, not a module of a package

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn

from daml import maml

LENGTH = 30
"""Time steps of a recording."""

TASKS_PER_STEP = 4
INNER_STEPS = 2
SHOWN_STEPS = (0, 1, 2, 5)
"""Numbers of inner steps after which predictions are judged."""


class Recordings(NamedTuple):
    """Inputs and responses of one system."""

    inputs: Tensor
    """`(n, LENGTH, 1)`."""
    responses: Tensor
    """`(n, LENGTH, 1)`."""


def record(n: int, generator: torch.Generator) -> Recordings:
    """Draw a system and record its responses to n random inputs."""
    frequency, damping, gain = torch.rand(3, generator=generator)
    frequency, damping, gain = 0.3 + 0.5 * frequency, 0.1 + 0.4 * damping, 0.5 + 1.5 * gain
    held = torch.randn(n, LENGTH // 5, generator=generator).repeat_interleave(5, dim=1)
    place, speed = torch.zeros(n), torch.zeros(n)
    places: list[Tensor] = []
    for t in range(LENGTH):
        speed = speed + frequency**2 * (gain * held[:, t] - place) - 2 * damping * frequency * speed
        place = place + speed
        places.append(torch.tanh(place))
    return Recordings(held[..., None], torch.stack(places, 1)[..., None])


def split(recordings: Recordings) -> tuple[Recordings, Recordings]:
    """Part the first recording, which is shown, from the others, which are asked for."""
    return Recordings(*(each[:1] for each in recordings)), Recordings(*(each[1:] for each in recordings))


class Learner(nn.Module):
    """A recurrent network, and the step sizes with which it adapts."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = nn.GRU(1, 32, batch_first=True)
        self.output = nn.Linear(32, 1)
        self.step_sizes = maml.LogSpace(maml.step_size_per_tensor(self.initial(), size=0.05))

    def initial(self) -> dict[str, Tensor]:
        """Return the parameters that adaptation starts from."""
        return {name: value for name, value in self.named_parameters() if not name.startswith("step_sizes.")}

    def forward(self, inputs: Tensor) -> Tensor:
        """Predict responses."""
        return self.output(self.memory(inputs)[0])

    def error(self, parameters: maml.Parameters, recordings: Recordings) -> Tensor:
        """Return the mean squared error with given parameters."""
        predicted = torch.func.functional_call(self, dict(parameters), (recordings.inputs,))
        return (predicted - recordings.responses).square().mean()

    def adapt(self, shown: Recordings, *, n_steps: int) -> dict[str, Tensor]:
        """Adapt to recordings."""
        return maml.take_inner_steps(
            self.initial(),
            lambda parameters: self.error(parameters, shown),
            step_sizes=self.step_sizes(),
            n_steps=n_steps,
            clip=maml.clip_norm(10.0),
        )


def meta_train(learner: Learner, *, n_steps: int, generator: torch.Generator) -> None:
    """Learn initial parameters and step sizes; each process adapts to its own part of the tasks."""
    groups = [{"params": learner.initial().values()}, {"params": learner.step_sizes.parameters(), "lr": 2e-2}]
    optimizer = torch.optim.Adam(groups, lr=3e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, n_steps)
    for _ in range(n_steps):
        tasks = [split(record(5, generator)) for _ in range(TASKS_PER_STEP)]
        losses = (
            learner.error(learner.adapt(shown, n_steps=INNER_STEPS), asked) for shown, asked in maml.own_part(tasks)
        )
        optimizer.zero_grad()
        maml.average_gradients(losses, learner.parameters())
        optimizer.step()
        schedule.step()


@torch.no_grad()
def errors_after(learner: Learner, *, n_tasks: int, generator: torch.Generator) -> dict[int, Tensor]:
    """Measure the error on each of some new systems after some steps each, as a share of the responses' variance."""
    errors: dict[int, list[Tensor]] = {n_steps: [] for n_steps in SHOWN_STEPS}
    for _ in range(n_tasks):
        shown, asked = split(record(5, generator))
        for n_steps, values in errors.items():
            values.append(learner.error(learner.adapt(shown, n_steps=n_steps), asked) / asked.responses.var())
    return {n_steps: torch.stack(values) for n_steps, values in errors.items()}


@torch.no_grad()
def plot(learner: Learner, path: Path, *, generator: torch.Generator) -> None:
    """Draw predictions for two new systems."""
    import matplotlib as mpl  # noqa: PLC0415 - an extra

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the choice of the backend

    figure, all_axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained", sharey=True)
    for axes in all_axes:
        shown, asked = split(record(2, generator))
        axes.plot(asked.inputs[0, :, 0], color="grey", alpha=0.5, drawstyle="steps-post", label="input")
        axes.plot(asked.responses[0, :, 0], color="black", label="response")
        for n_steps in SHOWN_STEPS:
            parameters = learner.adapt(shown, n_steps=n_steps)
            predicted = torch.func.functional_call(learner, parameters, (asked.inputs,))
            axes.plot(predicted[0, :, 0], "--" if n_steps == 0 else "-", label=f"predicted after {n_steps} steps")
        axes.set(xlabel="time step", ylim=(-1.5, 1.5))
    all_axes[0].legend(loc="lower right", fontsize="small")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def main(words: Sequence[str] | None = None) -> Mapping[int, float]:
    """Meta-train, judge on new systems, draw; return the mean error by the number of steps."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("runs/recurrent.png"), help="picture to write")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="a few meta-steps: to see that it runs")
    parser.add_argument("--full", action="store_true", help="ten times as many meta-steps")
    options = parser.parse_args(words)
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        torch.distributed.init_process_group("gloo")
    torch.manual_seed(options.seed)
    generator = torch.Generator().manual_seed(options.seed)
    learner = Learner()
    meta_train(learner, n_steps=20 if options.quick else 3000 if options.full else 300, generator=generator)
    if torch.distributed.is_initialized() and torch.distributed.get_rank() > 0:
        return {}
    judged = torch.Generator().manual_seed(1)
    errors = errors_after(learner, n_tasks=20 if options.quick else 100, generator=judged)
    plot(learner, options.output, generator=judged)
    table = Table("inner steps", "unexplained variance on new systems", "95 % interval")
    for n_steps, values in errors.items():
        mean, margin = values.mean().item(), 1.96 * values.std().item() / len(values) ** 0.5
        table.add_row(str(n_steps), f"{mean:.1%}", f"{mean - margin:.1%} to {mean + margin:.1%}")
    Console().print(table)
    return {n_steps: values.mean().item() for n_steps, values in errors.items()}


if __name__ == "__main__":
    main()
