import dataclasses
import json
import os
import pickle
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch

from daml.batches.augmentation import AugmentationConfig
from daml.batches.batch import BatchConfig
from daml.demos import DemoDataset
from daml.learners.config import MethodName
from daml.learners.learner import Learner
from daml.learners.methods import create_learner, read_learner
from daml.learners.prior import Prior
from daml.policies.robot.proprioception import extend_clip
from daml.progress import Progress
from daml.storage.folder_lock import only_writer
from daml.storage.saved_folder import SavedFolder
from daml.training.meta_training import meta_train
from daml.training.meta_training_config import MetaTrainingConfig

NOT_META_TRAINED = ("policy.trunk.", "policy.motor.", "policy.tracker.")
"""Parts of a prior that are trained before, or after."""


@pytest.fixture
def config(prior: Prior) -> MetaTrainingConfig:
    return MetaTrainingConfig(
        steps=6,
        log_every=1,
        save_every=2,
        validate_every=3,
        prior=prior.config,
        batch=BatchConfig(n_tasks=2, human_frames=6, robot_frames=4),
    )


def curve(folder: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [{name: value for name, value in line.items() if name != "elapsed_s"} for line in lines]


class StoppedError(Exception):
    pass


def test_a_run_leaves_a_prior_and_its_curve(config: MetaTrainingConfig, dataset: DemoDataset, tmp_path: Path):
    seen: list[int] = []
    prior = meta_train(config, dataset.tasks("train"), output=tmp_path, observers=[lambda p: seen.append(p.done)])

    assert [line["step"] for line in curve(tmp_path)] == seen == [1, 2, 3, 4, 5, 6]
    last = Prior.from_pretrained(tmp_path / "last")
    assert all(torch.equal(value, last.state_dict()[name]) for name, value in prior.state_dict().items())


@pytest.mark.parametrize(("trunk_rate_share", "cached_clips"), [(0.0, 5), (0.0, 0), (0.3, 5)])
def test_a_resumed_run_is_the_uninterrupted_run(
    trunk_rate_share: float, cached_clips: int, config: MetaTrainingConfig, dataset: DemoDataset, tmp_path: Path
):
    config = dataclasses.replace(config, trunk_rate_share=trunk_rate_share, cached_clips=cached_clips)
    whole = meta_train(config, dataset.tasks("train"), output=tmp_path / "whole")

    def stop(progress: Progress) -> None:
        if progress.done == 5:
            raise StoppedError

    with pytest.raises(StoppedError):
        meta_train(config, dataset.tasks("train"), output=tmp_path / "parts", observers=[stop])
    resumed = meta_train(config, dataset.tasks("train"), output=tmp_path / "parts")

    assert curve(tmp_path / "parts") == curve(tmp_path / "whole")
    assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), resumed.parameters(), strict=True))


def test_clips_are_cached_once_for_all_runs_that_share_a_folder(
    config: MetaTrainingConfig, dataset: DemoDataset, tmp_path: Path
):
    config = dataclasses.replace(config, cached_clips=5)
    sharing = dataclasses.replace(config, cached_clips_folder=str(tmp_path / "shared"))
    alone = meta_train(config, dataset.tasks("train"), output=tmp_path / "alone")
    meta_train(sharing, dataset.tasks("train"), output=tmp_path / "first")
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "shared").rglob("*.safetensors")}
    again = meta_train(sharing, dataset.tasks("train"), output=tmp_path / "second")

    assert len(kept) == 5
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "shared").rglob("*.safetensors")} == kept
    assert all(torch.equal(a, b) for a, b in zip(alone.parameters(), again.parameters(), strict=True))
    other = meta_train(
        dataclasses.replace(sharing, prior=dataclasses.replace(config.prior, method="bc")),
        dataset.tasks("train"),
        output=tmp_path / "third",
    )
    assert other.config.method == "bc"
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "shared").rglob("*.safetensors")} == kept


def test_cached_clips_are_those_of_the_content_of_tasks_wherever_these_lie(
    config: MetaTrainingConfig, dataset: DemoDataset, tmp_path: Path
):
    def n_caches(output: str) -> int:
        sharing = dataclasses.replace(config, steps=1, cached_clips=3, cached_clips_folder=str(tmp_path / "shared"))
        meta_train(sharing, DemoDataset(tmp_path / "copy").tasks("train"), output=tmp_path / output)
        return len(list((tmp_path / "shared").iterdir()))

    shutil.copytree(dataset.root, tmp_path / "copy")
    assert n_caches("first") == 1
    (tmp_path / "copy").rename(tmp_path / "moved")
    shutil.copytree(tmp_path / "moved", tmp_path / "copy")
    assert n_caches("second") == 1
    frames_file = tmp_path / "copy" / "train" / "place-000000" / "frames.npy"
    np.save(frames_file, 255 - np.load(frames_file))  # other demonstrations at the same path
    assert n_caches("third") == 2


def test_a_run_does_not_go_on_with_other_demonstrations(
    config: MetaTrainingConfig, dataset: DemoDataset, tmp_path: Path
):
    shutil.copytree(dataset.root, tmp_path / "copy")
    meta_train(config, DemoDataset(tmp_path / "copy").tasks("train"), output=tmp_path / "run")
    frames_file = tmp_path / "copy" / "train" / "place-000000" / "frames.npy"
    np.save(frames_file, 255 - np.load(frames_file))
    with pytest.raises(ValueError, match=r"belongs to a run with other settings \(tasks\)"):
        meta_train(config, DemoDataset(tmp_path / "copy").tasks("train"), output=tmp_path / "run")


TRAINER = """
import pickle, sys
from daml.progress import Progress
from daml.storage.folder_lock import only_writer
from daml.training.meta_training import meta_train
from daml.demos import DemoDataset
config, root, output = pickle.load(sys.stdin.buffer)
meta_train(config, DemoDataset(root).tasks("train"), output=output)
"""


def test_a_run_that_was_killed_goes_on_to_the_same_curve(
    config: MetaTrainingConfig, dataset: DemoDataset, tmp_path: Path
):
    config = dataclasses.replace(config, steps=40)
    whole = meta_train(config, dataset.tasks("train"), output=tmp_path / "whole")
    output = tmp_path / "killed"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", TRAINER], stdin=subprocess.PIPE, env=environment) as process:
        process.stdin.write(pickle.dumps((config, dataset.root, output)))
        process.stdin.close()
        while not (output / "state").exists():
            assert process.poll() is None, "the run ended before it had saved anything"
            time.sleep(0.001)
        process.kill()
    assert len(curve(output)) < 40
    resumed = meta_train(config, dataset.tasks("train"), output=output)
    assert curve(output) == curve(tmp_path / "whole")
    assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), resumed.parameters(), strict=True))
    assert sorted(path.name for path in output.iterdir() if path.name != ".lock") == ["last", "metrics.jsonl", "state"]


def test_two_runs_never_share_a_folder(config: MetaTrainingConfig, dataset: DemoDataset, tmp_path: Path):
    with only_writer(tmp_path), pytest.raises(OSError, match="another process is writing there"):
        meta_train(config, dataset.tasks("train"), output=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_a_finished_run_is_not_trained_further(config: MetaTrainingConfig, dataset: DemoDataset, tmp_path: Path):
    meta_train(config, dataset.tasks("train"), output=tmp_path)
    before = curve(tmp_path)
    meta_train(config, dataset.tasks("train"), output=tmp_path)

    assert curve(tmp_path) == before


def test_the_best_prior_is_that_of_the_best_score(config: MetaTrainingConfig, dataset: DemoDataset, tmp_path: Path):
    scores = iter([0.7, 0.3])
    judged: list[dict[str, torch.Tensor]] = []

    def validate(prior: Prior) -> dict[str, float]:
        judged.append({name: value.clone() for name, value in prior.state_dict().items()})
        return {"score": next(scores)}

    meta_train(config, dataset.tasks("train"), output=tmp_path, validate=validate)

    best = Prior.from_pretrained(tmp_path / "best").state_dict()
    assert all(torch.equal(value, best[name]) for name, value in judged[0].items())
    assert [line["validation_score"] for line in curve(tmp_path) if "validation_score" in line] == [0.7, 0.3]


def train_and_compare(config: MetaTrainingConfig, dataset: DemoDataset, output: Path) -> set[str]:
    """Train from a trunk that locates things, if at random; return the names of the tensors that did not change."""
    start: dict[str, torch.Tensor] = {}

    def remember(prior: Prior) -> None:
        torch.nn.init.normal_(prior.policy.trunk.locators.weight, std=0.2)
        start.update({name: value.clone() for name, value in prior.state_dict().items()})

    trained = meta_train(config, dataset.tasks("train"), output=output, prepare=remember).state_dict()
    return {name for name, value in trained.items() if torch.equal(value, start[name])}


def test_training_moves_every_parameter_that_should_move(
    config: MetaTrainingConfig, dataset: DemoDataset, tmp_path: Path, prior: Prior
):
    still = train_and_compare(dataclasses.replace(config, trunk_rate_share=0.3), dataset, tmp_path)

    assert still == untrained(prior)


def test_a_frozen_trunk_does_not_move_and_all_else_does(
    config: MetaTrainingConfig, dataset: DemoDataset, tmp_path: Path, prior: Prior
):
    assert config.trunk_rate_share == 0
    still = train_and_compare(config, dataset, tmp_path)

    assert still == untrained(prior) | {f"policy.trunk.{name}" for name in prior.policy.trunk.state_dict()}


def untrained(prior: Prior) -> set[str]:
    """Name what stays as it was: statistics, the motor, which is trained before, and the tracker, which is after."""
    parts = {"normalizer": prior.policy.normalizer, "motor": prior.policy.motor, "tracker": prior.policy.tracker}
    return {f"policy.{part}.{name}" for part, module in parts.items() for name in module.state_dict()}


@pytest.mark.parametrize("method", get_args(MethodName)[1:])
def test_every_method_trains_all_but_the_trunk_and_resumes_to_the_same(
    method: MethodName, config: MetaTrainingConfig, dataset: DemoDataset, tmp_path: Path
):
    config = dataclasses.replace(config, steps=4, prior=dataclasses.replace(config.prior, method=method))
    start = {name: value.clone() for name, value in create_learner(config.prior, seed=config.seed).named_parameters()}
    whole = meta_train(config, dataset.tasks("train"), output=tmp_path / "whole", prepare=locate_at_random)

    def stop(progress: Progress) -> None:
        if progress.done == 3:
            raise StoppedError

    with pytest.raises(StoppedError):
        meta_train(
            config, dataset.tasks("train"), output=tmp_path / "parts", prepare=locate_at_random, observers=[stop]
        )
    resumed = meta_train(config, dataset.tasks("train"), output=tmp_path / "parts", prepare=locate_at_random)

    assert curve(tmp_path / "parts") == curve(tmp_path / "whole")
    assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), resumed.parameters(), strict=True))
    learned = {name for name in start if not name.startswith((*NOT_META_TRAINED, "step_sizes."))}
    assert {name for name in learned if torch.equal(start[name], dict(whole.named_parameters())[name])} == set()
    assert type(read_learner(tmp_path / "whole" / "last")) is type(whole)


def locate_at_random(learner: Learner) -> None:
    torch.nn.init.normal_(learner.policy.trunk.locators.weight, std=0.2, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    "changes", [{"learned_step_sizes": False}, {"inner_gradient": "first-order"}, {"inner_steps": 0}]
)
def test_what_does_not_learn_does_not_hinder_resuming(
    changes: dict[str, Any], config: MetaTrainingConfig, dataset: DemoDataset, tmp_path: Path
):
    config = dataclasses.replace(config, steps=2, prior=dataclasses.replace(config.prior, **changes))
    meta_train(config, dataset.tasks("train"), output=tmp_path, prepare=locate_at_random)
    before = curve(tmp_path)

    meta_train(config, dataset.tasks("train"), output=tmp_path, prepare=locate_at_random)

    assert curve(tmp_path) == before


def test_a_frozen_trunk_has_no_part_in_the_optimisers_state(
    config: MetaTrainingConfig, dataset: DemoDataset, tmp_path: Path
):
    meta_train(config, dataset.tasks("train"), output=tmp_path)

    tensors = SavedFolder.read(tmp_path / "state", kind="training state").tensors
    kept = {name.removeprefix("optimizer/").rpartition("/")[0] for name in tensors if name.startswith("optimizer/")}
    learning = {name for name, _ in Prior(config.prior).named_parameters() if not name.startswith(NOT_META_TRAINED)}
    assert kept == learning


def test_the_state_statistics_are_those_of_the_extended_states(
    config: MetaTrainingConfig, dataset: DemoDataset, tmp_path: Path
):
    prior = meta_train(dataclasses.replace(config, steps=1), dataset.tasks("train"), output=tmp_path)

    clips = [(task.robot_states(0), task.robot_actions(0)) for task in dataset.tasks("train")]
    states = torch.tensor(np.concatenate([extend_clip(*clip) for clip in clips]))
    torch.testing.assert_close(prior.policy.normalizer.mean, states.mean(0), atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(prior.policy.normalizer.scale, states.std(0).clamp(min=1e-3), atol=1e-5, rtol=1e-4)


def test_training_lowers_the_loss(config: MetaTrainingConfig, dataset: DemoDataset, tmp_path: Path):
    longer = dataclasses.replace(
        config, steps=120, log_every=20, save_every=120, trunk_rate_share=1.0, augmentation=AugmentationConfig(noise=0)
    )
    meta_train(longer, dataset.tasks("train"), output=tmp_path)

    losses = [line["loss"] for line in curve(tmp_path)]
    assert losses[-1] < 0.9 * losses[0]


def test_a_prior_is_prepared_once(config: MetaTrainingConfig, dataset: DemoDataset, tmp_path: Path):
    calls: list[Prior] = []
    for _ in range(2):
        meta_train(config, dataset.tasks("train"), output=tmp_path, prepare=calls.append)

    assert len(calls) == 1


def test_training_leaves_global_randomness_alone(config: MetaTrainingConfig, dataset: DemoDataset, tmp_path: Path):
    before = torch.get_rng_state()
    meta_train(config, dataset.tasks("train"), output=tmp_path)

    assert torch.equal(torch.get_rng_state(), before)


def test_a_lost_loss_stops_the_run(config: MetaTrainingConfig, dataset: DemoDataset, tmp_path: Path):
    diverging = dataclasses.replace(config, steps=200, meta_learning_rate=1e6, save_every=200, validate_every=200)

    with pytest.raises(FloatingPointError, match="train with a lower learning rate"):
        meta_train(diverging, dataset.tasks("train"), output=tmp_path)


def test_other_settings_do_not_resume(config: MetaTrainingConfig, dataset: DemoDataset, tmp_path: Path):
    meta_train(config, dataset.tasks("train"), output=tmp_path)

    with pytest.raises(ValueError, match=r"other settings \(seed\)"):
        meta_train(dataclasses.replace(config, seed=1), dataset.tasks("train"), output=tmp_path)
    with pytest.raises(ValueError, match=r"other settings \(tasks\)"):
        meta_train(config, dataset.tasks("train")[1:], output=tmp_path)
