"""`daml train`: meta-train a prior, from an empty folder if need be."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import torch
import tyro
from rich.progress import Progress

from daml import envs
from daml.app.collect import collect
from daml.collection.corrections import CorrectionConfig, correct
from daml.collection.demonstrations import CollectionConfig
from daml.collection.tracks import TrackConfig
from daml.demos import DemoDataset, StoredTask
from daml.learners.learner import Learner
from daml.learners.methods import read_learner
from daml.optimization.distributed import Team, join_team
from daml.optimization.hardware import keep_freed_memory
from daml.storage.versions import versions
from daml.terminal.console import progress_bar, say
from daml.terminal.training_bars import PreparationBars, TrackerBars, TrainingBar, advance
from daml.training.beginning import choose_beginning, copy_weights
from daml.training.meta_training import Observer, meta_train
from daml.training.meta_training_config import MetaTrainingConfig
from daml.training.motor import MotorConfig, train_motor
from daml.training.preparation import pictured_tasks, prepare_trunk
from daml.training.pretraining import PretrainingConfig
from daml.training.tracker import TrackerConfig, teach_tracker
from daml.training.validation import choose_validation


def train(
    *,
    output: Path,
    dataset: Path | None = None,
    begin_from: str | None = None,
    trunk: str | None = None,
    collection: CollectionConfig = CollectionConfig(),  # noqa: B008 - frozen
    pretraining: PretrainingConfig = PretrainingConfig(),  # noqa: B008 - frozen
    motor: MotorConfig = MotorConfig(),  # noqa: B008 - frozen
    config: Annotated[MetaTrainingConfig, tyro.conf.arg(name="")] = MetaTrainingConfig(),  # noqa: B008 - frozen
    correction: CorrectionConfig = CorrectionConfig(),  # noqa: B008 - frozen
    tracks: TrackConfig = TrackConfig(),  # noqa: B008 - frozen
    tracker: TrackerConfig = TrackerConfig(),  # noqa: B008 - frozen
    tasks_per_kind: int | None = None,
    validation_tasks: int = 20,
    device: Literal["auto", "cpu", "cuda"] = "auto",
    tensorboard: bool = False,
) -> None:
    """Meta-train a prior; run the same command again to go on where a stopped run was.

    Under torchrun several processes share every meta-batch: torchrun --nproc-per-node 2 --no-python daml train ...

    First from the dataset's demonstrations, then, round after round, also from what the scripted expert says to what
    the policies do that were learned so far (but for datasets of other origin, whose tasks are in no simulator). Last
    the tracker learns, from what the best policies do.

    Writes to the output folder: dataset/ (unless one is given), pretrained/, a folder round-N/ of each round with
    metrics.jsonl, state/ (to go on from), last/ and best/ (priors; the best by closed-loop success on validation
    tasks), its corrections-N/, tracking/, and best/, the best prior of the last round, with its tracker. With a robot,
    images or kinds of task that the simulation does not have, nothing is judged or tracked; best/ is the last prior.

    Args:
        output: Folder of the run.
        dataset: Folder of a dataset; without it one is collected into the output folder first.
        begin_from: Name of a shipped prior, or folder of one with the same settings, to begin with in place of
            pretraining: to teach one that is there more, for instance from demonstrations of your own.
        trunk: Name of a shipped prior, or folder of one of any method, whose trunk is taken in place of pretraining
            one: to learn all the rest anew, in two thirds of the time or less.
        collection: What is collected when no dataset is given.
        pretraining: Settings of the trunk's pretraining on pictures of objects, before the first meta-step.
        motor: Settings of the motor's training on the demonstrations' states and places, before each round.
        config: Settings of meta-training.
        correction: Settings of the rounds in which the expert corrects what was learned.
        tracks: On what tasks policies are watched, for the tracker to learn from.
        tracker: Settings of the tracker's training.
        tasks_per_kind: Training tasks of each kind to learn from; all when not given.
        validation_tasks: Validation tasks of each kind to judge the prior on while it is trained, one rollout each.
        device: Where to compute; auto takes a GPU when there is one.
        tensorboard: Also write TensorBoard's event files (needs the extra `tensorboard`).
    """
    for name, value in (("validation_tasks", validation_tasks), ("tasks_per_kind", tasks_per_kind)):
        if value is not None and value < 1:
            raise ValueError(f"{name}: expected at least 1, got {value}")
    beginning = choose_beginning(config.prior, begin_from=begin_from, trunk=trunk)
    keep_freed_memory()
    team = join_team()
    chosen_device = team.device(_device(device))
    writer_class = _tensorboard_writer() if tensorboard else None
    demos = _open_dataset(dataset, output / "dataset", collection, config, team)
    kinds = _kinds(demos)
    validate = choose_validation(kinds, config.prior, n_tasks=validation_tasks)
    learned_from = _first_of_each(kinds, demos.tasks("train"), n=tasks_per_kind)
    provenance: dict[str, Any] = {
        "kinds": kinds,
        "dataset": demos.info.provenance,
        "seed": config.seed,
        "steps": config.steps,
        "tasks": len(learned_from),
        "correction": dataclasses.asdict(correction),
        "tracks": dataclasses.asdict(tracks),
        "tracker": dataclasses.asdict(tracker),
        "versions": versions(),
        **(beginning.provenance or {"pretraining": dataclasses.asdict(pretraining)}),
    }
    config = dataclasses.replace(config, prior=dataclasses.replace(config.prior, provenance=provenance))

    n_rounds = correction.rounds if _is_simulated(demos) else 0
    settings = [config, *[_after_correction(config, correction)] * n_rounds]
    tasks = list(learned_from)
    with progress_bar(visible=team.is_first) as progress:
        for number, round_config in enumerate(settings):
            folder = output / f"round-{number}"
            if number == 0:
                begin = beginning.fill or partial(
                    _prepare_trunk, output / "pretrained", kinds, pretraining, config, progress
                )
            else:
                learned, corrections = output / f"round-{number - 1}" / "last", output / f"corrections-{number}"
                if team.is_first:
                    bar = progress.add_task(f"correcting {number}", total=None, figures="")
                    show = partial(advance, progress, bar)
                    correct(learned, learned_from, corrections, config=correction, number=number, observers=[show])
                team.wait()
                tasks += correction.copies * DemoDataset(corrections).tasks("train")
                begin = partial(copy_weights, read_learner(learned))
            prepare = partial(_prepare, begin, tasks, motor, config.seed, progress)
            bar = progress.add_task(
                f"round {number}" if number else "meta-training", total=round_config.steps, figures=""
            )
            observers: list[Observer] = [TrainingBar(progress, bar)]
            if writer_class is not None and team.is_first:
                observers.append(_tensorboard_observer(writer_class(str(folder / "tensorboard"))))
            meta_train(
                round_config,
                tasks,
                output=folder,
                observers=observers,
                validate=validate,
                prepare=prepare,
                device=chosen_device,
                team=team,
            )
        if team.is_first:
            judged = validate is not None
            last = output / f"round-{n_rounds}" / ("best" if judged else "last")
            watching = tracks if judged and _is_simulated(demos) else dataclasses.replace(tracks, rounds=0)
            bars = TrackerBars(progress, n_tasks=len(kinds) * tracks.tasks, n_steps=tracker.steps)
            learned = teach_tracker(
                last,
                output / "tracking",
                kinds,
                watching=watching,
                training=tracker,
                seed=config.seed,
                observers=[bars.show_step],
                track_observers=[bars.show_tracks],
            )
            learned.save_pretrained(output / "best")
    if team.is_first:
        _tell_best(output, judged=validate is not None)


def _prepare(
    begin: Callable[[Learner], None],
    tasks: Sequence[StoredTask],
    motor: MotorConfig,
    seed: int,
    progress: Progress,
    prior: Learner,
) -> None:
    """Begin a round: with what is known already, and a motor that has learned from all there is now."""
    begin(prior)
    bar = progress.add_task("motor", total=motor.steps, figures="reading demonstrations")

    def observe(step: int, loss: float) -> None:
        progress.update(bar, completed=step, figures=f"loss {loss:.3f}")

    train_motor(prior.policy.motor, list(dict.fromkeys(tasks)), config=motor, seed=seed, observers=[observe])


def _prepare_trunk(
    folder: Path,
    kinds: Sequence[str],
    pretraining: PretrainingConfig,
    config: MetaTrainingConfig,
    progress: Progress,
    prior: Learner,
) -> None:
    """Give a prior its trunk, pretrained on scenes of these kinds or, where none is simulated, of all."""
    kinds = [kind for kind in kinds if kind in envs.KINDS] or envs.KINDS
    bars = PreparationBars(progress, n_tasks=len(pictured_tasks(kinds, pretraining)), n_steps=pretraining.steps)
    prepare_trunk(
        prior,
        folder,
        kinds=kinds,
        config=pretraining,
        augmentation=config.augmentation,
        seed=config.seed,
        observers=(bars.show_step,),
        picture_observers=(bars.show_pictures,),
    )


def _open_dataset(
    given: Path | None, own: Path, collection: CollectionConfig, config: MetaTrainingConfig, team: Team
) -> DemoDataset:
    """Open the dataset that is given, or collect one of the run's own."""
    if given is None:
        _check_image_size((collection.image_size, collection.image_size), config, where="collection.image_size")
        if team.is_first:
            collect(output=own, config=collection)
        team.wait()
    demos = DemoDataset(given or own)
    _check_image_size(demos.info.image_size, config, where=str(demos.root))
    return demos


def _is_simulated(demos: DemoDataset) -> bool:
    """Tell whether `daml collect` made a dataset: nobody else's tasks can be done again in simulation."""
    return "settings" in demos.info.provenance


def _kinds(demos: DemoDataset) -> list[str]:
    """Return the kinds of task that a dataset trains for, those of the simulation first and in its order."""
    found = {task.kind for task in demos.tasks("train")}
    return [*(kind for kind in envs.KINDS if kind in found), *sorted(found - {*envs.KINDS})]


def _tell_best(output: Path, *, judged: bool) -> None:
    """Say where the best prior is, or the last one where none was judged."""
    best = output / "best"
    if judged:
        say(f"best prior: {best}; judge it with: daml evaluate --prior {best} --output {output / 'evaluation.json'}")
    else:
        say(f"last prior: {best}; not judged, since robot, images or kinds of task are not those of the simulation")


def _after_correction(config: MetaTrainingConfig, correction: CorrectionConfig) -> MetaTrainingConfig:
    """Return the settings of meta-training after a round of correction."""
    share = config.trunk_rate_share if correction.trunk_rate_share is None else correction.trunk_rate_share
    return dataclasses.replace(
        config,
        steps=correction.steps,
        meta_learning_rate=correction.meta_learning_rate,
        trunk_rate_share=share,
        cached_clips_folder=None,
    )


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
    there = {"cuda": torch.cuda.is_available(), "cpu": True}
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
