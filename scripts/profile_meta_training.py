"""Tell where the time of meta-training goes: in reading, in arithmetic, in the optimiser, in keeping.

Collects a few tasks, begins with a prior, and profiles the steps after all clips are cached:

    python scripts/profile_meta_training.py --steps 200
"""
# ruff: noqa: INP001 - a script, not a module of a package

import argparse
import cProfile
import pstats
import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table

from daml.app.collect import collect
from daml.batches.batch import BatchConfig
from daml.collection.demonstrations import CollectionConfig
from daml.demos import DemoDataset
from daml.learners.learner import Learner
from daml.learners.methods import read_learner
from daml.optimization.hardware import keep_freed_memory
from daml.progress import Progress
from daml.storage.shipped import find_prior
from daml.training.meta_training import meta_train
from daml.training.meta_training_config import MetaTrainingConfig

PARTS = {
    "draw and read the batch": ("cached_clips.py", "batches"),
    "adapt and imitate, forward": ("meta_objective.py", "meta_objective"),
    "meta-gradient, backward": ("autograd/__init__.py", "backward"),
    "clip the meta-gradient": ("clip_grad.py", "clip_grad_norm_"),
    "optimiser": ("adam.py", "step"),
    "write the figures": ("metrics_log.py", "write_means"),
    "keep prior and state": ("saved_folder.py", "write"),
}
"""File and function of each part, by its name."""


def profile(dataset: Path, prior: Learner, *, steps: int, output: Path) -> pstats.Stats:
    """Meta-train; return the profile of the steps after all clips are cached."""
    profiler = cProfile.Profile()
    batch = BatchConfig()
    warm = MetaTrainingConfig.log_every  # when observers are told for the first time
    config = MetaTrainingConfig(
        prior=prior.config, batch=batch, steps=warm + steps, cached_clips=4 * batch.n_tasks, save_every=steps
    )

    def begin(learner: Learner) -> None:
        learner.load_state_dict(prior.state_dict())

    def observe(progress: Progress) -> None:
        if progress.done == warm:
            profiler.enable()

    meta_train(config, DemoDataset(dataset).tasks("train"), output=output, observers=[observe], prepare=begin)
    profiler.disable()
    return pstats.Stats(profiler)


def seconds_by_part(stats: pstats.Stats) -> dict[str, float]:
    """Return the time of each part, with all that it calls, and what is left."""
    timings = stats.stats  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]
    seconds: dict[str, float] = {}
    for part, (file, function) in PARTS.items():
        seconds[part] = sum(
            timing[3] for (path, _, name), timing in timings.items() if path.endswith(file) and name == function
        )
    total = stats.total_tt  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]
    return {**seconds, "all else": total - sum(seconds.values())}


def main(words: Sequence[str] | None = None) -> None:
    """Profile and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prior", default="tabletop", help="shipped prior, or folder of one")
    parser.add_argument("--steps", type=int, default=200, help="meta-steps that are profiled")
    parser.add_argument("--tasks", type=int, default=6, help="tasks of each kind to learn from")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args(words)
    torch.set_num_threads(options.threads)
    keep_freed_memory()
    prior = read_learner(find_prior(options.prior))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        collect(output=folder / "dataset", config=CollectionConfig(train_tasks=options.tasks, validation_tasks=0))
        stats = profile(folder / "dataset", prior, steps=options.steps, output=folder / "run")
    seconds = seconds_by_part(stats)
    total = sum(seconds.values())
    table = Table("part of a meta-step", "ms", "share", title=f"{options.steps} steps, {options.threads} threads")
    for part, value in {**seconds, "whole": total}.items():
        table.add_row(part, f"{1000 * value / options.steps:.1f}", f"{value / total:.1%}")
    Console().print(table)


if __name__ == "__main__":
    main()
