"""Every variant of meta-learning that `daml.maml` has, on the same problems: what each reaches, and what it costs.

Two problems: sine waves of which ten points are shown, and five characters drawn by code of which one drawing each is
shown. All variants learn the same small network from the same number of tasks.

    python scripts/examples/variants.py --output runs/variants.json           # success: five seeds, five minutes
    python scripts/examples/variants.py --costs --output runs/costs.json      # time and memory, some minutes

The quick look is one seed and variant: `--seeds 0 --variants maml`. Results that the file holds are not measured again.
"""
# ruff: noqa: INP001 - a script, not a module of a package

import argparse
import ctypes
import gc
import json
import multiprocessing
import re
import statistics
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from omniglot import draw_alphabets
from rich.console import Console
from rich.table import Table
from sinusoid import Waves
from torch import Tensor, nn
from torch.nn import functional

from daml import maml

INNER_STEPS = 3

T_97_5 = {2: 12.71, 3: 4.30, 4: 3.18, 5: 2.78, 10: 2.26}
"""Student's t for a 95 % interval of the mean, by the number of seeds."""


class Tasks(NamedTuple):
    """B tasks: what is shown, and what is asked."""

    x: Tensor
    y: Tensor
    query: Tensor
    truth: Tensor


@dataclass(frozen=True)
class Problem:
    """What is to be learned."""

    name: str
    sizes: tuple[int, ...]
    """Units of each layer."""
    step_size: float
    n_meta_steps: int
    learning_rate: float
    draw: Callable[..., Tasks]
    """Draws a number of tasks with a generator, other ones with `judged=True`."""
    loss: Callable[[Tensor, Tensor], Tensor]
    score: Callable[[Tensor, Tensor], Tensor]
    unit: str


def draw_waves(n_tasks: int, generator: torch.Generator, *, judged: bool = False) -> Tasks:  # noqa: ARG001 - any wave
    """Draw sine waves, of which ten points are shown and twenty are asked for."""
    waves = Waves.draw(n_tasks, generator)
    return Tasks(*waves.points(10, generator), *waves.points(20, generator))


class Characters:
    """Characters drawn by code: those of sixteen alphabets to learn from, those of four others to be judged on."""

    def __init__(self) -> None:
        generator = torch.Generator().manual_seed(0)
        alphabets = draw_alphabets(20, generator, n_characters=10)
        drawings = torch.stack([c for alphabet in alphabets for c in alphabet])  # (200, 12, 1, 28, 28)
        self._drawings = functional.avg_pool2d(drawings.flatten(0, 1), 2).reshape(200, 12, -1)

    def draw(self, n_tasks: int, generator: torch.Generator, *, judged: bool = False) -> Tasks:
        """Draw five characters of any alphabets; one drawing of each is shown, two others are asked about."""
        among = self._drawings[160:] if judged else self._drawings[:160]
        chosen = torch.stack([torch.randperm(len(among), generator=generator)[:5] for _ in range(n_tasks)])
        places = torch.stack([torch.randperm(12, generator=generator)[:3] for _ in range(n_tasks * 5)])
        picked = among[chosen[:, :, None], places.reshape(n_tasks, 5, 3)]  # (B, 5, 3, 196)
        shown, asked = torch.arange(5).expand(n_tasks, -1), torch.arange(5).repeat_interleave(2).expand(n_tasks, -1)
        return Tasks(picked[:, :, 0], shown, picked[:, :, 1:].flatten(1, 2), asked)


def squared_error(prediction: Tensor, truth: Tensor) -> Tensor:
    """Return the mean squared error."""
    return (prediction - truth).square().mean()


def accuracy(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the share of right answers in percent."""
    return 100 * (logits.argmax(-1) == labels).float().mean()


def problems() -> list[Problem]:
    """Return both."""
    return [
        Problem("sine waves", (1, 40, 40, 1), 0.02, 250, 5e-3, draw_waves, squared_error, squared_error, "error"),
        Problem(
            *("characters", (196, 64, 64, 5), 0.2, 80, 5e-3),
            Characters().draw,
            functional.cross_entropy,
            accuracy,
            "% right",
        ),
    ]


class Maml(nn.Module):
    """MAML; each variant below changes one thing.

    Args:
        problem: What is to be learned.
        n_steps: Inner steps.
    """

    gradient: maml.Gradient = staticmethod(maml.second_order)
    step_size_factor = 1.0

    def __init__(self, problem: Problem, *, n_steps: int) -> None:
        super().__init__()
        *hidden, last = [nn.Linear(a, b) for a, b in zip(problem.sizes, problem.sizes[1:], strict=False)]
        body = [layer for each in hidden for layer in (each, nn.ReLU())]
        self.network = nn.Sequential(OrderedDict(body=nn.Sequential(*body), head=last))
        self.problem = problem
        self.n_steps = n_steps
        self.size = problem.step_size * self.step_size_factor

    def initial(self) -> dict[str, Tensor]:
        """Return the initial parameters."""
        return dict(self.network.named_parameters())

    def step_sizes(self) -> maml.StepSizes:
        """Return the step size of each parameter that adapts."""
        return maml.share_step_size(self.initial(), size=self.size)

    def predict(self, parameters: maml.Parameters, x: Tensor) -> Tensor:
        """Run the network."""
        return torch.func.functional_call(self.network, dict(parameters), (x,))

    def loss(self, parameters: maml.Parameters, x: Tensor, y: Tensor) -> Tensor:
        """Return the loss on points or pictures."""
        return self.problem.loss(self.predict(parameters, x), y)

    def trace(self, initial: maml.Parameters, x: Tensor, y: Tensor) -> tuple[dict[str, Tensor], ...]:
        """Adapt, and keep the way."""
        return maml.trace_inner_steps(
            initial,
            lambda p: self.loss(p, x, y),
            step_sizes=self.step_sizes(),
            n_steps=self.n_steps,
            gradient=self.gradient,
        )

    def task_loss(self, initial: maml.Parameters, task: Tasks, progress: float) -> Tensor:  # noqa: ARG002 - for MAML++
        """Return the outer loss of one task."""
        return self.loss(self.trace(initial, task.x, task.y)[-1], task.query, task.truth)

    def meta_loss(self, initial: maml.Parameters, tasks: Tasks, progress: float) -> Tensor:
        """Return the outer loss of B tasks."""
        return torch.func.vmap(lambda *task: self.task_loss(initial, Tasks(*task), progress))(*tasks).mean()

    def forward(self, tasks: Tasks, progress: float) -> Tensor:
        """Return what is differentiated."""
        return self.meta_loss(self.initial(), tasks, progress)


class FirstOrder(Maml):
    """The gradient counts as a constant."""

    gradient = staticmethod(maml.first_order)


class Recomputed(Maml):
    """MAML in less memory."""

    gradient = staticmethod(maml.recomputed)


class Reptile(FirstOrder):
    """Towards where adaptation to all that is known of a task went."""

    def task_loss(self, initial: maml.Parameters, task: Tasks, progress: float) -> Tensor:  # noqa: ARG002
        """Return Reptile's loss, scaled as if by a step size: Adam does not mind."""
        x, y = torch.cat([task.x, task.query]), torch.cat([task.y, task.truth])
        return maml.reptile_loss(initial, self.trace(initial, x, y)[-1])


class Anil(Maml):
    """The head alone adapts."""

    def step_sizes(self) -> maml.StepSizes:
        """Leave out the body."""
        return maml.share_step_size(maml.select(self.initial(), "head.*"), size=self.size)


class Boil(Maml):
    """All but the head adapts."""

    def step_sizes(self) -> maml.StepSizes:
        """Leave out the head."""
        return maml.share_step_size(maml.select(self.initial(), "!head.*"), size=self.size)


class MetaSgd(Maml):
    """A step size for each element is learned, in log space: learned freely, some seeds diverge here."""

    def __init__(self, problem: Problem, *, n_steps: int) -> None:
        super().__init__(problem, n_steps=n_steps)
        self.sizes = maml.LogSpace(maml.step_size_per_element(self.initial(), size=self.size))

    def step_sizes(self) -> maml.StepSizes:
        """Return those that are learned."""
        return self.sizes()


class MamlPlusPlus(Maml):
    """A step size per tensor and step, learned in log space, and at first a loss after every step."""

    def __init__(self, problem: Problem, *, n_steps: int) -> None:
        super().__init__(problem, n_steps=n_steps)
        sizes = maml.step_size_per_tensor(self.initial(), size=self.size)
        self.sizes = nn.ModuleList(maml.LogSpace(each) for each in maml.step_sizes_per_step(sizes, n_steps=n_steps))

    def step_sizes(self) -> maml.StepSizes:
        """Return those of each step."""
        return [sizes() for sizes in self.sizes]

    def task_loss(self, initial: maml.Parameters, task: Tasks, progress: float) -> Tensor:
        """Weigh the losses after the steps."""
        trace = self.trace(initial, task.x, task.y)[1:]
        weights = maml.anneal_step_weights(self.n_steps, progress=min(1.0, 2 * progress))
        return maml.weigh_steps(trace, lambda p: self.loss(p, task.query, task.truth), weights=weights)


class Implicit(FirstOrder):
    """Many small steps on a regularised loss, and the gradient at its optimum."""

    step_size_factor = 0.25
    """The implicit gradient knows nothing of the way to the optimum and lets curvature grow until larger steps diverge:
    on sine waves those of twice this size did."""
    more_steps = 13
    """For each inner step of the others."""

    def __init__(self, problem: Problem, *, n_steps: int) -> None:
        super().__init__(problem, n_steps=n_steps)
        sizes = maml.share_step_size(self.initial(), size=problem.step_size)
        self.regularizer = maml.GaussianPrior.of_step_sizes(sizes, ratio=20)

    def trace(self, initial: maml.Parameters, x: Tensor, y: Tensor) -> tuple[dict[str, Tensor], ...]:
        """Adapt to the regularised loss, and keep the end of the way alone."""
        adapted = maml.take_inner_steps(
            initial,
            self.regularizer(lambda p: self.loss(p, x, y), initial),
            step_sizes=maml.share_step_size(initial, size=self.size),
            n_steps=self.more_steps * self.n_steps,
            gradient=self.gradient,
        )
        return dict(initial), adapted

    def task_loss(self, initial: maml.Parameters, task: Tasks, progress: float) -> Tensor:  # noqa: ARG002
        """Return the outer loss with the implicit gradient."""
        return maml.implicit_loss(
            initial,
            self.trace(initial, task.x, task.y)[-1],
            loss=lambda p: self.loss(p, task.x, task.y),
            outer_loss=lambda p: self.loss(p, task.query, task.truth),
            regularizer=self.regularizer,
            n_iterations=3,
        )


class Warp(FirstOrder):
    """The second layer does not adapt: it learns to make steps good ones. The others learn as in Reptile."""

    def step_sizes(self) -> dict[str, Tensor]:
        """Leave out the layer in the middle."""
        return maml.share_step_size(maml.select(self.initial(), "!body.2.*"), size=self.size)

    def task_loss(self, initial: maml.Parameters, task: Tasks, progress: float) -> Tensor:  # noqa: ARG002
        """Add WarpGrad's loss for the fixed layer to Reptile's for the others."""
        trace = self.trace(initial, task.x, task.y)
        warp = maml.warp_loss(
            trace[:-1],
            lambda p: self.loss(p, task.x, task.y),
            outer_loss=lambda p: self.loss(p, task.query, task.truth),
            step_sizes=self.step_sizes(),
        )
        return warp + maml.reptile_loss(initial, trace[-1])


class Sharp(Maml):
    """MAML where the initial parameters are moved to where they are worst nearby."""

    def forward(self, tasks: Tasks, progress: float) -> Tensor:
        """Return the meta-loss there."""
        return maml.sharp_loss(self.initial(), lambda p: self.meta_loss(p, tasks, progress), radius=0.05)


VARIANTS: Mapping[str, type[Maml]] = {
    "MAML": Maml,
    "MAML, recomputed": Recomputed,
    "first order": FirstOrder,
    "Reptile": Reptile,
    "ANIL": Anil,
    "BOIL": Boil,
    "Meta-SGD": MetaSgd,
    "MAML++": MamlPlusPlus,
    "implicit MAML": Implicit,
    "WarpGrad": Warp,
    "Sharp-MAML": Sharp,
}
"""What is compared."""


def learn_and_judge(variant: type[Maml], problem: Problem, seeds: Sequence[int], *, n_meta_steps: int) -> list[float]:
    """Meta-train with all seeds at once, on 16 tasks a step each; return the mean score of each on 200 new tasks.

    What is learned has a leading axis of seeds, over which `vmap` goes; Adam treats each element by itself.
    """
    learners = [create(variant, problem, seed) for seed in seeds]
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    learned, _ = torch.func.stack_module_state(learners)  # pyright: ignore[reportArgumentType] - all are modules
    optimizer = torch.optim.Adam(learned.values(), lr=problem.learning_rate)
    for step in range(n_meta_steps):
        tasks = Tasks(*(torch.stack(each) for each in zip(*(problem.draw(16, g) for g in generators), strict=True)))

        def loss_of_seed(values: maml.Parameters, *task: Tensor, progress: float = step / n_meta_steps) -> Tensor:
            return torch.func.functional_call(learners[0], dict(values), (Tasks(*task), progress))

        optimizer.zero_grad()
        torch.func.vmap(loss_of_seed)(learned, *tasks).sum().backward()
        optimizer.step()
    for i, learner in enumerate(learners):
        learner.load_state_dict({name: value[i] for name, value in learned.items()})
    return [judge(learner) for learner in learners]


def create(variant: type[Maml], problem: Problem, seed: int) -> Maml:
    """Create a learner from a seed."""
    torch.manual_seed(seed)
    return variant(problem, n_steps=INNER_STEPS)


@torch.no_grad()
def judge(learner: Maml) -> float:
    """Return the mean score on 200 new tasks, the same for every variant and seed."""
    tasks = learner.problem.draw(200, torch.Generator().manual_seed(1), judged=True)

    def one_task(*values: Tensor) -> Tensor:
        task = Tasks(*values)
        adapted = learner.trace(learner.initial(), task.x, task.y)[-1]
        return learner.problem.score(learner.predict(adapted, task.query), task.truth)

    return torch.func.vmap(one_task)(*tasks).mean().item()


def measure_success(
    names: Sequence[str], seeds: Sequence[int], path: Path, *, share: float
) -> dict[str, dict[str, float]]:
    """Meta-train and judge each variant on each problem with each seed; what the file holds is kept."""
    scores: dict[str, dict[str, float]] = json.loads(path.read_text()) if path.exists() else {}
    for problem in problems():
        for name in names:
            by_seed = scores.setdefault(f"{problem.name} | {name}", {})
            missing = [seed for seed in seeds if str(seed) not in by_seed]
            if missing and name != "MAML, recomputed":  # the same numbers as MAML, but for rounding
                n_meta_steps = round(share * problem.n_meta_steps)
                values = learn_and_judge(VARIANTS[name], problem, missing, n_meta_steps=n_meta_steps)
                by_seed |= {str(seed): value for seed, value in zip(missing, values, strict=True)}
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(json.dumps(scores, indent=1))
    return scores


def interval(values: Sequence[float]) -> str:
    """Write the mean of seeds with its 95 % interval (Student's t)."""
    mean = statistics.mean(values)
    if len(values) not in T_97_5:
        return f"{mean:.3g}"
    margin = T_97_5[len(values)] * statistics.stdev(values) / len(values) ** 0.5
    digits = 1 if mean > 10 else 3
    return f"{mean:.{digits}f} ({mean - margin:.{digits}f} to {mean + margin:.{digits}f})"


def print_success(scores: Mapping[str, Mapping[str, float]]) -> None:
    """Print a table of variants and problems."""
    measured = {tuple(key.split(" | ")): list(by_seed.values()) for key, by_seed in scores.items() if by_seed}
    problem_names, names = (list(dict.fromkeys(cell[i] for cell in measured)) for i in range(2))
    table = Table("variant", *problem_names)
    for name in names:
        table.add_row(name, *(interval(measured[each, name]) for each in problem_names))
    Console().print(table)


def measure_cost(name: str, *, n_steps: int, width: int) -> dict[str, float]:
    """Time a meta-step of 16 tasks of 50 pictures each in this process, and measure how much memory it takes."""
    given = problems()[1]
    problem = Problem(
        "costs", (196, width, width, 5), *(getattr(given, f) for f in list(given.__dataclass_fields__)[2:])
    )
    learner = VARIANTS[name](problem, n_steps=n_steps)
    generator = torch.Generator().manual_seed(0)
    pictures, labels = torch.rand(16, 50, 196, generator=generator), torch.arange(50).remainder(5).expand(16, -1)
    tasks = Tasks(pictures, labels, pictures, labels)
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # what was freed would be taken again unseen
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # resets the peak, which imports have driven up
    before = peak_memory()
    learner(tasks, 0.0).backward()
    memory = peak_memory() - before
    times: list[float] = []
    for _ in range(3):
        began = time.process_time()
        learner(tasks, 0.0).backward()
        times.append(time.process_time() - began)
    return {"milliseconds": 1000 * statistics.median(times), "megabytes": memory}


def peak_memory() -> float:
    """Return the peak of this process's resident set, in MB; Linux alone tells it."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
    return int(found[1]) / 1024 if found else float("nan")


COSTS = ((1, 64), (5, 64), (10, 64), (5, 256))
"""Inner steps and units of each layer at which costs are measured."""


def measure_costs(names: Sequence[str], path: Path) -> dict[str, dict[str, float]]:
    """Measure each cost in a process of its own, on one core."""
    costs: dict[str, dict[str, float]] = json.loads(path.read_text()) if path.exists() else {}
    for name in names:
        measure_cost(name, n_steps=1, width=8)  # loads what is loaded at first use, before memory is measured
    for name in names:
        for n_steps, width in COSTS:
            key = f"{name} | {n_steps} | {width}"
            if key not in costs:
                with multiprocessing.get_context("fork").Pool(1) as pool:
                    costs[key] = pool.apply(measure_cost, (name,), {"n_steps": n_steps, "width": width})
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(json.dumps(costs, indent=1))
    return costs


def print_costs(costs: Mapping[str, Mapping[str, float]]) -> None:
    """Print a table of variants and sizes."""
    table = Table("variant", *(f"{n_steps} steps, {width} units" for n_steps, width in COSTS), title="ms; MB")
    for name in dict.fromkeys(key.split(" | ")[0] for key in costs):
        cells = [costs[f"{name} | {n_steps} | {width}"] for n_steps, width in COSTS]
        table.add_row(name, *(f"{cell['milliseconds']:.0f}; {cell['megabytes']:.0f}" for cell in cells))
    Console().print(table)


def main(words: Sequence[str] | None = None) -> dict[str, Any]:
    """Measure success or costs, print a table, write JSON; return what it holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--variants", nargs="+", choices=list(VARIANTS), default=list(VARIANTS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--costs", action="store_true", help="measure time and memory in place of success")
    parser.add_argument("--output", type=Path, default=Path("runs/variants.json"), help="what it holds is kept")
    parser.add_argument("--quick", action="store_true", help="a few meta-steps: to see that it runs")
    parser.add_argument("--full", action="store_true", help="ten times as many meta-steps: about an hour")
    options = parser.parse_args(words)
    torch.set_num_threads(1)  # the tensors are small
    if options.costs:
        costs = measure_costs(options.variants, options.output)
        print_costs(costs)
        return costs
    share = 0.02 if options.quick else 10 if options.full else 1
    scores = measure_success(options.variants, options.seeds, options.output, share=share)
    print_success(scores)
    return scores


if __name__ == "__main__":
    main()
