"""`daml train`: meta-train a prior, from an empty folder if need be."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import torch

from daml.app.collect import collect
from daml.app.console import console, progress_bar
from daml.collection import CollectionConfig
from daml.evaluation import EvaluationConfig, evaluate, one_shot
from daml.meta_training import MetaTrainingConfig, Observer, meta_train
from daml.prior import Prior
from daml.versions import versions
from demos import DemoDataset


def train(
    *,
    output: Path,
    dataset: Path | None = None,
    collection: CollectionConfig = CollectionConfig(),  # noqa: B008 - frozen
    config: MetaTrainingConfig = MetaTrainingConfig(),  # noqa: B008 - frozen
    validation_tasks: int = 50,
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto",
    tensorboard: bool = False,
) -> None:
    """Meta-train a prior; run the same command again to go on where a stopped run was.

    Writes to the output folder: dataset/ (unless one is given), metrics.jsonl, state/ (to go on from), last/ and best/
    (priors; the best by closed-loop success on validation tasks).

    Args:
        output: Folder of the run.
        dataset: Folder of a dataset; without it one is collected into the output folder first.
        collection: What is collected.
        config: Settings of meta-training.
        validation_tasks: Validation tasks that the prior is judged on while it is trained, one rollout each.
        device: Where to compute; auto takes a GPU when there is one.
        tensorboard: Also write TensorBoard's event files (needs the extra `tensorboard`).
    """
    folder = dataset or output / "dataset"
    if dataset is None:
        collect(output=folder, config=collection)
    provenance = {"dataset": str(folder), "seed": config.seed, "steps": config.steps, "versions": versions()}
    config = dataclasses.replace(config, prior=dataclasses.replace(config.prior, provenance=provenance))
    judged_on = EvaluationConfig("place", "validation", n_tasks=validation_tasks)

    def validate(prior: Prior) -> Mapping[str, float]:
        evaluation = evaluate(one_shot(prior), judged_on, image_size=prior.config.image_size[0])
        return {
            "score": evaluation.success_rate,
            "success_rate": evaluation.success_rate,
            "wrong_target_rate": evaluation.wrong_target_rate,
            "control_failure_rate": evaluation.control_failure_rate,
        }

    with progress_bar() as progress:
        bar = progress.add_task("meta-training", total=config.steps, figures="")
        latest: dict[str, float] = {}

        def observe(step: int, figures: Mapping[str, float]) -> None:
            latest.update(figures)
            names = {"loss": "loss", "goal_error_m": "goal error [m]", "validation_success_rate": "validation success"}
            text = ", ".join(f"{title} {latest[name]:.3f}" for name, title in names.items() if name in latest)
            progress.update(bar, completed=step, figures=text)

        observers: list[Observer] = [observe]
        if tensorboard:
            observers.append(_tensorboard_observer(output))
        meta_train(
            config,
            DemoDataset(folder),
            output=output,
            observers=observers,
            validate=validate,
            device=_device(device),
        )
    console.print(f"best prior: {output / 'best'}; judge it with: daml evaluate --prior {output / 'best'} --output ...")


def _device(name: str) -> torch.device:
    """Return the device of a name; `auto` prefers a GPU."""
    if name != "auto":
        return torch.device(name)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def _tensorboard_observer(output: Path) -> Observer:
    try:
        from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ValueError("--tensorboard needs the extra: pip install 'daml-imitation[tensorboard]'") from error
    writer = SummaryWriter(str(output / "tensorboard"))

    def observe(step: int, figures: Mapping[str, float]) -> None:
        for name, value in figures.items():
            writer.add_scalar(name, value, step)

    return observe
