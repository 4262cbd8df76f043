import os
import shutil
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from daml.demos import (
    DatasetInfo,
    DemoDataset,
    HumanDemo,
    RobotDemo,
    TaskDemos,
    create_dataset,
    task_folder,
    write_task,
)

INFO = DatasetInfo(image_size=(6, 8), human_frame_rate_hz=12.0, robot_frame_rate_hz=10.0, provenance={"seed": 3})


def human(n_frames: int = 5, rate: float = 12.0, size: tuple[int, int] = (6, 8), seed: int = 0) -> HumanDemo:
    frames = np.random.default_rng(seed).integers(0, 256, (n_frames, *size, 3), dtype=np.uint8)
    return HumanDemo(frames, rate)


def robot(n_steps: int = 4, rate: float = 10.0, n_states: int = 4, seed: int = 0) -> RobotDemo:
    rng = np.random.default_rng(seed)
    return RobotDemo(
        frames=rng.integers(0, 256, (n_steps, 6, 8, 3), dtype=np.uint8),
        states=rng.normal(size=(n_steps, n_states)).astype(np.float32),
        actions=rng.normal(size=(n_steps, 3)).astype(np.float32),
        frame_rate_hz=rate,
    )


def task(
    kind: str = "place",
    split: str = "train",
    index: int = 0,
    humans: tuple[HumanDemo, ...] | None = None,
    robots: tuple[RobotDemo, ...] | None = None,
) -> TaskDemos:
    humans = (human(5, seed=index), human(3, seed=index + 1)) if humans is None else humans
    robots = (robot(4, seed=index), robot(6, seed=index + 1), robot(2, seed=index + 2)) if robots is None else robots
    return TaskDemos(kind=kind, split=split, index=index, humans=humans, robots=robots)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    create_dataset(tmp_path / "data", INFO)
    return tmp_path / "data"


def files(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_dataset_reads_back_what_was_written(root: Path):
    written = task("pick-place", "test", 12)
    assert write_task(root, written) == root / "test" / "pick-place-000012"
    (read,) = DemoDataset(root).tasks("test")
    assert (read.kind, read.split, read.index) == ("pick-place", "test", 12)
    assert (read.n_humans, read.n_robots) == (2, 3)
    for i, clip in enumerate(written.humans):
        np.testing.assert_array_equal(read.human(i).frames, clip.frames)
        assert read.human(i).frame_rate_hz == 12.0
    for i, clip in enumerate(written.robots):
        np.testing.assert_array_equal(read.robot(i).frames, clip.frames)
        np.testing.assert_array_equal(read.robot(i).states, clip.states)
        np.testing.assert_array_equal(read.robot(i).actions, clip.actions)
        assert read.robot(i).frame_rate_hz == 10.0


def test_the_same_demonstrations_give_the_same_bytes(tmp_path: Path, root: Path):
    other = tmp_path / "other"
    create_dataset(other, INFO)
    write_task(root, task())
    write_task(other, task())
    assert files(root) == files(other)
    # An archive may hold the time of writing, to two seconds; this one holds the earliest date that there is.
    assert (root / "train" / "place-000000" / "steps.npz").read_bytes()[10:14] == b"\x00\x00\x21\x00"


def test_tasks_are_ordered_by_kind_and_number(root: Path):
    for kind, index in [("push", 3), ("place", 10), ("place", 2), ("push", 0)]:
        write_task(root, task(kind, index=index))
    names = [(stored.kind, stored.index) for stored in DemoDataset(root).tasks("train")]
    assert names == [("place", 2), ("place", 10), ("push", 0), ("push", 3)]


def test_splits_are_those_that_exist(root: Path):
    for split in ("validation", "train"):
        write_task(root, task(split=split))
    dataset = DemoDataset(root)
    assert dataset.splits == ("train", "validation")
    assert dataset.info == INFO
    with pytest.raises(ValueError, match=r"no split 'test'; there are: train, validation"):
        dataset.tasks("test")


def test_an_empty_split_is_an_error(root: Path):
    (root / "train").mkdir()
    with pytest.raises(ValueError, match="train: no tasks here"):
        DemoDataset(root).tasks("train")


def test_a_task_is_not_written_twice(root: Path):
    folder = write_task(root, task())
    before = files(root)
    with pytest.raises(FileExistsError, match="place-000000: already written; delete it"):
        write_task(root, task(humans=(human(9),)))
    assert files(root) == before
    shutil.rmtree(folder)
    write_task(root, task())
    assert files(root) == before


def test_what_a_killed_writer_left_is_ignored_and_then_cleaned(root: Path, monkeypatch: pytest.MonkeyPatch):
    write_task(root, task(index=1))

    def die(*_args: object, **_kwargs: object) -> NoReturn:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:  # killed outright: not even the clean-up runs
        patched.setattr(np, "savez", die)
        patched.setattr(shutil, "rmtree", lambda *_args, **_kwargs: None)
        with pytest.raises(KeyboardInterrupt):
            write_task(root, task(index=0))
    assert len(list((root / "train").iterdir())) == 2
    assert [stored.index for stored in DemoDataset(root).tasks("train")] == [1]
    write_task(root, task(index=0))
    assert sorted(path.name for path in (root / "train").iterdir()) == ["place-000000", "place-000001"]


def test_a_failed_write_leaves_nothing(root: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(*_args: object, **_kwargs: object) -> NoReturn:
        raise OSError("no space")

    monkeypatch.setattr(np, "savez", fail)
    with pytest.raises(OSError, match="no space"):
        write_task(root, task())
    assert list((root / "train").iterdir()) == []


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"humans": (human(), human(size=(8, 8)))}, r"human clip 1 is 8 x 8, but the dataset holds \(6, 8\)"),
        ({"humans": (human(rate=30.0),)}, "human clip 0 has 30.0 Hz, but the dataset holds 12.0 Hz"),
        ({"robots": (robot(rate=20.0),)}, "robot clip 0 has 20.0 Hz, but the dataset holds 10.0 Hz"),
        ({"robots": (robot(), robot(n_states=7))}, r"several widths, \[\(4, 3, 0\), \(7, 3, 0\)\]"),
    ],
)
def test_clips_that_do_not_fit_the_dataset_are_not_written(root: Path, changed: dict[str, Any], match: str):
    with pytest.raises(ValueError, match=match):
        write_task(root, task(**changed))
    assert not (root / "train").exists()


@pytest.mark.parametrize("changed", [{"humans": ()}, {"robots": ()}])
def test_a_task_needs_clips_of_both(changed: dict[str, Any]):
    with pytest.raises(ValueError, match=r"place/train/0: . human and . robot clips; give at least one of each"):
        task(**changed)


@pytest.mark.parametrize("name", ["", "..", "a/b", "Place", "place_1", "-place", "place-", "place 1", ".place"])
@pytest.mark.parametrize("what", ["kind", "split"])
def test_a_name_cannot_leave_the_dataset(root: Path, what: str, name: str):
    with pytest.raises(ValueError, match=f"{what}: expected lower-case words joined by hyphens"):
        task(**{what: name})
    with pytest.raises(ValueError, match=f"{what}: expected lower-case words joined by hyphens"):
        task_folder(root, **({"kind": "place", "split": "train", "index": 0} | {what: name}))


def test_a_number_below_zero_is_refused():
    with pytest.raises(ValueError, match="index: expected a number from 0 to 999999999, got -1"):
        TaskDemos(kind="place", split="train", index=-1, humans=(human(),), robots=(robot(),))


def test_writing_outside_a_dataset_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match=r"no dataset here .dataset.json is missing"):
        write_task(tmp_path, task())
    assert not list(tmp_path.iterdir())


def test_listing_thousands_of_tasks_opens_none(root: Path, monkeypatch: pytest.MonkeyPatch):
    for index in range(5000):
        (root / "train" / f"place-{index:06d}").mkdir(parents=True)
    monkeypatch.setattr(np, "load", None)
    tasks = DemoDataset(root).tasks("train")
    assert [stored.index for stored in tasks] == list(range(5000))


def test_thousands_of_tasks_hold_no_file_open(root: Path):
    write_task(root, task())
    before = len(list(Path("/proc/self/fd").iterdir()))
    held = []
    for _ in range(50):
        (stored,) = DemoDataset(root).tasks("train")
        stored.human_frames(0, [0])
        stored.robot_frames(0, [0])
        stored.robot_states(0)
        held.append(stored)
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 1


def test_a_task_is_on_the_disk_before_it_gets_its_name(root: Path, monkeypatch: pytest.MonkeyPatch):
    flushed: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def note(descriptor: int):
        flushed.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        fsync(descriptor)

    def check(self: Path, target: Path) -> Path:
        assert {"task.json", "frames.npy", "steps.npz", self.name} <= set(flushed)
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", note)
    monkeypatch.setattr(Path, "replace", check)
    folder = write_task(root, task())
    assert flushed[-1] == folder.parent.name
