"""Measure success on validation tasks against the number of inner steps at test time, with and without regulariser.

A prior is meta-trained for a few inner steps; more of them on a single video fit the video ever better, and at some
point no longer the task. Four ways of taking n steps are compared: with the prior's own step sizes or with these
divided by n, each plainly or with the inner loss regularised towards the start (`daml.maml.GaussianPrior`).

    nice -n 19 python scripts/plot_inner_steps.py --n-tasks 300 --output runs/inner_steps.json

All ways do one task before the next is begun, and each episode is noted in a file beside the output: stopped and
started again, it goes on where it was. Table and plot tell of the tasks that all ways have done. 300 tasks with all
numbers of steps take about seven hours on one core; `--ways` and `--steps` choose fewer.
"""
# ruff: noqa: INP001 - a script, not a module of a package

import argparse
import copy
import dataclasses
import functools
import json
from collections import Counter
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import torch
from rich.console import Console
from rich.table import Table

from daml import Prior, adapt, envs
from daml.demos import HumanDemo
from daml.demos.disk import written_whole
from daml.evaluation.candidates import Candidate, Method
from daml.evaluation.evaluation import evaluate
from daml.evaluation.evaluation_config import EvaluationConfig
from daml.evaluation.statistics import interval_over_tasks, wilson_interval
from daml.maml import GaussianPrior
from daml.storage.result_files import check_output_file, write_json
from daml.storage.shipped import find_prior
from daml.storage.versions import versions

STEPS = (0, 1, 2, 3, 5, 10, 20)
"""Numbers of inner steps that are compared."""


class Way(NamedTuple):
    """A way to take the inner steps."""

    name: str
    divides: bool
    """Whether the step sizes are divided by the number of steps."""
    regularizes: bool
    """Whether the inner loss holds the parameters near the initial ones."""


WAYS = (
    Way("own step sizes", divides=False, regularizes=False),
    Way("own step sizes, Gaussian prior", divides=False, regularizes=True),
    Way("step sizes / n", divides=True, regularizes=False),
    Way("step sizes / n, Gaussian prior", divides=True, regularizes=True),
)


class Outcome(NamedTuple):
    """What came of one task."""

    task: int
    """Its number among those that are judged."""
    way: str
    n_steps: int
    successes: list[bool]
    """Of each rollout."""


def several_steps(prior: Prior, way: Way, *, n_steps: int, ratio: float) -> Method:
    """Adapt to a video of the task by a number of steps."""
    regularizer = GaussianPrior.of_step_sizes(prior.step_sizes(), ratio=ratio) if way.regularizes else None
    if way.divides:
        prior = copy.deepcopy(prior)
        with torch.no_grad():
            for size in prior.step_sizes().values():
                size.div_(max(n_steps, 1))

    def prepare(task: envs.Assignment, seed: int) -> Candidate:
        policy = adapt(
            prior, film(task, seed, prior.config.image_size[0]), inner_steps=n_steps, regularizer=regularizer
        )
        return Candidate(policy, envs.target_slot(task), None)

    return prepare


@functools.lru_cache(maxsize=1)
def film(task: envs.Assignment, seed: int, image_size: int) -> HumanDemo:
    """Film the human, once for all ways of a task."""
    frames, frame_rate_hz = envs.film_human(envs.Shot(task, seed=seed, image_size=image_size))
    return HumanDemo(frames=frames, frame_rate_hz=frame_rate_hz)


def cells_of(ways: Sequence[Way], steps: Sequence[int]) -> list[tuple[Way, int]]:
    """List what is measured: up to one step the regulariser changes nothing, nor does dividing by the number."""
    return [(way, n_steps) for n_steps in steps for way in (WAYS[:1] if n_steps < 2 else ways)]


def measure(
    prior: Prior, config: EvaluationConfig, path: Path, *, cells: Sequence[tuple[Way, int]], ratio: float
) -> list[Outcome]:
    """Judge every way at every number of steps, task after task; what the file of outcomes holds is not done again."""
    outcomes = [Outcome(**json.loads(line)) for line in path.read_text().splitlines()] if path.exists() else []
    done = {(each.task, each.way, each.n_steps) for each in outcomes}
    for task in range(config.n_tasks):
        for way, n_steps in cells:
            if (task, way.name, n_steps) in done:
                continue
            method = several_steps(prior, way, n_steps=n_steps, ratio=ratio)
            one = dataclasses.replace(config, first_task=config.first_task + task, n_tasks=1)
            result = evaluate(method, one, image_size=prior.config.image_size[0])
            outcomes.append(Outcome(task, way.name, n_steps, [each.success for each in result.episodes]))
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(outcomes[-1]._asdict()) + "\n")
    return outcomes


def summarize(outcomes: Sequence[Outcome], ways: Sequence[Way], steps: Sequence[int]) -> list[dict[str, Any]]:
    """Return success rates of the tasks that all ways have done, with both intervals."""
    cells = {(way.name, n_steps) for way, n_steps in cells_of(ways, steps)}
    done = {(each.task, each.way, each.n_steps) for each in outcomes if (each.way, each.n_steps) in cells}
    counts = Counter(task for task, _, _ in done)  # two processes may have done the same
    whole = {task for task, n_done in counts.items() if n_done == len(cells)}
    points: list[dict[str, Any]] = []
    for n_steps in steps:
        for way in ways:
            name = WAYS[0].name if n_steps < 2 else way.name
            own = {o.task: o.successes for o in outcomes if o.task in whole and (o.way, o.n_steps) == (name, n_steps)}
            successes = [success for each in own.values() for success in each]
            points.append(
                {
                    "way": way.name,
                    "n_steps": n_steps,
                    "n_tasks": len(own),
                    "success_rate": sum(successes) / len(successes),
                    "interval": wilson_interval(sum(successes), len(successes)),
                    "interval_over_tasks": interval_over_tasks({str(task): each for task, each in own.items()}),
                }
            )
    return points


def plot(points: Sequence[dict[str, Any]], path: Path) -> None:
    """Draw a line for each way, with its intervals."""
    import matplotlib as mpl  # noqa: PLC0415 - an extra

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the choice of the backend

    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    for name in dict.fromkeys(point["way"] for point in points):
        own = [point for point in points if point["way"] == name]
        steps = [point["n_steps"] for point in own]
        axes.plot(steps, [100 * point["success_rate"] for point in own], marker="o", label=name)
        low, high = zip(*[point["interval"] for point in own], strict=True)
        axes.fill_between(steps, [100 * value for value in low], [100 * value for value in high], alpha=0.1)
    axes.set(xlabel="inner steps on one video", ylabel="success on validation tasks [%]", ylim=(0, 100))
    axes.set_xticks(sorted({point["n_steps"] for point in points}))
    axes.legend()
    with written_whole(path) as part:
        figure.savefig(part, dpi=150)
    plt.close(figure)


def main(words: Sequence[str] | None = None) -> None:
    """Measure, print a table, write JSON and a plot beside it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prior", default="tabletop", help="shipped prior, or folder of one")
    parser.add_argument("--n-tasks", type=int, default=100, help="validation tasks")
    parser.add_argument("--rollouts", type=int, default=1, help="rollouts of each task")
    parser.add_argument("--steps", type=int, nargs="+", default=STEPS, help="numbers of inner steps")
    names = [way.name for way in WAYS]
    parser.add_argument("--ways", nargs="+", choices=names, default=names, help="ways of taking more than one step")
    parser.add_argument("--ratio", type=float, default=1.0, help="variance of the Gaussian prior per step size")
    parser.add_argument("--output", type=Path, default=Path("runs/inner_steps.json"), help="the plot is beside it")
    options = parser.parse_args(words)
    check_output_file(options.output, suffixes=(".json",))
    if find_spec("matplotlib") is None:
        parser.error("the plot needs matplotlib; run: pip install -e '.[report]' -c constraints.txt")
    prior = Prior.from_pretrained(find_prior(options.prior))
    config = EvaluationConfig("place", "validation", n_tasks=options.n_tasks, rollouts=options.rollouts)
    notes = options.output.with_suffix(".episodes.jsonl")
    notes.parent.mkdir(parents=True, exist_ok=True)
    ways = [way for way in WAYS if way.name in options.ways]
    outcomes = measure(prior, config, notes, cells=cells_of(ways, options.steps), ratio=options.ratio)
    points = summarize(outcomes, ways, options.steps)
    settings = {"prior": options.prior, "split": config.split, "rollouts": config.rollouts, "ratio": options.ratio}
    write_json(options.output, {**settings, "points": points, "versions": versions()})
    plot(points, options.output.with_suffix(".png"))
    table = Table(
        "inner steps", *(way.name for way in ways), title=f"success on {points[0]['n_tasks']} validation tasks"
    )
    for n_steps in options.steps:
        own = [point for point in points if point["n_steps"] == n_steps]
        table.add_row(
            str(n_steps), *(f"{p['success_rate']:.0%} ({p['interval'][0]:.0%} to {p['interval'][1]:.0%})" for p in own)
        )
    Console().print(table)


if __name__ == "__main__":
    main()
