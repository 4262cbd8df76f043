"""The recipe: the whole of training, from demonstrations to a prior, resumable at every stage."""

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, cast

import torch
import tyro

from daml import envs
from daml.collection.corrections import CorrectionConfig, correct
from daml.collection.demonstrations import CollectionConfig, collect
from daml.collection.tracks import TrackConfig
from daml.demos import DemoDataset, StoredTask
from daml.engines.engine import Workers
from daml.learners.learner import Learner
from daml.learners.methods import read_learner
from daml.optimization.distributed import ALONE, Team
from daml.progress import Observer, under_name
from daml.storage.folder_lock import only_writer
from daml.storage.result_files import write_json
from daml.storage.versions import versions
from daml.training.beginning import Beginning, choose_beginning, copy_weights
from daml.training.meta_training import CPU, meta_train
from daml.training.meta_training_config import MetaTrainingConfig
from daml.training.motor import MotorConfig, train_motor
from daml.training.preparation import prepare_trunk
from daml.training.pretraining import PretrainingConfig
from daml.training.tracker import TrackerConfig, teach_tracker
from daml.training.validation import choose_validation

_SETTINGS_FILE = "settings.json"
"""Settings that a run began to learn with: a run that goes on must have the same."""


@dataclass(frozen=True)
class TrainingConfig:
    """Settings of a whole training run."""

    meta: Annotated[MetaTrainingConfig, tyro.conf.arg(name="")] = dataclasses.field(default_factory=MetaTrainingConfig)
    """Meta-training, and with it the prior."""
    begin_from: str | None = None
    """Name of a shipped prior, or folder of one with the same settings, to begin with in place of pretraining: to teach
    it more, for instance from demonstrations of your own."""
    trunk: str | None = None
    """Name of a shipped prior, or folder of one of any method, whose trunk is taken in place of pretraining one: to
    learn all the rest anew, in two thirds of the time or less."""
    collection: CollectionConfig = dataclasses.field(default_factory=CollectionConfig)
    """What is collected when no dataset is given."""
    pretraining: PretrainingConfig = dataclasses.field(default_factory=PretrainingConfig)
    """The trunk's pretraining on pictures of objects, before the first meta-step."""
    motor: MotorConfig = dataclasses.field(default_factory=MotorConfig)
    """The motor's training on the demonstrations' states and true goals, before each round."""
    correction: CorrectionConfig = dataclasses.field(default_factory=CorrectionConfig)
    """Rounds in which the expert corrects what was learned."""
    tracks: TrackConfig = dataclasses.field(default_factory=TrackConfig)
    """Tasks on which policies are tracked, for the tracker to learn from."""
    tracker: TrackerConfig = dataclasses.field(default_factory=TrackerConfig)
    """The tracker's training."""
    tasks_per_kind: int | None = None
    """Training tasks of each kind to learn from; all when not given."""
    validation_tasks: int = 20
    """Validation tasks of each kind to judge the prior on while it is trained, one rollout each."""

    def __post_init__(self) -> None:
        """Check the numbers of tasks.

        Raises:
            ValueError: A number is too small.
        """
        for name in ("validation_tasks", "tasks_per_kind"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name}: expected at least 1, got {value}")


def train(
    config: TrainingConfig,
    output: str | Path,
    *,
    dataset: str | Path | None = None,
    device: torch.device = CPU,
    team: Team = ALONE,
    workers: Workers = None,
    observers: Sequence[Observer] = (),
) -> Learner:
    """Train a prior, or go on with a run that was stopped.

    The prior learns first from the dataset's demonstrations; then, round after round, also from the expert's
    corrections of what the policies do that were learned so far (but for datasets of other origin, whose tasks are in
    no simulator). Last the tracker learns, from rollouts of the best policies.

    Writes to the output folder: dataset/ (unless one is given), pretrained/, a folder round-N/ of each round with
    metrics.jsonl, state/ (to go on from), last/ and best/ (priors; the best by success on validation tasks), its
    corrections-N/, tracking/, and best/, the best prior of the last round, with its tracker. With a robot, images or
    kinds of task that the simulation does not have, nothing is judged or tracked; best/ is then the last prior.

    Args:
        config: Settings; those of a run that goes on must be the same.
        output: Folder of the run.
        dataset: Folder of a dataset; without it one is collected into the output folder first.
        device: Where to compute.
        team: Processes that share every meta-batch, started by torchrun.
        workers: Who collects, pictures, corrects and tracks; all cores when None. What is learned is the same.
        observers: Told of every stage's progress.

    Returns:
        The prior in best/, in evaluation mode, on the CPU.

    Raises:
        ValueError: Settings are wrong, do not fit the dataset, or are not those that the run was begun with.
        FloatingPointError: The loss is no longer a finite number.
        RuntimeError: The expert failed on a task whatever the seed.
        OSError: The folder cannot be written, or another process writes to it.
    """
    output = Path(output)
    beginning = choose_beginning(config.meta.prior, begin_from=config.begin_from, trunk=config.trunk)
    demos = None if dataset is None else DemoDataset(dataset)
    if demos is None:
        size = config.collection.image_size
        _check_image_size((size, size), config.meta, where="collection.image_size")
    else:
        _check_image_size(demos.info.image_size, config.meta, where=str(demos.root))
    with only_writer(output) if team.is_first else nullcontext():
        if demos is None:
            if team.is_first:
                collect(config.collection, output / "dataset", workers=workers, observers=observers)
            team.wait()
            demos = DemoDataset(output / "dataset")
        _train(config, output, demos, beginning, device=device, team=team, workers=workers, observers=observers)
    team.wait()
    return read_learner(output / "best")


def _train(
    config: TrainingConfig,
    output: Path,
    demos: DemoDataset,
    beginning: Beginning,
    *,
    device: torch.device,
    team: Team,
    workers: Workers,
    observers: Sequence[Observer],
) -> None:
    """Train on a dataset, in a folder that no other run writes to."""
    kinds = kinds_of(demos)
    filming = config.collection.filming
    validate = choose_validation(kinds, config.meta.prior, n_tasks=config.validation_tasks, filming=filming)
    learned_from = first_of_each(kinds, demos.tasks("train"), n=config.tasks_per_kind)
    provenance = {
        "kinds": kinds,
        "dataset": demos.info.provenance,
        "tasks": len(learned_from),
        "training": _settings(config),
        "versions": versions(),
        **beginning.provenance,
    }
    meta = dataclasses.replace(config.meta, prior=dataclasses.replace(config.meta.prior, provenance=provenance))
    begin = beginning.fill or partial(
        prepare_trunk,
        folder=output / "pretrained",
        kinds=[kind for kind in kinds if kind in envs.ALL_KINDS] or envs.KINDS,
        config=dataclasses.replace(config.pretraining, filming=filming),
        augmentation=meta.augmentation,
        seed=meta.seed,
        workers=workers,
        observers=observers,
    )
    if team.is_first:
        _note_settings(output, config)
    n_rounds = config.correction.rounds if is_simulated(demos) else 0
    correct_tasks = partial(
        correct, config=config.correction, shift=filming.shift(), workers=workers, observers=observers
    )
    tasks = list(learned_from)
    for number in range(n_rounds + 1):
        if number:
            learned, corrections = output / f"round-{number - 1}" / "last", output / f"corrections-{number}"
            if team.is_first:
                correct_tasks(learned, learned_from, corrections, number=number)
            team.wait()
            tasks += config.correction.copies * DemoDataset(corrections).tasks("train")
            begin = partial(copy_weights, read_learner(learned))
        meta_train(
            after_correction(meta, config.correction) if number else meta,
            tasks,
            output=output / f"round-{number}",
            observers=under_name(f"round {number}", observers) if number else observers,
            validate=validate,
            prepare=partial(_prepare, begin, tasks, config.motor, meta.seed, observers),
            device=device,
            team=team,
        )
    if team.is_first:
        judged = validate is not None
        can_track = judged and is_simulated(demos)
        learned = teach_tracker(
            output / f"round-{n_rounds}" / ("best" if judged else "last"),
            output / "tracking",
            kinds,
            tracking=dataclasses.replace(config.tracks, filming=filming, **({} if can_track else {"rounds": 0})),
            training=config.tracker,
            seed=meta.seed,
            workers=workers,
            observers=observers,
        )
        learned.save_pretrained(output / "best")


def _prepare(
    begin: Callable[[Learner], None],
    tasks: Sequence[StoredTask],
    motor: MotorConfig,
    seed: int,
    observers: Sequence[Observer],
    prior: Learner,
) -> None:
    """Begin a round: with what is known already, and a motor that has learned from all there is now."""
    begin(prior)
    train_motor(prior.policy.motor, list(dict.fromkeys(tasks)), config=motor, seed=seed, observers=observers)


def _settings(config: TrainingConfig) -> dict[str, Any]:
    """Return the settings that decide what is learned, as JSON holds them."""
    settings: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(config)))
    del settings["meta"]["prior"]["provenance"]
    del settings["meta"]["tasks_at_once"], settings["meta"]["cached_clips_folder"]
    return settings


def _note_settings(output: Path, config: TrainingConfig) -> None:
    """Note the settings that a run begins to learn with, or refuse to go on with others."""
    wanted, path = _settings(config), output / _SETTINGS_FILE
    del wanted["correction"]["rounds"]  # a finished run may go on with another round
    if not path.exists():
        write_json(path, wanted)
        return
    there, here = _flat(json.loads(path.read_text(encoding="utf-8"))), _flat(wanted)
    changed = [
        f"{name} (there {there.get(name)}, here {here.get(name)})"
        for name in sorted({*there, *here})
        if there.get(name) != here.get(name)
    ]
    if changed:
        raise ValueError(f"{output}: belongs to a run with other settings: {', '.join(changed)}; choose another folder")


def _flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Name nested settings by dotted names."""
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        nested = isinstance(value, dict)
        flat |= _flat(cast("dict[str, Any]", value), f"{prefix}{name}.") if nested else {prefix + name: value}
    return flat


def is_simulated(demos: DemoDataset) -> bool:
    """Tell whether `collect` made a dataset: the tasks of no other can be done again in simulation."""
    return "settings" in demos.info.provenance


def kinds_of(demos: DemoDataset) -> list[str]:
    """Return the kinds of task that a dataset trains for, those of the simulation first and in its order."""
    found = {task.kind for task in demos.tasks("train")}
    return [*(kind for kind in envs.ALL_KINDS if kind in found), *sorted(found - {*envs.ALL_KINDS})]


def first_of_each(kinds: Sequence[str], tasks: Sequence[StoredTask], *, n: int | None) -> list[StoredTask]:
    """Return the first n tasks of each kind, or all."""
    by_kind = [[task for task in tasks if task.kind == kind] for kind in kinds]
    return list(tasks) if n is None else [task for of_kind in by_kind for task in of_kind[:n]]


def after_correction(config: MetaTrainingConfig, correction: CorrectionConfig) -> MetaTrainingConfig:
    """Return the settings of meta-training after a round of correction."""
    share = config.trunk_rate_share if correction.trunk_rate_share is None else correction.trunk_rate_share
    return dataclasses.replace(
        config,
        steps=correction.steps,
        meta_learning_rate=correction.meta_learning_rate,
        trunk_rate_share=share,
        cached_clips_folder=None,
    )


def _check_image_size(found: tuple[int, int], config: MetaTrainingConfig, *, where: str) -> None:
    """Refuse images of another size than the prior's, before they are collected or trained on."""
    wanted = config.prior.image_size
    if found != wanted:
        raise ValueError(
            f"{where}: images are {found[0]} x {found[1]} px, but --prior.image-size is {wanted[0]} x {wanted[1]}; "
            "give both the same size"
        )
