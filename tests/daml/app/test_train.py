"""Laws of `daml train`."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch

from daml import cli, envs
from daml.app import train as module
from daml.demos import DemoDataset, StoredTask
from daml.learners.methods import read_learner
from daml.learners.prior import Prior
from daml.training import preparation, recipe

TINY = (
    *("--prior.image-size", "16", "16", "--prior.human-frames", "6", "--batch.human-frames", "6"),
    *("--prior.policy.channels", "8", "8", "8", "8", "--prior.policy.hidden-size", "16"),
    *("--prior.temporal-loss.n-outputs", "4", "--prior.temporal-loss.kernel-size", "3"),
    *("--prior.temporal-loss.gate-size", "6"),
    *("--batch.n-tasks", "2", "--log-every", "1", "--save-every", "1", "--validate-every", "2"),
    *("--validation-tasks", "1", "--device", "cpu"),
    *("--pretraining.steps", "2", "--pretraining.tasks", "4", "--motor.steps", "2", "--tracks.rounds", "0"),
)


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Leave this process's allocator alone; what is returned fills when it would be changed."""
    asked: list[bool] = []
    monkeypatch.setattr(module, "keep_freed_memory", lambda: asked.append(True))
    return asked


def train(output: Path, *words: str):
    cli.main(["train", "--output", str(output), *TINY, *words])


@pytest.mark.usefixtures("in_this_process")
def test_a_run_on_a_dataset_leaves_priors_and_figures(
    dataset: DemoDataset, tmp_path: Path, capsys: pytest.CaptureFixture[str], kept: list[bool]
):
    output = tmp_path / "run"
    train(output, "--dataset", str(dataset.root), "--steps", "2")
    assert kept == [True]
    provenance = Prior.from_pretrained(output / "best").config.provenance
    assert (provenance["dataset"], provenance["kinds"]) == (dataset.info.provenance, ["place"])
    training = provenance["training"]
    assert (training["meta"]["steps"], training["pretraining"]["steps"], training["motor"]["steps"]) == (2, 2, 2)
    Prior.from_pretrained(output / "round-0" / "last")
    lines = [
        json.loads(line) for line in (output / "round-0" / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert [line["step"] for line in lines] == [1, 2, 2]
    assert lines[-1]["validation_success_rate"] == lines[-1]["validation_success_rate_place"]
    text = capsys.readouterr().out
    assert "2/2" in text
    assert "validation success" in text
    assert f"--prior {output / 'best'}" in text


def test_another_method_is_trained_by_name_from_the_same_trunk_and_on_fewer_tasks_if_asked(
    dataset: DemoDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    words = ("--dataset", str(dataset.root), "--steps", "1")
    train(tmp_path / "first", *words)
    shutil.copytree(tmp_path / "first" / "pretrained", tmp_path / "second" / "pretrained")
    monkeypatch.delattr(preparation, "pretrain")

    train(tmp_path / "second", *words, "--method", "transformer", "--tasks-per-kind", "3")

    train(tmp_path / "third", *words, "--method", "contextual", "--trunk", str(tmp_path / "second" / "best"))

    learners = [read_learner(tmp_path / run / "best") for run in ("first", "second", "third")]
    assert [learner.config.method for learner in learners] == ["daml", "transformer", "contextual"]
    assert [learner.config.provenance["tasks"] for learner in learners] == [5, 3, 5]
    theirs = learners[0].policy.trunk.state_dict()
    for learner in learners[1:]:
        assert all(torch.equal(value, theirs[name]) for name, value in learner.policy.trunk.state_dict().items())


def test_a_run_begins_from_a_prior_that_is_given(dataset: DemoDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    words = ("--dataset", str(dataset.root), "--steps", "1")
    train(tmp_path / "first", *words)
    monkeypatch.delattr(preparation, "pretrain")
    begun = tmp_path / "first" / "best"

    train(tmp_path / "second", *words, "--begin-from", str(begun), "--meta-learning-rate", "0", "--motor.steps", "0")

    first, second = read_learner(begun), read_learner(tmp_path / "second" / "best")
    parts = first.policy.head.state_dict(), second.policy.head.state_dict()
    assert all(torch.equal(value, parts[1][name]) for name, value in parts[0].items())
    assert second.config.provenance["begun_from"] == first.config.provenance


def test_a_prior_of_other_settings_is_not_begun_from(
    dataset: DemoDataset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    words = ("--dataset", str(dataset.root), "--steps", "1")
    train(tmp_path / "first", *words)
    with pytest.raises(SystemExit):
        train(
            tmp_path / "second", *words, "--begin-from", str(tmp_path / "first/best"), "--prior.policy.bias-size", "7"
        )
    assert "--begin-from" in (text := capsys.readouterr().err)
    assert "bias_size=20" in text
    assert "bias_size=7" in text


def test_from_an_empty_folder_it_collects_first_and_is_judged_on_every_kind(tmp_path: Path):
    sizes = ("humans", "1", "robots", "1", "train-tasks", "1", "validation-tasks", "0", "image-size", "16")
    words = [f"--collection.{word}" if i % 2 == 0 else word for i, word in enumerate(sizes)]
    words += ["--correction.rounds", "0", "--tracks.rounds", "1", "--tracks.tasks", "1"]
    words += ["--tracker.steps", "3", "--tracker.shown-within", "9"]
    train(tmp_path / "run", "--steps", "1", *words)
    tasks = DemoDataset(tmp_path / "run" / "dataset").tasks("train")
    assert {task.kind for task in tasks} == set(envs.KINDS)
    figures = json.loads((tmp_path / "run" / "round-0" / "metrics.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    rates = [figures[f"validation_success_rate_{kind}"] for kind in envs.KINDS]
    assert figures["validation_score"] == pytest.approx(sum(rates) / 3)
    best, untracked = (Prior.from_pretrained(tmp_path / "run" / name) for name in ("best", "round-0/best"))
    assert best.config.provenance["kinds"] == list(envs.KINDS)
    assert best.config.provenance["training"]["tracker"]["steps"] == 3
    trackers = [learner.policy.tracker.state_dict() for learner in (best, untracked)]
    assert not all(torch.equal(value, trackers[1][name]) for name, value in trackers[0].items())


@pytest.mark.usefixtures("in_this_process")
def test_after_a_round_of_correction_it_learns_on_from_all_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    n_learned_from: list[int] = []
    shares: list[float] = []
    meta_train = recipe.meta_train

    def watched(config: Any, tasks: Sequence[StoredTask], **options: Any) -> Prior:
        n_learned_from.append(len(tasks))
        shares.append(config.trunk_rate_share)
        return meta_train(config, tasks, **options)

    monkeypatch.setattr(recipe, "meta_train", watched)
    output = tmp_path / "run"
    sizes = ("kinds", "place", "train-tasks", "3", "validation-tasks", "0", "image-size", "16")
    words = [f"--collection.{word}" if i % 2 == 0 else word for i, word in enumerate(sizes)]
    corrections = ("rounds", "1", "tasks", "2", "copies", "3", "steps", "2", "trunk-rate-share", "0.1")
    words += [f"--correction.{word}" if i % 2 == 0 else word for i, word in enumerate(corrections)]

    train(output, "--steps", "1", *words)

    assert n_learned_from == [3, 3 + 3 * 2]
    assert shares == [0.0, 0.1]
    assert [task.index for task in DemoDataset(output / "corrections-1").tasks("train")] == [0, 1]
    best, last = (Prior.from_pretrained(folder).state_dict() for folder in (output / "best", output / "round-1/best"))
    assert all(torch.equal(value, last[name]) for name, value in best.items())
    lines = (output / "round-1" / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["step"] for line in lines] == [1, 2, 2]

    files = {path: path.stat().st_mtime_ns for path in output.glob("round-*/*/*.safetensors")}
    assert len(files) == 6
    train(output, "--steps", "1", *words)  # all is there: nothing is done again
    assert {path: path.stat().st_mtime_ns for path in files} == files

    train(output, "--steps", "1", *words, "--correction.rounds", "2")  # goes on where the finished run ended
    assert {path: path.stat().st_mtime_ns for path in files} == files
    assert n_learned_from[-1] == 3 + 2 * 3 * 2
    assert [task.index for task in DemoDataset(output / "corrections-2").tasks("train")] == [0, 2]


@pytest.mark.usefixtures("in_this_process")
def test_a_run_that_is_stopped_after_pretraining_does_not_pretrain_again(
    dataset: DemoDataset, tmp_path: Path, complaint: Callable[..., str], monkeypatch: pytest.MonkeyPatch
):
    words = ("--dataset", str(dataset.root), "--steps", "1")
    train(tmp_path / "whole", *words)
    shutil.copytree(tmp_path / "whole" / "pretrained", tmp_path / "parts" / "pretrained")
    monkeypatch.delattr(preparation, "pretrain")

    train(tmp_path / "parts", *words)

    folders = (tmp_path / run / "round-0" / "last" for run in ("whole", "parts"))
    whole, parts = (Prior.from_pretrained(folder).state_dict() for folder in folders)
    assert all(torch.equal(value, parts[name]) for name, value in whole.items())
    shutil.rmtree(tmp_path / "parts" / "round-0" / "state")
    line = complaint("train", "--output", tmp_path / "parts", *TINY, *words, "--pretraining.batch-tasks", "3")
    assert "belongs to a run with other settings: pretraining.batch_tasks (there 24, here 3)" in line


@pytest.mark.usefixtures("in_this_process")
def test_a_run_goes_on_with_its_own_settings_alone(dataset: DemoDataset, tmp_path: Path, complaint: Callable[..., str]):
    words = ("--dataset", str(dataset.root), "--steps", "1")
    train(tmp_path / "run", *words)

    line = complaint("train", "--output", tmp_path / "run", *TINY, *words, "--motor.steps", "5")

    assert "belongs to a run with other settings: motor.steps (there 2, here 5); choose another folder" in line


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--dataset", "nowhere"], "nowhere: no dataset here"),
        (["--collection.image-size", "32"], "collection.image_size: images are 32 x 32 px"),
        (["--validation-tasks", "0"], "validation_tasks: expected at least 1"),
        (["--tasks-per-kind", "0"], "tasks_per_kind: expected at least 1"),
        (["--save-every", "3", "--log-every", "2"], "save_every: expected a multiple of log_every"),
    ],
)
def test_what_cannot_be_trained_on_is_refused_before_anything_is_collected(
    words: list[str], message: str, tmp_path: Path, complaint: Callable[..., str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    assert message in complaint("train", "--output", "run", *TINY, *words)
    assert list(tmp_path.iterdir()) == []


def test_images_of_another_size_are_refused(dataset: DemoDataset, tmp_path: Path, complaint: Callable[..., str]):
    line = complaint("train", "--output", tmp_path / "run", "--dataset", dataset.root)
    assert "images are 16 x 16 px, but --prior.image-size is 96 x 96" in line


def test_tensorboard_is_missed_before_anything_is_collected(
    tmp_path: Path, complaint: Callable[..., str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    line = complaint("train", "--output", tmp_path / "run", "--tensorboard")
    assert "pip install 'daml-imitation[tensorboard]'" in line
    assert list(tmp_path.iterdir()) == []


def test_auto_takes_what_there_is(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert module.choose_device("auto") == torch.device("cpu")
    with pytest.raises(ValueError, match="device cuda is not available here; available: cpu"):
        module.choose_device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert module.choose_device("auto") == torch.device("cuda")


@pytest.mark.skipif(sys.platform != "linux", reason="a session of processes is killed as on Linux")
def test_two_processes_that_torchrun_started_are_killed_and_one_goes_on_to_the_end(
    dataset: DemoDataset, tmp_path: Path
):
    output, n_steps = tmp_path / "run", 24
    words = ["-m", "daml", "train", "--output", str(output), "--dataset", str(dataset.root), "--steps", str(n_steps)]
    changed = {"--pretraining.steps": "0", "--validate-every": "1000", "--save-every": "2"}  # each takes long
    words += [changed.get(before, word) for before, word in pairwise(("", *TINY))]
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--no-python", sys.executable]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    state = output / "round-0" / "state" / "config.json"
    with subprocess.Popen(
        [*torchrun, *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=environment,
    ) as team:
        deadline = time.monotonic() + 180
        while not state.exists() and team.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        # What torchrun starts is in sessions of its own, and would go on without it.
        workers = Path(f"/proc/{team.pid}/task/{team.pid}/children").read_text(encoding="ascii").split()
        for process in (team.pid, *map(int, workers)):
            os.kill(process, signal.SIGKILL)
        _, complaints = team.communicate()
    assert state.exists(), complaints
    reached = json.loads(state.read_text(encoding="utf-8"))["step"]
    assert 1 <= reached < n_steps

    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL, env=environment)

    assert json.loads(state.read_text(encoding="utf-8"))["step"] == n_steps
    lines = (output / "round-0" / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    steps = [step for line in lines if "loss" in (step := json.loads(line))]
    assert [step["step"] for step in steps] == list(range(1, n_steps + 1))
    Prior.from_pretrained(output / "best")
