"""Measure what each part of `daml train` costs, and multiply it by how often the default recipe does it.

python scripts/measure_training.py                # some minutes
python scripts/measure_training.py --float32      # as on a CPU that does not multiply in bfloat16

The real recipe is run on a few tasks for a few steps, on one core. The costs are processor time, in which waiting for a
busy machine does not count. Nothing of it is a training: the minutes are costs times counts.
"""
# ruff: noqa: INP001, T201 - a script, not a module of a package

import argparse
import dataclasses
import json
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import torch

from daml import EvaluationConfig, envs, evaluate, one_shot
from daml.collection.demonstrations import CollectionConfig
from daml.engines.serial import SerialEngine
from daml.progress import Progress
from daml.training.motor import MotorConfig
from daml.training.preparation import pictured_tasks
from daml.training.pretraining import PretrainingConfig
from daml.training.recipe import TrainingConfig, train
from daml.training.tracker import TrackerConfig

_CACHED_STEPS = 12
"""Meta-steps of the measurement whose clips are not cached yet."""

_TASKS = 8
"""Tasks of each kind."""


class Part(NamedTuple):
    """A part of the recipe."""

    stage: str
    """As observers are told of it."""
    first: int
    """What it has done when the clock starts: what comes first has a start in it."""
    last: int | None
    """What it has done when the clock stops; all when None."""
    times: int
    """How often the recipe does it."""


def small() -> TrainingConfig:
    """Return the default recipe with few tasks and steps."""
    recipe = TrainingConfig()
    return dataclasses.replace(
        recipe,
        meta=dataclasses.replace(
            recipe.meta, steps=60, log_every=2, save_every=60, validate_every=1000, cached_clips=16 * _CACHED_STEPS
        ),
        collection=CollectionConfig(train_tasks=_TASKS),
        pretraining=PretrainingConfig(tasks=2 * _TASKS, steps=24),
        motor=MotorConfig(steps=400),
        correction=dataclasses.replace(recipe.correction, rounds=1, tasks=4, steps=20),
        tracks=dataclasses.replace(recipe.tracks, rounds=1, tasks=4),
        tracker=TrackerConfig(steps=100),
        validation_tasks=2,
    )


def parts(recipe: TrainingConfig) -> dict[str, Part]:
    """Return the parts of a recipe and how often each is done."""
    n_kinds, rounds = len(recipe.collection.kinds), recipe.correction.rounds
    new = recipe.meta.cached_clips // recipe.meta.batch.n_tasks
    steps = recipe.meta.steps + rounds * recipe.correction.steps
    pictures = len(pictured_tasks(recipe.collection.kinds, recipe.pretraining))
    return {
        "collect a task": Part("collecting", 1, None, n_kinds * recipe.collection.train_tasks),
        "picture a scene twice": Part("pictures", 1, None, pictures),
        "pretrain, a step": Part("pretraining", 4, None, recipe.pretraining.steps),
        "motor, 100 steps": Part("motor", 100, None, (rounds + 1) * recipe.motor.steps // 100),
        "meta-step with new clips": Part("meta-training", 2, _CACHED_STEPS, (rounds + 1) * new),
        "meta-step with cached clips": Part("meta-training", _CACHED_STEPS + 2, 58, steps - (rounds + 1) * new),
        "correct a task": Part("correcting 1", 1, None, rounds * n_kinds * recipe.correction.tasks),
        "watch a rollout": Part("tracking 1", 1, None, recipe.tracks.rounds * n_kinds * recipe.tracks.tasks),
        "tracker, 20 steps": Part("tracker", 20, None, recipe.tracks.rounds * recipe.tracker.steps // 20),
    }


def cost_s(part: Part, told: dict[str, dict[int, float]]) -> float:
    """Return the processor time of doing it once."""
    times = told[part.stage]
    last = max(times) if part.last is None else part.last
    unit = {"motor": 100, "tracker": 20}.get(part.stage, 1)
    return unit * (times[last] - times[part.first]) / (last - part.first)


def measure(*, in_float32: bool) -> dict[str, tuple[float, int]]:
    """Return the cost of each part [s], and how often the recipe does it."""
    told: dict[str, dict[int, float]] = defaultdict(dict)

    def note(progress: Progress) -> None:
        told[progress.stage].setdefault(progress.done, time.process_time())

    recipe = TrainingConfig()
    abilities = dict if in_float32 else torch.cpu.get_capabilities
    with tempfile.TemporaryDirectory() as folder, mock.patch.object(torch.cpu, "get_capabilities", abilities):
        learned = train(small(), Path(folder) / "run", workers=SerialEngine(), observers=[note])
        began = time.process_time()
        for kind in envs.KINDS:
            judged = EvaluationConfig(kind, "validation", n_tasks=2)
            evaluate(one_shot(learned), judged, image_size=learned.config.image_size[0], workers=SerialEngine())
        judging = (time.process_time() - began) / (2 * len(envs.KINDS))
    meta, correction = recipe.meta, recipe.correction
    rounds = -(-meta.steps // meta.validate_every) + correction.rounds * -(-correction.steps // meta.validate_every)
    costs = {name: (cost_s(part, told), part.times) for name, part in parts(recipe).items()}
    return costs | {"judge an episode": (judging, rounds * recipe.validation_tasks * len(envs.KINDS))}


def main() -> None:
    """Measure, print, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--float32", action="store_true", help="as on a CPU that does not multiply in bfloat16")
    parser.add_argument("--output", type=Path, help="JSON file for what was measured")
    options = parser.parse_args()
    torch.set_num_threads(1)
    costs = measure(in_float32=options.float32)
    for name, (cost, count) in costs.items():
        print(f"{name:28} {1000 * cost:8.1f} ms x {count:6} = {cost * count / 60:6.1f} min", flush=True)
    print(f"{'all, on one core':28} {'':>22} {sum(cost * count for cost, count in costs.values()) / 60:6.1f} min")
    if options.output is not None:
        options.output.write_text(json.dumps(costs, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
