import importlib.util
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from daml.demos import DemoDataset
from daml.optimization.distributed import ALONE, Team, join_team
from daml.training.meta_training import meta_train
from daml.training.meta_training_config import MetaTrainingConfig

WORKER = Path(__file__).with_name("team_member.py")


def run_team(folder: Path, dataset: DemoDataset, *, size: int = 2) -> list[str]:
    """Run `team_member.py` in processes that torchrun's variables make a team; return what each wrote to stdout."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    members: list[subprocess.Popen[str]] = []
    for rank in range(size):
        variables = {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(size), "OMP_NUM_THREADS": "1"}
        address = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
        command = [sys.executable, "-W", "error", str(WORKER), str(folder), str(dataset.root)]
        members.append(
            subprocess.Popen(
                command, env={**os.environ, **variables, **address}, stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
            )
        )
    try:
        texts = [member.communicate(timeout=600)[0] for member in members]
    finally:
        for member in members:  # one that lost its team would wait for a day
            member.kill()
    assert [member.returncode for member in members] == [0] * size
    return texts


def training_config() -> MetaTrainingConfig:
    """Return the settings of `team_member.py`, a script beside this file."""
    spec = importlib.util.spec_from_file_location(WORKER.stem, WORKER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.training_config()


@pytest.fixture(scope="module")
def team_run(tmp_path_factory: pytest.TempPathFactory, dataset: DemoDataset) -> Path:
    folder = tmp_path_factory.mktemp("team")
    run_team(folder, dataset)
    return folder


def test_two_processes_compute_the_gradient_of_one_on_the_same_tasks(team_run: Path):
    whole = load_file(team_run / "whole.safetensors")

    for rank in range(2):
        shared = load_file(team_run / f"shared-{rank}.safetensors")
        assert shared.keys() == whole.keys()
        difference = torch.cat([(shared[name] - whole[name]).flatten() for name in whole]).norm()
        norm = torch.cat([value.flatten() for value in whole.values()]).norm()
        assert norm > 1e-2
        assert difference <= 1e-6 * norm


def test_the_processes_saw_different_tasks(team_run: Path):
    halves = [load_file(team_run / f"half-{rank}.safetensors") for rank in range(2)]

    assert not all(torch.allclose(halves[0][name], halves[1][name]) for name in halves[0])


def test_the_processes_learn_the_same_prior_and_one_writes_it(team_run: Path):
    learned = [load_file(team_run / f"learned-{rank}.safetensors") for rank in range(2)]
    written = load_file(team_run / "run" / "last" / "model.safetensors")

    assert all(torch.equal(learned[0][name], learned[1][name]) for name in written)
    assert all(torch.equal(learned[0][name], value) for name, value in written.items())
    lines = [json.loads(line) for line in (team_run / "run" / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [1, 2]
    assert json.loads((team_run / "prepared.json").read_text()) == [0]


def test_a_run_of_two_processes_is_resumed_by_one(team_run: Path, dataset: DemoDataset):
    settings = json.loads((team_run / "run" / "state" / "config.json").read_text())
    assert settings["step"] == 2

    seen: list[int] = []
    meta_train(
        training_config(),
        dataset.tasks("train"),
        output=team_run / "run",
        observers=[lambda progress: seen.append(progress.done)],
    )
    assert seen == []  # all of its steps are done

    (team_run / "run" / "state" / "config.json").write_text(json.dumps({**settings, "step": 1}))
    meta_train(
        training_config(),
        dataset.tasks("train"),
        output=team_run / "run",
        observers=[lambda progress: seen.append(progress.done)],
    )
    assert seen == [2]


def test_a_run_of_one_process_is_resumed_by_two(tmp_path: Path, dataset: DemoDataset):
    meta_train(training_config(), dataset.tasks("train"), output=tmp_path / "run")
    state = tmp_path / "run" / "state" / "config.json"
    state.write_text(json.dumps({**json.loads(state.read_text()), "step": 1}))

    run_team(tmp_path, dataset)

    assert json.loads(state.read_text())["step"] == 2
    assert not (tmp_path / "prepared.json").exists()
    learned = [load_file(tmp_path / f"learned-{rank}.safetensors") for rank in range(2)]
    written = load_file(tmp_path / "run" / "last" / "model.safetensors")
    for name, value in written.items():
        assert torch.equal(learned[0][name], value)
        assert torch.equal(learned[1][name], value)


def test_alone_nothing_changes():
    values = [torch.tensor([1.0, 2.0]), torch.tensor(3.0)]

    ALONE.average(values)
    ALONE.copy_first(values)
    ALONE.wait()

    assert [value.tolist() for value in values] == [[1.0, 2.0], 3.0]
    assert (ALONE.share(5, what="tasks"), ALONE.seed(7), ALONE.is_first) == (5, 7, True)


def test_a_process_that_torchrun_did_not_start_is_alone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    assert join_team() is ALONE
    monkeypatch.setenv("WORLD_SIZE", "1")
    assert join_team() is ALONE


def test_each_process_has_a_seed_and_a_gpu_of_its_own():
    team = [Team(rank, 4, local_rank=rank % 2) for rank in range(4)]

    assert len({member.seed(3) for member in team}) == 4
    assert [member.device(torch.device("cuda")).index for member in team] == [0, 1, 0, 1]
    assert {member.device(torch.device("cpu")) for member in team} == {torch.device("cpu")}
    assert [member.is_first for member in team] == [True, False, False, False]


def test_unequal_shares_are_refused():
    with pytest.raises(ValueError, match=r"batch.n_tasks: expected a multiple of 3, the number of processes, got 16"):
        Team(0, 3).share(16, what="batch.n_tasks")
