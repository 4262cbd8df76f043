"""`daml train`: meta-train a prior, from an empty folder if need be."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import torch
import tyro

import envs
from daml.allocator import keep_freed_memory
from daml.app.collect import collect
from daml.app.console import progress_bar, say
from daml.collection import CollectionConfig
from daml.distributed import join_team
from daml.evaluation import EvaluationConfig, evaluate, one_shot
from daml.learner import Learner
from daml.meta_training import MetaTrainingConfig, Observer, meta_train
from daml.preparation import prepare_trunk
from daml.pretraining import PretrainingConfig
from daml.versions import versions
from demos import DemoDataset, StoredTask


def train(
    *,
    output: Path,
    dataset: Path | None = None,
    collection: CollectionConfig = CollectionConfig(),  # noqa: B008 - frozen
    pretraining: PretrainingConfig = PretrainingConfig(),  # noqa: B008 - frozen
    config: Annotated[MetaTrainingConfig, tyro.conf.arg(name="")] = MetaTrainingConfig(),  # noqa: B008 - frozen
    tasks_per_kind: int | None = None,
    validation_tasks: int = 20,
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto",
    tensorboard: bool = False,
) -> None:
    """Meta-train a prior; run the same command again to go on where a stopped run was.

    Under torchrun several processes share every meta-batch: torchrun --nproc-per-node 2 --no-python daml train ...

    Writes to the output folder: dataset/ (unless one is given), pretrained/, metrics.jsonl, state/ (to go on from),
    last/ and best/ (priors; the best by closed-loop success on validation tasks).

    Args:
        output: Folder of the run.
        dataset: Folder of a dataset; without it one is collected into the output folder first.
        collection: What is collected when no dataset is given.
        pretraining: Settings of the trunk's pretraining on pictures of objects, before the first meta-step.
        config: Settings of meta-training.
        tasks_per_kind: Training tasks of each kind to learn from; all when not given.
        validation_tasks: Validation tasks of each kind to judge the prior on while it is trained, one rollout each.
        device: Where to compute; auto takes a GPU when there is one.
        tensorboard: Also write TensorBoard's event files (needs the extra `tensorboard`).
    """
    for name, number in (("validation_tasks", validation_tasks), ("tasks_per_kind", tasks_per_kind)):
        if number is not None and number < 1:
            raise ValueError(f"{name}: expected at least 1, got {number}")
    keep_freed_memory()
    team = join_team()
    chosen_device = team.device(_device(device))
    writer_class = _tensorboard_writer() if tensorboard else None
    folder = dataset or output / "dataset"
    if dataset is None:
        _check_image_size((collection.image_size, collection.image_size), config, where="collection.image_size")
        if team.is_first:
            collect(output=folder, config=collection)
        team.wait()
    demos = DemoDataset(folder)
    _check_image_size(demos.info.image_size, config, where=str(folder))
    kinds = sorted({task.kind for task in demos.tasks("train")}, key=envs.KINDS.index)
    tasks = _first_of_each(kinds, demos.tasks("train"), n=tasks_per_kind)
    provenance = {
        "kinds": kinds,
        "dataset": str(folder),
        "seed": config.seed,
        "steps": config.steps,
        "tasks": len(tasks),
        "versions": versions(),
    }
    config = dataclasses.replace(config, prior=dataclasses.replace(config.prior, provenance=provenance))

    with progress_bar(visible=team.is_first) as progress:

        def prepare(prior: Learner) -> None:
            bar = progress.add_task("pretraining", total=pretraining.steps, figures="taking pictures")

            def observe(step: int, share: float) -> None:
                progress.update(bar, completed=step, figures=f"objects recognised {share:.0%}")

            prepare_trunk(
                prior,
                output / "pretrained",
                kinds=kinds,
                config=pretraining,
                augmentation=config.augmentation,
                seed=config.seed,
                observers=(observe,),
            )

        bar = progress.add_task("meta-training", total=config.steps, figures="")
        latest: dict[str, float] = {}

        def observe(step: int, figures: Mapping[str, float]) -> None:
            latest.update(figures)
            names = {"validation_success_rate": "validation success", "loss": "loss", "goal_error_m": "goal error [m]"}
            text = ", ".join(f"{title} {latest[name]:.3f}" for name, title in names.items() if name in latest)
            progress.update(bar, completed=step, figures=text)

        observers: list[Observer] = [observe]
        if writer_class is not None and team.is_first:
            observers.append(_tensorboard_observer(writer_class(str(output / "tensorboard"))))
        meta_train(
            config,
            tasks,
            output=output,
            observers=observers,
            validate=partial(_validate, kinds=kinds, n_tasks=validation_tasks),
            prepare=prepare,
            device=chosen_device,
            team=team,
        )
    best = output / "best"
    if team.is_first:
        say(f"best prior: {best}; judge it with: daml evaluate --prior {best} --output {output / 'evaluation.json'}")


def _validate(prior: Learner, *, kinds: Sequence[str], n_tasks: int) -> dict[str, float]:
    """Judge a prior on validation tasks of each kind; its score is the mean success rate of the kinds."""
    figures: dict[str, float] = {}
    for kind in kinds:
        config = EvaluationConfig(kind, "validation", n_tasks=n_tasks)
        evaluation = evaluate(one_shot(prior), config, image_size=prior.config.image_size[0])
        figures[f"success_rate_{kind}"] = evaluation.success_rate
        figures[f"wrong_target_rate_{kind}"] = evaluation.wrong_target_rate
        figures[f"control_failure_rate_{kind}"] = evaluation.control_failure_rate
    success_rate = sum(figures[f"success_rate_{kind}"] for kind in kinds) / len(kinds)
    return {"score": success_rate, "success_rate": success_rate, **figures}


def _first_of_each(kinds: Sequence[str], tasks: Sequence[StoredTask], *, n: int | None) -> list[StoredTask]:
    """Return the first n tasks of each kind, or all."""
    by_kind = [[task for task in tasks if task.kind == kind] for kind in kinds]
    return list(tasks) if n is None else [task for of_kind in by_kind for task in of_kind[:n]]


def _check_image_size(found: tuple[int, int], config: MetaTrainingConfig, *, where: str) -> None:
    """Refuse images of another size than the prior's, before they are collected or trained on."""
    wanted = config.prior.image_size
    if found != wanted:
        raise ValueError(
            f"{where}: images are {found[0]} x {found[1]} px, but --prior.image-size is {wanted[0]} x {wanted[1]}; "
            "give both the same size"
        )


def _device(name: str) -> torch.device:
    """Return the device of a name; `auto` prefers a GPU."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        name = next(device for device, is_there in there.items() if is_there)
    if not there[name]:
        names = ", ".join(device for device, is_there in there.items() if is_there)
        raise ValueError(f"device {name} is not available here; available: {names}")
    return torch.device(name)


def _tensorboard_writer() -> Callable[[str], Any]:
    """Return the class that writes event files to a folder."""
    try:
        from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ValueError("--tensorboard needs the extra: pip install 'daml-imitation[tensorboard]'") from error
    return SummaryWriter


def _tensorboard_observer(writer: Any) -> Observer:  # noqa: ANN401 - an extra
    """Write figures as TensorBoard's scalars."""

    def observe(step: int, figures: Mapping[str, float]) -> None:
        for name, value in figures.items():
            writer.add_scalar(name, value, step)

    return observe
