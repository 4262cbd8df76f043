import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from daml.demos import (
    DatasetInfo,
    DemoDataset,
    HumanDemo,
    RobotDemo,
    TaskDemos,
    create_dataset,
    export_lerobot,
    find_problems,
    import_lerobot,
    write_task,
)
from daml.demos.lerobot import importer as lerobot_import

pytest.importorskip("pyarrow", reason="the extra lerobot is not installed")


@pytest.fixture
def dataset(tmp_path: Path) -> DemoDataset:
    root = tmp_path / "data"
    create_dataset(root, DatasetInfo(image_size=(32, 32), human_frame_rate_hz=12.0, robot_frame_rate_hz=10.0))
    for split, index in (("train", 4), ("validation", 0)):
        rng = np.random.default_rng(index)
        shown = [rng.integers(0, 256, (n, 2, 2, 3), dtype=np.uint8).repeat(16, 1).repeat(16, 2) for n in (5, 7, 6)]
        robots = tuple(
            RobotDemo(
                frames=frames,
                states=rng.normal(size=(len(frames), 4)).astype(np.float32),
                actions=rng.uniform(-1, 1, size=(len(frames), 4)).astype(np.float32),
                frame_rate_hz=10.0,
            )
            for frames in shown[:2]
        )
        humans = (HumanDemo(shown[2], 12.0),)
        write_task(root, TaskDemos(kind="place", split=split, index=index, humans=humans, robots=robots))
    return DemoDataset(root)


def test_there_and_back_again(dataset: DemoDataset, tmp_path: Path):
    target = export_lerobot(dataset, tmp_path / "out")
    back = tmp_path / "back"
    assert import_lerobot(target / "robot", target / "human", back, image_size=(32, 32)) == (2, [])
    assert import_lerobot(target / "robot", target / "human", back, image_size=(32, 32)) == (0, [])
    assert find_problems(back) == []
    for split in dataset.splits:
        (there,), (again,) = dataset.tasks(split), DemoDataset(back).tasks(split)
        assert (there.kind, there.index) == (again.kind, again.index)
        assert (there.n_humans, there.n_robots) == (again.n_humans, again.n_robots)
        for i in range(there.n_robots):
            np.testing.assert_array_equal(there.robot_states(i), again.robot_states(i))
            np.testing.assert_array_equal(there.robot_actions(i), again.robot_actions(i))
            lost = np.abs(there.robot(i).frames.astype(int) - again.robot(i).frames)
            assert np.median(lost) <= 4  # the video is compressed
        assert np.median(np.abs(there.human(0).frames.astype(int) - again.human(0).frames)) <= 4


def test_tasks_in_other_words_are_numbered_and_keep_their_numbers(
    dataset: DemoDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(lerobot_import, "_TASK", re.compile("no name is like this"))
    target, back = tmp_path / "out", tmp_path / "back"

    def go_on() -> int:
        export_lerobot(dataset, target)
        return import_lerobot(target / "robot", target / "human", back, image_size=(32, 32))[0]

    assert go_on() == 2
    assert [task.index for task in DemoDataset(back).tasks("train")] == [0, 1]
    shutil.rmtree(target)
    assert go_on() == 0
    shutil.rmtree(target)
    task = dataset.tasks("train")[0]
    first = TaskDemos(kind="move", split="train", index=0, humans=(task.human(0),), robots=(task.robot(0),))
    write_task(dataset.root, first)
    with pytest.raises(ValueError, match="holds a dataset with other settings"):
        go_on()
    assert len(DemoDataset(back).tasks("train")) == 2


def test_datasets_without_a_common_task_are_refused(dataset: DemoDataset, tmp_path: Path):
    target = export_lerobot(dataset, tmp_path / "out")
    path = target / "human" / "meta" / "info.json"
    other = tmp_path / "other"
    create_dataset(other, DatasetInfo(image_size=(32, 32), human_frame_rate_hz=12.0, robot_frame_rate_hz=10.0))
    task = dataset.tasks("train")[0]
    humans, robots = (task.human(0),), (task.robot(0),)
    write_task(other, TaskDemos(kind="push", split="train", index=0, humans=humans, robots=robots))
    others = export_lerobot(DemoDataset(other), tmp_path / "others")
    with pytest.raises(ValueError, match="share no task"):
        import_lerobot(target / "robot", others / "human", tmp_path / "back", image_size=(32, 32))
    assert path.exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"video_path": "../../{video_key}.mp4"}, "leads out of the dataset"),
        ({"data_path": "/etc/passwd"}, "leads out of the dataset"),
        ({"data_path": "data/none.parquet"}, "no such file"),
        ({"data_path": "{nothing}"}, "has other places than"),
        ({"data_path": "{video_key}"}, "names its files by video_key"),
        ({"video_path": "{video_key.__class__}"}, "has other places than"),
        ({"video_path": "{chunk_index:0999999999d}"}, "has other places than"),
        ({"video_path": "{file_index!r:>9}"}, "has other places than"),
        ({"video_path": None}, "info.json: video_path: expected str, got null"),
        ({"fps": None}, "info.json: fps: expected float, got null"),
        ({"fps": 1e300}, "info.json: fps: expected float <="),
        ({"features": {}}, "expected a camera with videos, found none"),
        ({"features": []}, "info.json: features: expected object, got array"),
        ({"features": {"x": None}}, r"info.json: features\[...\]: expected object, got null"),
    ],
)
def test_a_dataset_that_points_elsewhere_or_nowhere_is_refused(
    dataset: DemoDataset, tmp_path: Path, change: dict[str, object], message: str
):
    target = export_lerobot(dataset, tmp_path / "out")
    path = target / "robot" / "meta" / "info.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ValueError, match=message):
        import_lerobot(target / "robot", target / "human", tmp_path / "back", image_size=(32, 32))


@pytest.mark.parametrize("name", ["meta/episodes/chunk-000/file-000.parquet", "data/chunk-000/file-000.parquet"])
def test_a_corrupt_table_is_named(dataset: DemoDataset, tmp_path: Path, name: str):
    target = export_lerobot(dataset, tmp_path / "out")
    (target / "robot" / name).write_bytes(b"PAR1 and then nothing")
    with pytest.raises(ValueError, match=f"{Path(name).name}: cannot be read"):
        import_lerobot(target / "robot", target / "human", tmp_path / "back", image_size=(32, 32))


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["place-7", "place-000007"], "the tasks 'place-000007' and 'place-7' would both be train/place-000007"),
        (["train/place-3", "place-3"], "the tasks 'place-3' and 'train/place-3' would both be train/place-000003"),
        (["put the cube in the bowl", "task-0"], "'task-0' would both be train/task-000000; rename one"),
    ],
)
def test_tasks_that_would_be_one_are_named_together(
    build: Callable[..., Path], tmp_path: Path, names: list[str], message: str
):
    robot, human = build("robot", names), build("human", names)
    with pytest.raises(ValueError, match=message):
        import_lerobot(robot, human, tmp_path / "data", image_size=(8, 8))
    assert not (tmp_path / "data").exists()


def test_tasks_that_one_of_the_two_lacks_are_named(build: Callable[..., Path], tmp_path: Path):
    robot, human = build("robot", ["place-0", "place-1"]), build("human", ["place-1", "wave"])
    n_written, left_out = import_lerobot(robot, human, tmp_path / "data", image_size=(8, 8))
    assert n_written == 1
    assert left_out == [
        f"{robot}: left out 'place-0', which the other one does not have",
        f"{human}: left out 'wave', which the other one does not have",
    ]


def test_words_too_long_for_a_folder_are_numbered(build: Callable[..., Path], tmp_path: Path):
    names = ["place-" + "9" * 5000, "-".join(["a"] * 500) + "-0"]
    robot, human = build("robot", names), build("human", names)
    assert import_lerobot(robot, human, tmp_path / "data", image_size=(8, 8)) == (2, [])
    assert [task.kind for task in DemoDataset(tmp_path / "data").tasks("train")] == ["task", "task"]


def test_another_camera_is_another_dataset(build: Callable[..., Path], tmp_path: Path):
    robot, human = build("robot", ["place-0"], cameras=("front", "top")), build("human", ["place-0"])
    import_lerobot(robot, human, tmp_path / "data", image_size=(8, 8), cameras=["top"])
    with pytest.raises(ValueError, match="holds a dataset with other settings"):
        import_lerobot(robot, human, tmp_path / "data", image_size=(8, 8), cameras=["front"])
