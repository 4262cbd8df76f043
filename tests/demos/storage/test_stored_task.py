import json
import os
import pickle
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from daml.demos import (
    DatasetInfo,
    DemoDataset,
    Frames,
    HumanDemo,
    RobotDemo,
    StoredTask,
    TaskDemos,
    create_dataset,
    write_task,
)

HUMANS, ROBOTS = (5, 3), (4, 6, 2)


def marked_frames(clip: int, n_frames: int) -> Frames:
    """Frames that hold the number of their clip and their own."""
    frames = np.zeros((n_frames, 6, 8, 3), np.uint8)
    frames[..., 0] = clip
    frames[..., 1] = np.arange(n_frames)[:, None, None]
    return frames


def hand_of(clip: int, n_frames: int) -> NDArray[np.float32]:
    """A hand that is in view from the third frame on."""
    hand = np.full((n_frames, 2), 0.1 * clip, np.float32)
    hand[:2] = np.nan
    return hand


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data")
    create_dataset(root, DatasetInfo(image_size=(6, 8), human_frame_rate_hz=12, robot_frame_rate_hz=10))
    humans = [HumanDemo(marked_frames(i, n), 12, hand_of(i, n)) for i, n in enumerate(HUMANS)]
    robots = [
        RobotDemo(
            frames=marked_frames(10 + i, n),
            states=np.full((n, 4), 10 + i, np.float32),
            actions=np.full((n, 3), 20 + i, np.float32),
            executed=np.full((n, 3), 30 + i, np.float32),
            goals=np.full((n, 6), 40 + i, np.float32),
            frame_rate_hz=10,
        )
        for i, n in enumerate(ROBOTS)
    ]
    write_task(root, TaskDemos(kind="place", split="train", index=0, humans=humans, robots=robots))
    return root


@pytest.fixture
def stored(folder: Path) -> StoredTask:
    return DemoDataset(folder).tasks("train")[0]


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> StoredTask:
    """A task whose files may be damaged."""
    shutil.copytree(folder, tmp_path / "copy")
    return DemoDataset(tmp_path / "copy").tasks("train")[0]


def bases(array: object) -> Iterator[object]:
    while array is not None:
        yield array
        array = getattr(array, "base", None)


def test_clips_stay_on_disk(stored: StoredTask):
    for demo in (stored.human(1), stored.robot(2)):
        assert any(isinstance(array, np.memmap) for array in bases(demo.frames))
        assert not demo.frames.flags.writeable


def test_each_clip_is_itself(stored: StoredTask):
    assert [len(stored.human(i)) for i in range(stored.n_humans)] == list(HUMANS)
    assert [stored.robot_length(i) for i in range(stored.n_robots)] == list(ROBOTS)
    for i, n_frames in enumerate(HUMANS):
        np.testing.assert_array_equal(stored.human(i).frames, marked_frames(i, n_frames))
        np.testing.assert_array_equal(stored.human(i).hand, hand_of(i, n_frames))
        assert stored.human_acting_span(i) == (1, n_frames - 1)
    for i, n_frames in enumerate(ROBOTS):
        np.testing.assert_array_equal(stored.robot(i).frames, marked_frames(10 + i, n_frames))
        np.testing.assert_array_equal(stored.robot_states(i), np.full((n_frames, 4), 10 + i))
        np.testing.assert_array_equal(stored.robot_actions(i), np.full((n_frames, 3), 20 + i))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_chosen_frames_are_those_of_the_whole_clip(stored: StoredTask, data: st.DataObject):
    i = data.draw(st.integers(0, len(ROBOTS) - 1))
    indices = data.draw(st.lists(st.integers(0, ROBOTS[i] - 1), max_size=9))
    chosen = stored.robot_frames(i, indices)
    np.testing.assert_array_equal(chosen, stored.robot(i).frames[np.array(indices, int)])
    j = data.draw(st.integers(0, len(HUMANS) - 1))
    indices = np.array(data.draw(st.lists(st.integers(0, HUMANS[j] - 1), max_size=9)), np.int32)
    np.testing.assert_array_equal(stored.human_frames(j, indices), stored.human(j).frames[indices])


def test_chosen_frames_are_a_copy_in_memory(stored: StoredTask):
    chosen = stored.human_frames(0, [1, 3])
    assert type(chosen) is np.ndarray
    chosen[:] = 0
    assert stored.human_frames(0, [1, 3]).any()


def test_states_and_actions_are_read_once(stored: StoredTask, monkeypatch: pytest.MonkeyPatch):
    states = stored.robot_states(0)
    monkeypatch.setattr(np, "load", None)
    assert np.shares_memory(stored.robot_states(0), states)
    assert stored.robot_actions(2).shape == (2, 3)
    with pytest.raises(ValueError, match="read-only"):
        states[:] = 0


@pytest.mark.parametrize("i", [-1, 2, 7])
def test_a_clip_that_is_not_there_is_named(stored: StoredTask, i: int):
    with pytest.raises(IndexError, match=f"place-000000: no human clip {i}; there are 2, counted from 0"):
        stored.human(i)


@pytest.mark.parametrize("indices", [[-1], [0, 5], [3, 100]])
def test_a_frame_of_another_clip_cannot_be_reached(stored: StoredTask, indices: list[int]):
    with pytest.raises(IndexError, match="but the clip has the frames 0 to 4"):
        stored.human_frames(0, indices)


def test_a_task_can_be_sent_to_another_process(stored: StoredTask):
    stored.robot_states(0)
    sent = pickle.loads(pickle.dumps(stored))
    np.testing.assert_array_equal(sent.human(0).frames, stored.human(0).frames)
    np.testing.assert_array_equal(sent.robot_states(1), stored.robot_states(1))


def rewrite_steps(path: Path, **changed: NDArray[Any] | None) -> None:
    steps = {"states": np.zeros((12, 4), np.float32), "actions": np.zeros((12, 3), np.float32)} | changed
    np.savez(path, **{name: values for name, values in steps.items() if values is not None})


def test_a_file_without_executed_actions_is_one_in_which_every_action_was_executed(copy: StoredTask):
    rewrite_steps(copy.folder / "steps.npz", executed=None)

    np.testing.assert_array_equal(copy.robot(1).executed, copy.robot(1).actions)


def test_a_file_without_hands_knows_none(copy: StoredTask):
    rewrite_steps(copy.folder / "steps.npz")

    assert not copy.human(0).knows_hand
    assert copy.human_hand(1).shape == (HUMANS[1], 2)


def test_a_file_without_goals_knows_none(copy: StoredTask):
    rewrite_steps(copy.folder / "steps.npz", goals=None)

    assert copy.robot(1).goals.shape == (len(copy.robot(1)), 0)


DESCRIBED = {"kind": "place", "index": 0, "humans": [5, 3], "robots": []}


def save_open(save: Callable[..., None], path: Path) -> None:
    with path.open("wb") as file:  # given a name, numpy would choose the suffix
        save(file, np.zeros((20, 6, 8, 3), np.uint8))


def make_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


DAMAGE = {
    "no frames": ("frames.npy", lambda path: path.unlink()),
    "empty frames": ("frames.npy", lambda path: path.write_bytes(b"")),
    "frames cut off": ("frames.npy", lambda path: path.write_bytes(path.read_bytes()[:-100])),
    "frames of another kind": ("frames.npy", lambda path: np.save(path, np.zeros((20, 6, 8, 3), np.float32))),
    "too few frames": ("frames.npy", lambda path: np.save(path, np.zeros((19, 6, 8, 3), np.uint8))),
    "no steps": ("steps.npz", lambda path: path.unlink()),
    "steps cut off": ("steps.npz", lambda path: path.write_bytes(path.read_bytes()[:-100])),
    "steps garbage": ("steps.npz", lambda path: path.write_bytes(b"garbage" * 99)),
    "no actions": ("steps.npz", lambda path: rewrite_steps(path, actions=None)),
    "too few states": ("steps.npz", lambda path: rewrite_steps(path, states=np.zeros((11, 4), np.float32))),
    "too few executed": ("steps.npz", lambda path: rewrite_steps(path, executed=np.zeros((12, 2), np.float32))),
    "too few hands": ("steps.npz", lambda path: rewrite_steps(path, hands=np.zeros((7, 2), np.float32))),
    "hands in space": ("steps.npz", lambda path: rewrite_steps(path, hands=np.zeros((8, 3), np.float32))),
    "states of another kind": ("steps.npz", lambda path: rewrite_steps(path, states=np.zeros((12, 4)))),
    "no description": ("task.json", lambda path: path.unlink()),
    "description garbage": ("task.json", lambda path: path.write_bytes(b"\xff{")),
    "description of nothing": ("task.json", lambda path: path.write_text("[]")),
    "no lengths": ("task.json", lambda path: path.write_text('{"kind": "place", "index": 0}')),
    "no lengths at all": ("task.json", lambda path: path.write_text(json.dumps(DESCRIBED | {"humans": []}))),
    "lengths beyond all bounds": (
        "task.json",
        lambda path: path.write_text(json.dumps(DESCRIBED | {"robots": [10**30]})),
    ),
    "lengths in words": ("task.json", lambda path: path.write_text(json.dumps(DESCRIBED | {"robots": ["5"]}))),
    "frames as an archive": ("frames.npy", lambda path: save_open(np.savez, path)),
    "steps as a bare array": ("steps.npz", lambda path: save_open(np.save, path)),
    "a pipe for a description": ("task.json", make_pipe),
    "a pipe for frames": ("frames.npy", make_pipe),
    "a pipe for steps": ("steps.npz", make_pipe),
    "description of another": ("task.json", lambda path: path.write_text(path.read_text().replace("place", "push"))),
    "length below one": ("task.json", lambda path: path.write_text(path.read_text().replace("5", "-5"))),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_task_is_refused_in_one_line_that_names_the_file(copy: StoredTask, damage: str):
    name, break_it = DAMAGE[damage]
    break_it(copy.folder / name)
    with pytest.raises(
        ValueError, match=rf"place-000000/{name}: (.*; delete the task's|expected a file, found)"
    ) as raised:
        copy.robot(0)
    assert "\n" not in str(raised.value)


def test_a_copy_has_the_same_digest(stored: StoredTask, copy: StoredTask):
    assert copy.content_digest == stored.content_digest


@pytest.mark.parametrize("frame", [0, HUMANS[0] - 1, HUMANS[0], sum(HUMANS), sum(HUMANS) + ROBOTS[0] - 1])
def test_another_clip_of_the_same_length_has_another_digest(frame: int, stored: StoredTask, copy: StoredTask):
    frames = np.load(copy.folder / "frames.npy")
    frames[frame, 3, 3] ^= 1
    np.save(copy.folder / "frames.npy", frames)
    assert copy.content_digest != stored.content_digest


def test_other_actions_have_another_digest(stored: StoredTask, copy: StoredTask):
    with np.load(copy.folder / "steps.npz") as steps:
        values = dict(steps)
    values["actions"][-1, -1] += 1
    np.savez(copy.folder / "steps.npz", **values)
    assert copy.content_digest != stored.content_digest


def test_a_task_whose_files_are_gone_has_no_digest(copy: StoredTask):
    (copy.folder / "steps.npz").unlink()
    with pytest.raises(ValueError, match=r"steps.npz: cannot be read \(the file is missing\)"):
        _ = copy.content_digest
