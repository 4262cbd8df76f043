"""Hostile LeRobot datasets: refused in one line that names the file, and nothing outside of them is read or run."""

import json
import os
import shutil
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
    export_lerobot,
    import_lerobot,
    write_task,
)

pa = pytest.importorskip("pyarrow", reason="the extra lerobot is not installed")
pq = pytest.importorskip("pyarrow.parquet")

Refused = Callable[..., str]
EPISODES, DATA = "meta/episodes/chunk-000/file-000.parquet", "data/chunk-000/file-000.parquet"
VIDEO = "videos/observation.images.front/chunk-000/file-000.mp4"
CAMERA = "videos/observation.images.front"
ODD: tuple[Any, ...] = (None, True, -1, 0.5, "x", "../../x", [], [[]], {"a": None}, 10**15)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good pair of datasets."""
    folder = tmp_path_factory.mktemp("lerobot")
    create_dataset(folder / "data", DatasetInfo(image_size=(16, 16), human_frame_rate_hz=10, robot_frame_rate_hz=10))
    frames, rows = np.zeros((6, 16, 16, 3), np.uint8), np.zeros((6, 4), np.float32)
    robot = RobotDemo(frames=frames, states=rows, actions=rows, frame_rate_hz=10.0)
    humans = (HumanDemo(frames, 10.0),)
    for index in range(2):
        task = TaskDemos(kind="place", split="train", index=index, humans=humans, robots=(robot,))
        write_task(folder / "data", task)
    return export_lerobot(DemoDataset(folder / "data"), folder / "out")


@pytest.fixture
def robot(exported: Path, tmp_path: Path) -> Path:
    """The robot's dataset, to be spoilt."""
    shutil.copytree(exported, tmp_path / "out")
    return tmp_path / "out" / "robot"


@pytest.fixture
def spoilt(robot: Path, tmp_path: Path, refused: Refused) -> Callable[[Path], str]:
    def spoilt(naming: Path) -> str:
        def read() -> None:
            import_lerobot(robot, robot.with_name("human"), tmp_path / "back", image_size=(16, 16))

        return refused(read, naming=naming)

    return spoilt


def change_info(root: Path, **changed: object) -> None:
    path = root / "meta" / "info.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changed))


def change_table(path: Path, column: str, values: Callable[[list[Any]], list[Any]]) -> None:
    table = pq.read_table(path)
    changed = pa.array(values(table.column(column).to_pylist()))
    pq.write_table(table.set_column(table.schema.get_field_index(column), column, changed), path)


def test_the_pair_is_good_as_it_is(robot: Path, tmp_path: Path):
    imported = import_lerobot(robot, robot.with_name("human"), tmp_path / "back", image_size=(16, 16))
    assert imported == (2, [])


@pytest.mark.parametrize("value", ODD, ids=repr)
@pytest.mark.parametrize("name", ["codebase_version", "fps", "data_path", "video_path", "features"])
def test_odd_values_in_the_description(robot: Path, spoilt: Callable[[Path], str], name: str, value: object):
    change_info(robot, **{name: value})
    if name == "fps" and value == 0.5:
        return  # slow, but a rate
    spoilt(robot)


@pytest.mark.parametrize(
    "path",
    [
        "{video_key.__class__.__mro__}",
        "{video_key.__init__.__globals__}",
        "{chunk_index:0999999999d}",
        "{file_index:>99999999}",
        "{0}",
        "{}",
        "{" * 1000,
        "../../../etc/passwd",
        "/etc/passwd",
        "/dev/zero",
        "a\0b",
        "x" * 100_000,
        "{file_index:03d}" * 10_000,
    ],
    ids=lambda path: f"{path[:30]!r}",
)
@pytest.mark.parametrize("name", ["data_path", "video_path"])
def test_names_of_files_that_would_do_more(robot: Path, spoilt: Callable[[Path], str], name: str, path: str):
    change_info(robot, **{name: path})
    spoilt(robot)


@pytest.mark.parametrize("value", ODD, ids=repr)
@pytest.mark.parametrize(
    "column",
    ["episode_index", "tasks", "length", "data/chunk_index", f"{CAMERA}/file_index", f"{CAMERA}/from_timestamp"],
)
def test_odd_values_of_an_episode(robot: Path, spoilt: Callable[[Path], str], column: str, value: object):
    change_table(robot / EPISODES, column, lambda values: [value for _ in values])
    if column.endswith("timestamp") and value == 0.5:
        return  # the frames are counted, and are in order
    spoilt(robot)


@pytest.mark.parametrize("bad", [None, "x", [None] * 4, [1.0], [[1.0]] * 4, [float("nan")] * 4, [1e300] * 4])
@pytest.mark.parametrize("column", ["observation.state", "action"])
def test_odd_rows(robot: Path, spoilt: Callable[[Path], str], column: str, bad: Any):
    if isinstance(bad, list) and len(bad) == 4 and not isinstance(bad[0], list):
        change_table(robot / DATA, column, lambda values: [*values[:-1], bad])
        spoilt(Path("out" if bad[0] is None else "not finite"))
    else:
        change_table(robot / DATA, column, lambda values: [bad for _ in values])
        spoilt(robot / DATA) if bad != [1.0] else None


@pytest.mark.parametrize("column", ["frame_index", "episode_index"])
@pytest.mark.parametrize("value", [None, -1, 2**62, "x", 0.5, [0]], ids=repr)
def test_odd_numbers_of_rows(robot: Path, spoilt: Callable[[Path], str], column: str, value: object):
    change_table(robot / DATA, column, lambda values: [value for _ in values])
    spoilt(robot / DATA)


@pytest.mark.parametrize("name", ["meta/info.json", EPISODES, DATA, VIDEO])
def test_pipes_devices_and_folders_in_place_of_files(robot: Path, spoilt: Callable[[Path], str], name: str):
    path = robot / name
    path.unlink()
    os.mkfifo(path)
    spoilt(path)
    path.unlink()
    path.symlink_to("/dev/zero")
    spoilt(robot)
    path.unlink()
    path.mkdir()
    spoilt(robot)


@pytest.mark.parametrize("name", [EPISODES, DATA, VIDEO])
@pytest.mark.parametrize("size", [0, 4, 100, -400])
def test_files_cut_off(robot: Path, spoilt: Callable[[Path], str], name: str, size: int):
    path = robot / name
    path.write_bytes(path.read_bytes()[:size])
    spoilt(path)


def test_a_table_that_unpacks_to_more_than_memory(robot: Path, spoilt: Callable[[Path], str]):
    n_rows = 30_000_000  # zeros, four columns of which take a hundred kB
    columns = {name: np.zeros(n_rows, np.int64) for name in ("episode_index", "frame_index")}
    columns |= {name: np.zeros(n_rows, np.float32) for name in ("observation.state", "action")}
    pq.write_table(pa.table(columns), robot / DATA, compression="zstd")
    assert (robot / DATA).stat().st_size < 1_000_000
    assert "values of" in spoilt(robot / DATA)


def test_wide_rows_that_unpack_to_more_than_memory(
    robot: Path, spoilt: Callable[[Path], str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("daml.demos.lerobot.tables._MOST_NUMBERS", 10**7)  # to write the true number takes 6 GB
    wide = pa.FixedSizeListArray.from_arrays(pa.array(np.zeros(12 * 10**6, np.int8)), 2 * 10**6)
    table = pa.table(
        {"episode_index": [0] * 6, "frame_index": range(6), "observation.state": wide, "action": [0.0] * 6}
    )
    pq.write_table(table, robot / DATA, compression="zstd")
    assert (robot / DATA).stat().st_size < 100_000
    assert "values of" in spoilt(robot / DATA)


def test_an_episode_of_more_words_than_memory_holds(robot: Path, spoilt: Callable[[Path], str]):
    words = pa.array([["x"] * 6_000_000, ["y"]])
    table = pq.read_table(robot / EPISODES)
    table = table.set_column(table.schema.get_field_index("tasks"), "tasks", words)
    pq.write_table(table, robot / EPISODES, compression="zstd")
    assert "values of" in spoilt(robot / EPISODES)


@pytest.mark.parametrize("length", [0, -5, 7, 10**9, 2**62])
def test_more_frames_than_there_are(robot: Path, spoilt: Callable[[Path], str], length: int):
    change_table(robot / EPISODES, "length", lambda values: [length for _ in values])
    spoilt(robot)


def test_info_of_no_sense(robot: Path, spoilt: Callable[[Path], str]):
    path = robot / "meta" / "info.json"
    for content in ("[" * 500_000, "", "\0", '{"codebase_version": "v3.0", "features": {"a": {"dtype": "video"}}}'):
        path.write_text(content)
        spoilt(path)
    with path.open("r+b") as file:
        file.truncate(50_000_000_000)
    spoilt(path)
