"""Laws of the recipe: the whole of training as one function."""

import dataclasses
from pathlib import Path
from types import SimpleNamespace

import pytest

from daml.batches.batch import BatchConfig
from daml.demos import DemoDataset
from daml.learners.prior import Prior
from daml.progress import Progress
from daml.training.meta_training_config import MetaTrainingConfig
from daml.training.motor import MotorConfig
from daml.training.pretraining import PretrainingConfig
from daml.training.recipe import TrainingConfig, first_of_each, train


@pytest.fixture
def config(prior: Prior) -> TrainingConfig:
    meta = MetaTrainingConfig(
        steps=2,
        log_every=1,
        save_every=1,
        cached_clips=0,
        prior=prior.config,
        batch=BatchConfig(n_tasks=2, human_frames=prior.config.human_frames),
    )
    return TrainingConfig(
        meta, pretraining=PretrainingConfig(steps=0), motor=MotorConfig(steps=100), validation_tasks=1
    )


def test_every_stage_is_told_and_the_best_prior_comes_back(
    config: TrainingConfig, dataset: DemoDataset, tmp_path: Path
):
    seen: list[Progress] = []
    learned = train(config, tmp_path / "run", dataset=dataset.root, observers=[seen.append])

    assert [progress[:3] for progress in seen if progress.stage == "motor"] == [("motor", 100, 100)]
    steps = [progress.done for progress in seen if progress.stage == "meta-training" and "loss" in progress.figures]
    assert steps == [1, 2]
    best = Prior.from_pretrained(tmp_path / "run" / "best")
    assert learned.config.provenance == best.config.provenance


def test_a_prior_knows_all_settings_that_it_was_trained_with(
    config: TrainingConfig, dataset: DemoDataset, tmp_path: Path
):
    learned = train(config, tmp_path / "run", dataset=dataset.root)

    training = learned.config.provenance["training"]
    for part in ("collection", "pretraining", "motor", "correction", "tracks", "tracker"):
        assert training[part].keys() == dataclasses.asdict(getattr(config, part)).keys()
    assert training["motor"]["steps"] == 100
    for part in ("batch", "augmentation", "behavior_cloning"):
        assert training["meta"][part] == dataclasses.asdict(getattr(config.meta, part))


def test_a_run_of_other_settings_is_not_gone_on_with(config: TrainingConfig, dataset: DemoDataset, tmp_path: Path):
    train(config, tmp_path / "run", dataset=dataset.root)
    other = dataclasses.replace(config, motor=dataclasses.replace(config.motor, learning_rate=0.5))

    with pytest.raises(ValueError, match=r"other settings: motor\.learning_rate \(there 0\.002, here 0\.5\)"):
        train(other, tmp_path / "run", dataset=dataset.root)


def test_two_runs_cannot_write_to_one_folder(config: TrainingConfig, dataset: DemoDataset, tmp_path: Path):
    from daml.storage.folder_lock import only_writer  # noqa: PLC0415 - of this test alone

    with only_writer(tmp_path / "run"), pytest.raises(OSError, match="another process is writing there"):
        train(config, tmp_path / "run", dataset=dataset.root)


def test_the_first_tasks_of_each_kind_are_taken():
    tasks = [SimpleNamespace(kind=kind, index=i) for i in range(4) for kind in ("push", "place")]
    chosen = first_of_each(("place", "push"), tasks, n=2)  # type: ignore[arg-type]
    assert [(task.kind, task.index) for task in chosen] == [("place", 0), ("place", 1), ("push", 0), ("push", 1)]
    assert first_of_each(("place", "push"), tasks, n=None) == tasks  # type: ignore[arg-type]
