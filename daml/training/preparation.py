"""Preparation of a run: the trunk is pretrained on pictures once, and kept for a run that is stopped and resumed."""

import dataclasses
import shutil
from collections.abc import Sequence
from pathlib import Path

from daml import envs
from daml.batches.augmentation import AugmentationConfig
from daml.collection.filming import without_default
from daml.collection.pictures import take_pictures
from daml.engines.engine import Workers
from daml.learners.learner import Learner
from daml.learners.methods import read_learner
from daml.progress import Observer
from daml.storage.digest import digest
from daml.storage.saved_folder import SavedFolder
from daml.training.pretraining import PretrainingConfig, pretrain


def pictured_tasks(kinds: Sequence[str], config: PretrainingConfig) -> list[envs.Task]:
    """Return the training tasks whose scenes are pictured.

    Args:
        kinds: Kinds of task.
        config: Says how many.
    """
    shares = {kind: config.placing_share if kind == "place" and len(kinds) > 1 else 1.0 for kind in kinds}
    counts = {kind: round(config.tasks * share) for kind, share in shares.items()}
    return [envs.Task(kind, "train", index) for kind, count in counts.items() for index in range(count)]


def prepare_trunk(
    prior: Learner,
    folder: Path,
    *,
    kinds: Sequence[str],
    config: PretrainingConfig,
    augmentation: AugmentationConfig,
    seed: int,
    workers: Workers = None,
    observers: Sequence[Observer] = (),
) -> None:
    """Give a prior a pretrained trunk: the one in a folder, or else a new one that is put there.

    Until it is there, pictures (30 kB each) and the state to go on from are kept in a folder beside it, of the same
    name and `-unfinished`. With other settings, but for the seed, the pictures are used again.

    Args:
        prior: Its trunk is changed in place.
        folder: Where the pretrained prior lies, or will lie.
        kinds: Kinds of task whose scenes are pictured.
        config: Settings of pretraining.
        augmentation: How the pictures' colours are changed.
        seed: Seed of pictures, batches and augmentation.
        workers: Who does the jobs: so many processes, all cores when None, or an engine.
        observers: Told of every task whose scene is pictured, and of every step of pretraining.

    Raises:
        ValueError: What lies in the folder was pretrained with other settings, or is no prior; or what was kept to go
            on from is corrupt.
        FloatingPointError: Weights are no longer finite numbers.
        OSError: The folder cannot be written.
    """
    settings = {**without_default(dataclasses.asdict(config)), "seed": seed, "kinds": list(kinds)}
    sizes = prior.config.image_size, prior.config.policy.channels
    unfinished = folder.with_name(f"{folder.name}-unfinished")
    if folder.exists():
        pretrained = read_learner(folder)
        there = pretrained.config.image_size, pretrained.config.policy.channels
        if (pretrained.config.provenance.get("pretraining"), there) != (settings, sizes):
            raise ValueError(f"{folder}: pretrained with other settings; choose a new output folder")
        prior.policy.trunk.load_state_dict(pretrained.policy.trunk.state_dict())
        shutil.rmtree(unfinished, ignore_errors=True)  # as a run leaves it that is killed when all is done
        return
    if not config.steps:
        return
    tasks = pictured_tasks(kinds, config)
    image_size = prior.config.image_size[0]
    pictures = take_pictures(
        unfinished / "pictures",
        tasks,
        image_size=image_size,
        seed=seed,
        shift=config.filming.shift(),
        workers=workers,
        observers=observers,
    )
    pretrain(
        prior.policy,
        pictures,
        config=config,
        augmentation=augmentation,
        seed=seed,
        observers=observers,
        state_folder=unfinished / digest(settings, dataclasses.asdict(augmentation), image_size),
    )
    provenance = {**prior.config.provenance, "pretraining": settings}
    kept = dataclasses.replace(prior.config, provenance=provenance)
    SavedFolder(kind="prior", settings=dataclasses.asdict(kept), tensors=prior.state_dict()).write(folder)
    shutil.rmtree(unfinished, ignore_errors=True)
