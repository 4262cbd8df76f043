import json
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
    write_task,
)
from daml.demos.lerobot import exporter as module

pytest.importorskip("pyarrow", reason="the extra lerobot is not installed")
import pyarrow.parquet as pq


def frames(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (n, 4, 4, 3), dtype=np.uint8).repeat(8, 1).repeat(8, 2)


@pytest.fixture
def dataset(tmp_path: Path) -> DemoDataset:
    root = tmp_path / "data"
    create_dataset(root, DatasetInfo(image_size=(32, 32), human_frame_rate_hz=12.0, robot_frame_rate_hz=10.0))
    for split, index in (("train", 0), ("train", 1), ("validation", 0)):
        rng = np.random.default_rng(index)
        robots = tuple(
            RobotDemo(
                frames=frames(n, n),
                states=rng.normal(size=(n, 4)).astype(np.float32),
                actions=rng.uniform(-1, 1, size=(n, 3)).astype(np.float32),
                frame_rate_hz=10.0,
            )
            for n in (5, 7)
        )
        humans = (HumanDemo(frames(6, index), 12.0),)
        write_task(root, TaskDemos(kind="place", split=split, index=index, humans=humans, robots=robots))
    return DemoDataset(root)


def test_the_files_lie_where_the_format_puts_them(
    dataset: DemoDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "EPISODES_PER_FILE", 4)
    target = export_lerobot(dataset, tmp_path / "out")
    files = {path.relative_to(target / "robot").as_posix() for path in (target / "robot").rglob("*") if path.is_file()}
    assert files == {
        *("meta/info.json", "meta/stats.json", "meta/tasks.parquet", "meta/episodes/chunk-000/file-000.parquet"),
        *("data/chunk-000/file-000.parquet", "data/chunk-000/file-001.parquet"),
        *(f"videos/observation.images.front/chunk-000/file-00{i}.mp4" for i in (0, 1)),
    }
    info = json.loads((target / "robot" / "meta" / "info.json").read_text())
    assert (info["total_episodes"], info["total_frames"], info["total_tasks"], info["fps"]) == (6, 36, 3, 10)
    assert info["splits"] == {"train": "0:4", "validation": "4:6"}
    assert set(info["features"]) == {
        *("observation.state", "action", "observation.images.front", "timestamp"),
        *("frame_index", "episode_index", "index", "task_index"),
    }
    episodes = pq.read_table(target / "robot" / "meta" / "episodes").to_pylist()
    assert [row["dataset_from_index"] for row in episodes] == [0, 5, 12, 17, 24, 29]
    assert [row["data/file_index"] for row in episodes] == [0, 0, 0, 0, 1, 1]
    starts = [row["videos/observation.images.front/from_timestamp"] for row in episodes]
    assert starts == pytest.approx([0, 0.5, 1.2, 1.7, 0, 0.5])


def test_rows_are_exact_and_counted_through(dataset: DemoDataset, tmp_path: Path):
    target = export_lerobot(dataset, tmp_path / "out")
    rows = pq.read_table(target / "robot" / "data" / "chunk-000" / "file-000.parquet").to_pydict()
    clips = [task.robot(i) for split in dataset.splits for task in dataset.tasks(split) for i in range(task.n_robots)]
    np.testing.assert_array_equal(np.array(rows["action"], np.float32), np.concatenate([c.actions for c in clips]))
    assert rows["index"] == list(range(36))
    stats = json.loads((target / "robot" / "meta" / "stats.json").read_text())
    states = np.concatenate([clip.states for clip in clips])
    assert stats["observation.state"]["mean"] == pytest.approx(states.mean(axis=0).tolist(), abs=1e-5)
    assert np.shape(stats["observation.images.front"]["mean"]) == (3, 1, 1)


def test_a_failed_export_leaves_nothing(dataset: DemoDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "_encode", fail)
    with pytest.raises(OSError, match="out: cannot be written"):
        export_lerobot(dataset, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    (tmp_path / "out").mkdir()
    with pytest.raises(FileExistsError, match="is there already"):
        export_lerobot(dataset, tmp_path / "out")
