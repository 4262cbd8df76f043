"""Hostile datasets: refused in one line that names the file, soon and in little memory, and nothing outside is read."""

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from daml.demos import (
    DatasetInfo,
    DemoDataset,
    HumanDemo,
    RobotDemo,
    TaskDemos,
    create_dataset,
    find_problems,
    write_task,
)

Refused = Callable[..., str]
ODD: tuple[Any, ...] = (
    *(None, True, -1, 0, 10**30, 0.5, 1e308, "", "x", "../x", [], [[]], {}, {"": None}, [10**12], ["4"], [None] * 5000),
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A good dataset of one task, to be spoilt."""
    root = tmp_path / "data"
    create_dataset(root, DatasetInfo(image_size=(8, 8), human_frame_rate_hz=10.0, robot_frame_rate_hz=10.0))
    frames, rows = np.zeros((9, 8, 8, 3), np.uint8), np.zeros((9, 4), np.float32)
    robot = RobotDemo(frames=frames, states=rows, actions=rows, frame_rate_hz=10.0)
    humans = (HumanDemo(frames, 10.0),)
    write_task(root, TaskDemos(kind="place", split="train", index=0, humans=humans, robots=(robot,)))
    return root


def read_all(root: Path) -> None:
    """Read all that training reads."""
    for task in DemoDataset(root).tasks("train"):
        task.human_acting_span(0)
        task.robot_frames(0, [0])
        task.robot(0)


def test_the_dataset_is_good_as_it_is(root: Path):
    read_all(root)
    assert find_problems(root) == []


@pytest.mark.parametrize("value", ODD, ids=lambda value: f"{value!r:.20}")
@pytest.mark.parametrize("name", ["format_version", "image_size", "human_frame_rate_hz", "robot_frame_rate_hz"])
def test_odd_values_in_the_description(root: Path, refused: Refused, name: str, value: object):
    path = root / "dataset.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {name: value}))
    if "rate" in name and isinstance(value, float) and value < 1:
        return  # half a frame per second is odd, but a rate
    refused(lambda: read_all(root), naming=path)
    assert len(find_problems(root)) == 1


@pytest.mark.parametrize("value", ODD, ids=lambda value: f"{value!r:.20}")
@pytest.mark.parametrize("name", ["kind", "index", "humans", "robots"])
def test_odd_values_in_the_description_of_a_task(root: Path, refused: Refused, name: str, value: object):
    path = root / "train" / "place-000000" / "task.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {name: value}))
    if name == "index" and value == 0 and not isinstance(value, bool):
        return  # as it was
    if value == []:  # no clips of one sort: what there is, is told
        assert find_problems(root)
        return
    refused(lambda: read_all(root), naming=path.parent)
    assert len(find_problems(root)) == 1


@pytest.mark.parametrize(
    "content", ["[" * 500_000, '{"a":' * 100_000, "9" * 100_000, "\0", "\ufeff{}", '{"index": 1e999}']
)
@pytest.mark.parametrize("name", ["dataset.json", "train/place-000000/task.json"])
def test_json_of_no_sense(root: Path, refused: Refused, name: str, content: str):
    (root / name).write_text(content)
    refused(lambda: read_all(root), naming=root / name)


def test_json_larger_than_any(root: Path, refused: Refused):
    with (root / "dataset.json").open("r+b") as file:
        file.truncate(50_000_000_000)  # takes no room on the disk
    assert "more than 16,000,000 bytes" in refused(lambda: read_all(root), naming=root / "dataset.json")


def test_steps_that_unpack_to_more_than_memory(root: Path, refused: Refused):
    path = root / "train" / "place-000000" / "steps.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("states.npy", "actions.npy"):
            with archive.open(name, "w", force_zip64=True) as file:
                header = {"descr": "<f4", "fortran_order": False, "shape": (9, 60_000_000)}
                np.lib.format.write_array_header_1_0(file, header)
                for _ in range(21):
                    file.write(bytes(100_000_000))
    assert path.stat().st_size < 10_000_000
    assert "once unpacked, but at most 2,000,000,000" in refused(lambda: read_all(root), naming=path)


@pytest.mark.parametrize("name", ["frames.npy", "steps.npz"])
def test_one_kind_of_array_in_place_of_another(root: Path, refused: Refused, name: str):
    folder = root / "train" / "place-000000"
    frames, steps = (folder / "frames.npy").read_bytes(), (folder / "steps.npz").read_bytes()
    (folder / name).write_bytes(steps if name == "frames.npy" else frames)
    refused(lambda: read_all(root), naming=folder / name)


@pytest.mark.parametrize("name", ["dataset.json", "task.json", "frames.npy", "steps.npz"])
def test_pipes_links_and_folders_in_place_of_files(root: Path, refused: Refused, name: str):
    path = root / name if name == "dataset.json" else root / "train" / "place-000000" / name
    path.unlink()
    os.mkfifo(path)
    assert "named pipe" in refused(lambda: read_all(root), naming=path)
    path.unlink()
    path.symlink_to("/dev/zero")
    refused(lambda: read_all(root), naming=path)
    path.unlink()
    path.symlink_to(name)
    refused(lambda: read_all(root), naming=path.parent)
    path.unlink()
    path.mkdir()
    refused(lambda: read_all(root), naming=path)


def test_frames_of_another_dataset_are_not_reached_by_a_link(root: Path, tmp_path: Path, refused: Refused):
    path = root / "train" / "place-000000" / "frames.npy"
    path.rename(tmp_path / "elsewhere.npy")
    path.symlink_to(tmp_path / "elsewhere.npy")
    assert "leads out of the dataset" in refused(lambda: read_all(root), naming=path)


def test_two_folders_of_one_task(root: Path):
    (root / "train" / "place-000000").rename(root / "train" / "place-0000000")
    (problem, *_) = find_problems(root)
    assert "no tasks here" in problem or "place-0000000: is not read" in problem
