"""Train a prior from nothing and judge it, from Python, with sizes so small that it takes less than a minute.

    python scripts/examples/train_a_tiny_prior.py --output runs/tiny

A prior this small learns next to nothing. The point is the way: every stage of `daml train` is run once. To train in
earnest, use the default settings and some hours: `daml.train(daml.TrainingConfig(), "runs/tabletop")`.
"""
# ruff: noqa: INP001 - a script, not a module of a package

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

import daml
from daml.batches.batch import BatchConfig
from daml.collection.corrections import CorrectionConfig
from daml.collection.tracks import TrackConfig
from daml.evaluation.evaluation import Evaluation
from daml.learners.config import PriorConfig
from daml.training.meta_training_config import MetaTrainingConfig
from daml.training.motor import MotorConfig
from daml.training.pretraining import PretrainingConfig
from daml.training.tracker import TrackerConfig

IMAGE_SIZE = 32
"""Height and width of all images, in pixels: a ninth of the usual number of pixels."""


def main(words: Sequence[str] | None = None) -> Evaluation:
    """Collect, train, evaluate; return what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("runs/tiny"), help="folder of the run")
    options = parser.parse_args(words)
    say = Console().print

    # 1. Collect demonstrations: for each task a film of a simulated person, and clips of a robot that a scripted expert
    #    controls. Tasks that are there already are kept, here as in every stage: run this twice, or stop it between.
    collection = daml.CollectionConfig(kinds=("place",), train_tasks=2, robots=2, image_size=IMAGE_SIZE)
    dataset = options.output / "dataset"
    daml.collect(collection, dataset)

    # 2. Settings are frozen dataclasses, one for each stage. What is not named has the default of `daml train`.
    config = daml.TrainingConfig(
        meta=MetaTrainingConfig(
            steps=10,
            log_every=5,
            save_every=10,
            validate_every=10,
            cached_clips=8,
            prior=PriorConfig(image_size=(IMAGE_SIZE, IMAGE_SIZE)),
            batch=BatchConfig(n_tasks=2),
        ),
        pretraining=PretrainingConfig(steps=20, tasks=4),
        motor=MotorConfig(steps=20),
        correction=CorrectionConfig(rounds=0),
        tracks=TrackConfig(rounds=1, tasks=1),
        tracker=TrackerConfig(steps=5),
        validation_tasks=1,
    )

    # 3. Train. Observers are functions that are told how far each stage has come; the commands' progress bars are one.
    def observe(progress: daml.Progress) -> None:
        if progress.done == progress.total:
            figures = [f"{name} {value:.3g}" for name, value in progress.figures.items()]
            say(f"{progress.stage}: {progress.done} done", *figures[:2])

    prior = daml.train(config, options.output / "run", dataset=dataset, observers=[observe])

    # 4. Judge it on validation tasks. `one_shot` films one human video of each task and adapts to it.
    tasks = daml.EvaluationConfig(kind="place", split="validation", n_tasks=2, seed=7)
    evaluation = daml.evaluate(daml.one_shot(prior), tasks, image_size=IMAGE_SIZE)
    low, high = evaluation.interval
    say(f"success in {evaluation.success_rate:.0%} of {evaluation.n_rollouts} (95 % interval: {low:.0%} to {high:.0%})")

    # 5. The prior is a folder, which `daml evaluate --prior` and `Prior.from_pretrained` read.
    say(f"prior: {options.output / 'run' / 'best'}")
    return evaluation


if __name__ == "__main__":
    main()
