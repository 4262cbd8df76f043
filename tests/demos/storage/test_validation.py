import json
from pathlib import Path

import numpy as np

from daml.demos import DatasetInfo, HumanDemo, RobotDemo, TaskDemos, create_dataset, find_problems, write_task

FRAMES = np.zeros((5, 8, 8, 3), np.uint8)


def write(root: Path, index: int, *, split: str = "train", n_states: int = 4, action: float = 0.5) -> Path:
    robot = RobotDemo(
        frames=FRAMES,
        states=np.zeros((5, n_states), np.float32),
        actions=np.full((5, 4), action, np.float32),
        frame_rate_hz=10.0,
    )
    humans = (HumanDemo(FRAMES, 12.0),)
    return write_task(root, TaskDemos(kind="place", split=split, index=index, humans=humans, robots=(robot,)))


def begin(root: Path) -> Path:
    create_dataset(root, DatasetInfo(image_size=(8, 8), human_frame_rate_hz=12.0, robot_frame_rate_hz=10.0))
    return root


def test_a_good_dataset_has_no_problems(tmp_path: Path):
    write(begin(tmp_path), 0)
    write(tmp_path, 0, split="validation")
    (tmp_path / ".lock").touch()
    assert find_problems(tmp_path) == []


def test_all_problems_are_named_and_not_only_the_first(tmp_path: Path):
    begin(tmp_path)
    write(tmp_path, 0)
    write(tmp_path, 1, n_states=6)
    write(tmp_path, 2, n_states=2)
    write(tmp_path, 3, action=1.5)
    (write(tmp_path, 4) / "frames.npy").write_bytes(b"nothing")
    (write(tmp_path, 5) / "steps.npz").unlink()
    task = write(tmp_path, 6) / "task.json"
    task.write_text(json.dumps(json.loads(task.read_text()) | {"humans": []}))
    (write(tmp_path, 7) / "frames.npy").unlink()
    (tmp_path / "train" / "place-000007" / "frames.npy").symlink_to("/dev/zero")
    (tmp_path / "train" / "my notes.txt").touch()
    (tmp_path / "empty").mkdir()
    problems = find_problems(tmp_path)
    for part in (
        "states and actions of several widths",
        "place-000002: robot clip 0 has 2 states and 4 actions",
        "place-000003: robot clip 0 has the action [1.5, 1.5, 1.5, 1.5] at step 0; expected -1 to 1",
        "place-000004/frames.npy: cannot be read",
        "place-000005/steps.npz: cannot be read (the file is missing)",
        "place-000006",
        "place-000007/frames.npy: cannot be read (it leads out of the dataset, to /dev/zero)",
        "my notes.txt: is not read",
        "empty: no tasks here",
    ):
        assert sum(part in problem for problem in problems) >= 1, (part, problems)
    assert all("\n" not in problem for problem in problems)


def test_without_training_tasks_there_is_a_problem(tmp_path: Path):
    assert "no dataset here" in find_problems(tmp_path)[0]
    write(begin(tmp_path), 0, split="validation")
    assert "no split 'train'" in find_problems(tmp_path)[0]
