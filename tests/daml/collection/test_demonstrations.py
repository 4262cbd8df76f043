"""Laws of collection."""

import dataclasses
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from daml import envs
from daml.collection import demonstrations as module
from daml.collection.demonstrations import CollectionConfig, collect, collect_human, collect_robot
from daml.demos import DemoDataset
from daml.engines import local
from daml.progress import Progress

CONFIG = CollectionConfig(
    kinds=("place",), train_tasks=1, validation_tasks=1, humans=1, robots=1, image_size=16, seed=3
)
TASK = envs.Task("place", "train", 0)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("collection") / "one-worker"
    collect(CONFIG, output, workers=1)
    return output


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_holds_what_was_asked_for(dataset: Path):
    demos = DemoDataset(dataset)
    assert demos.info.image_size == (16, 16)
    for split in ("train", "validation"):
        (task,) = demos.tasks(split)
        assert (task.kind, task.index, task.n_humans, task.n_robots) == ("place", 0, 1, 1)


def test_actions_are_actions_and_the_clip_ends_at_rest(dataset: Path):
    for split in ("train", "validation"):
        robot = DemoDataset(dataset).tasks(split)[0].robot(0)
        assert np.abs(robot.actions).max() <= 1
        assert np.abs(robot.actions[-module.STILL_STEPS :, :3]).max() < module.STILL_SPEED
        assert (robot.actions[0, 3], robot.actions[-1, 3]) == (1, -1), "carried first, let go at the end"


def test_all_kinds_are_collected_unless_some_are_asked_for(tmp_path: Path):
    config = CollectionConfig(train_tasks=1, validation_tasks=0, robots=1, image_size=16)
    assert config.kinds == envs.KINDS
    collect(config, tmp_path / "dataset", workers=1)
    tasks = DemoDataset(tmp_path / "dataset").tasks("train")
    assert {task.kind for task in tasks} == set(envs.KINDS)
    for task in tasks:
        closes = task.robot(0).actions[:, 3] > 0
        starts_and_ends_closed = {"place": (True, False), "push": (True, True), "pick-place": (False, False)}
        assert (closes[0], closes[-1]) == starts_and_ends_closed[task.kind]
        assert closes.all() == (task.kind == "push")
        assert closes.any()


def test_a_stopped_collection_has_as_many_tasks_of_every_kind():
    config = CollectionConfig(kinds=("push", "place"), train_tasks=4, validation_tasks=3)
    tasks = list(module._tasks(config))
    assert len(set(tasks)) == len(tasks) == 14
    for split, n_tasks in (("train", 4), ("validation", 3)):
        of_split = [task for task in tasks if task.split == split]
        for n_done in range(len(of_split) + 1):
            counts = [sum(task.kind == kind for task in of_split[:n_done]) for kind in config.kinds]
            assert max(counts) - min(counts) <= 1
        assert counts == [n_tasks] * 2


def test_workers_do_not_change_the_bytes_and_a_stopped_collection_goes_on(dataset: Path, tmp_path: Path):
    output = tmp_path / "two-workers"
    shutil.copytree(dataset, output)
    shutil.rmtree(output / "train" / "place-000000")
    shutil.rmtree(output / "validation" / "place-000000")
    seen: list[Progress] = []
    collect(CONFIG, output, workers=2, observers=[seen.append])
    assert [progress[:3] for progress in seen] == [("collecting", n, 2) for n in (0, 1, 2)]
    assert content(output) == content(dataset)
    n_frames = sum(
        len(task.human(0)) + len(task.robot(0))
        for split in ("train", "validation")
        for task in DemoDataset(output).tasks(split)
    )
    assert seen[-1].figures == {"frames": n_frames}
    collect(CONFIG, output, workers=2, observers=[seen.append])
    assert seen[3:] == [Progress("collecting", 2, 2)]


COLLECTOR = """
import sys
from daml.collection.demonstrations import CollectionConfig, collect
if __name__ == "__main__":
    sizes = dict(train_tasks=1, validation_tasks=1, humans=1, robots=1, image_size=16)
    collect(CollectionConfig(kinds=("place",), seed=3, **sizes), sys.argv[1], workers=1)
"""


def collector(folder: Path, output: Path, **options: Any) -> subprocess.Popen[str]:
    """Start a process that collects what `dataset` holds."""
    script = folder / "collector.py"
    script.write_text(COLLECTOR)
    command = [sys.executable, str(script), str(output)]
    return subprocess.Popen(command, text=True, stderr=subprocess.PIPE, env=os.environ | ENVIRONMENT, **options)


ENVIRONMENT = {"PYTHONPATH": os.pathsep.join(sys.path)}


def test_a_collection_that_was_killed_goes_on_to_the_same_bytes(dataset: Path, tmp_path: Path):
    output = tmp_path / "killed"
    with collector(tmp_path, output) as process:
        deadline = time.monotonic() + 60
        while not (output / "validation" / "place-000000").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        with pytest.raises(OSError, match="another process is writing there"):
            collect(CONFIG, output, workers=1)
        process.kill()
    collect(CONFIG, output, workers=1)  # at once, though the worker of the killed one may still be ending
    assert content(output) == content(dataset)
    assert list(output.rglob("*.part")) == []


def test_a_full_disk_is_one_clear_error_and_leaves_what_was_there(dataset: Path, tmp_path: Path):
    output = tmp_path / "full"
    shutil.copytree(dataset, output)
    shutil.rmtree(output / "train" / "place-000000")
    before = content(output)
    limit = (10_000, 10_000)
    with collector(tmp_path, output, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit)) as process:
        _, complaint = process.communicate()
    assert process.returncode != 0
    assert "place-000000: cannot be written" in complaint.splitlines()[-1]
    assert "check the free space" in complaint.splitlines()[-1]
    assert content(output) == before


def test_a_complete_collection_starts_no_worker(dataset: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delattr(local, "open_pool")
    collect(CONFIG, dataset)


@pytest.mark.parametrize("change", [{"seed": 4}, {"noise": 0.5}, {"robots": 2}, {"image_size": 32}])
def test_other_settings_are_refused(change: dict[str, Any], dataset: Path):
    before = content(dataset)
    with pytest.raises(ValueError, match="other settings"):
        collect(dataclasses.replace(CONFIG, **change), dataset)
    assert content(dataset) == before


def test_the_number_of_tasks_may_grow(dataset: Path):
    seen: list[Progress] = []

    def stop(progress: Progress) -> None:
        seen.append(progress)
        raise KeyboardInterrupt  # before any of the new tasks is begun

    with pytest.raises(KeyboardInterrupt):
        collect(dataclasses.replace(CONFIG, train_tasks=3), dataset, observers=[stop])

    assert seen == [Progress("collecting", 2, 4)]


def test_what_goes_wrong_in_a_worker_is_raised_here(tmp_path: Path):
    output = tmp_path / "dataset"
    collect(dataclasses.replace(CONFIG, train_tasks=0, validation_tasks=0), output)
    (output / "train").write_text("in the way")
    with pytest.raises(OSError, match="train"):
        collect(dataclasses.replace(CONFIG, validation_tasks=0), output, workers=1)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kinds": ("fly",)}, "valid kinds: place"),
        ({"kinds": ()}, "at least one of place"),
        ({"humans": 0}, "humans: expected at least 1"),
        ({"robots": 0}, "robots: expected at least 1"),
        ({"train_tasks": -1}, "train_tasks: expected at least 0"),
        ({"image_size": 0}, "image_size: expected at least"),
        ({"noise": -0.1}, "noise: expected at least 0"),
        ({"noise": float("nan")}, "noise: expected at least 0"),
        ({"position_error": -0.1}, "position_error: expected at least 0"),
        ({"seed": -1}, "seed: expected at least 0"),
    ],
)
def test_impossible_settings_are_refused(settings: dict[str, Any], message: str):
    with pytest.raises(ValueError, match=message):
        CollectionConfig(**settings)


def test_no_workers_are_refused_before_anything_is_written(tmp_path: Path):
    with pytest.raises(ValueError, match="workers: expected at least 1"):
        collect(CONFIG, tmp_path / "dataset", workers=0)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", envs.KINDS)
def test_a_recorded_clip_does_the_task_when_it_is_played_again(kind: str):
    task = envs.Task(kind, "train", 0)
    robot = collect_robot(task, seeds=iter([5]), image_size=16, noise=0.0)
    env = envs.TabletopEnv(kind, image_size=16)
    observation, info = env.reset(seed=5, options={"task": task})
    for frame, state, action in zip(robot.frames, robot.states, robot.actions, strict=True):
        assert np.array_equal(observation["image"], frame)
        assert np.array_equal(observation["state"], state)
        observation, _, _, _, info = env.step(action)
    env.close()
    assert info["is_success"]


@pytest.mark.parametrize("disturbance", [{"noise": 0.2}, {"noise": 0.0, "position_error": 0.03}])
def test_an_expert_is_disturbed_in_what_it_does_and_not_in_what_is_recorded(
    disturbance: dict[str, float], monkeypatch: pytest.MonkeyPatch
):
    done: list[np.ndarray] = []
    wanted: list[np.ndarray] = []
    step = envs.TabletopEnv.step

    def spy_step(self: envs.TabletopEnv, action: np.ndarray):
        done.append(np.array(action))
        wanted.append(envs.find_expert("place")(self._inform()))
        return step(self, action)

    monkeypatch.setattr(envs.TabletopEnv, "step", spy_step)
    robot = collect_robot(TASK, seeds=iter([5]), image_size=16, **disturbance)
    assert np.array_equal(robot.actions, np.stack(wanted))
    assert not np.allclose(robot.actions[:, :3], np.stack(done)[:, :3])
    if "position_error" not in disturbance:
        assert np.array_equal(robot.actions[:, 3], np.stack(done)[:, 3])


def test_seeds_that_the_expert_fails_on_are_passed_over(monkeypatch: pytest.MonkeyPatch):
    good = collect_robot(TASK, seeds=iter([5]), image_size=16, noise=0.0)
    experts = iter([Idle(), envs.find_expert("place")])
    monkeypatch.setattr(envs, "find_expert", lambda _kind: next(experts))
    robot = collect_robot(TASK, seeds=iter([4, 5]), image_size=16, noise=0.0)
    assert np.array_equal(robot.frames, good.frames)


def test_an_expert_that_always_fails_is_reported(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(envs, "find_expert", lambda _kind: Idle())
    with pytest.raises(RuntimeError, match="place/train/0: the expert failed on every seed"):
        collect_robot(TASK, seeds=iter([4]), image_size=16, noise=0.0)
    with pytest.raises(ValueError, match=r"failed on every seed.*disturbed by noise 0.5 and position_error 0.0; lower"):
        collect_robot(TASK, seeds=iter([4]), image_size=16, noise=0.5)


class Idle:
    """An expert on strike."""

    def __call__(self, info: Mapping[str, Any]) -> np.ndarray:
        del info
        return np.array([0, 0, 0, 1], np.float32)


def test_a_human_can_be_asked_for_another_target():
    slot = (envs.target_slot(TASK) + 1) % envs.n_targets(TASK)
    first, again, other = (
        collect_human(TASK, seed=2, image_size=16, target=target) for target in (None, envs.target_slot(TASK), slot)
    )
    assert first.frame_rate_hz == envs.HUMAN_FRAME_RATE_HZ
    assert np.array_equal(first.frames, again.frames)
    assert not np.array_equal(first.frames, other.frames)
