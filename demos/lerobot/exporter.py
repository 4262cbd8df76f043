"""A dataset written in LeRobot's format, twice: what the robot did, and what people were seen to do."""

import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from daml.demos.demo import Frames
from daml.demos.disk import naming, put_in_place
from daml.demos.lerobot.layout import (
    ACTION,
    CAMERA,
    CHUNK_SIZE,
    DATA_PATH,
    EPISODES_PATH,
    INFO_PATH,
    STATE,
    STATS_PATH,
    TASKS_PATH,
    VERSION,
    VIDEO_PATH,
    load_arrow,
)
from daml.demos.lerobot.statistics import aggregate, describe
from daml.demos.storage.dataset import DemoDataset
from daml.demos.video.film_writing import new_film

EPISODES_PER_FILE = 500
"""Keeps files of short clips below the hundred megabytes that the format means a file to have."""

_COUNTERS = ("frame_index", "episode_index", "index", "task_index")


@dataclass(frozen=True, eq=False, kw_only=True)
class _Episode:
    split: str
    task: str
    frames: Frames
    values: dict[str, NDArray[np.float32]]
    """States and actions; nothing for people."""


def export_lerobot(dataset: DemoDataset, target: str | Path) -> Path:
    """Write a dataset as two LeRobot datasets, `robot/` and `human/`, that name tasks alike.

    Videos are compressed; states and actions are written exactly. What else a demonstration may hold (what was executed
    where that differs from the action to imitate, and where things truly were) has no place in the format and is left
    out. The folder appears when all of it is written.

    Args:
        dataset: What to write.
        target: Folder to create.

    Returns:
        The folder.

    Raises:
        FileExistsError: The folder is there already.
        ImportError: pyarrow is not installed.
        OSError: The disk does not take it.
        ValueError: The dataset is empty or corrupt.
    """
    load_arrow()
    target = Path(target)
    if target.exists():
        raise FileExistsError(f"{target}: is there already; choose a new folder")
    part = target.with_name(f".{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        with naming(target):
            part.mkdir(parents=True)
            info = dataset.info
            _Writer(part / "robot", info.image_size, info.robot_frame_rate_hz).write(_robot_episodes(dataset))
            _Writer(part / "human", info.image_size, info.human_frame_rate_hz).write(_human_episodes(dataset))
            put_in_place(part, target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return target


def _robot_episodes(dataset: DemoDataset) -> Iterator[_Episode]:
    for split in dataset.splits:
        for task in dataset.tasks(split):
            for i in range(task.n_robots):
                clip = task.robot(i)
                values = {STATE: clip.states, ACTION: clip.actions}
                yield _Episode(split=split, task=task.folder.name, frames=clip.frames, values=values)


def _human_episodes(dataset: DemoDataset) -> Iterator[_Episode]:
    for split in dataset.splits:
        for task in dataset.tasks(split):
            for i in range(task.n_humans):
                yield _Episode(split=split, task=task.folder.name, frames=task.human(i).frames, values={})


class _Writer:
    """Writes one LeRobot dataset; episodes come one by one."""

    def __init__(self, root: Path, image_size: tuple[int, int], rate_hz: float) -> None:
        self._root = root
        self._size = image_size
        self._rate = Fraction(rate_hz).limit_denominator(10_000)
        self._episodes: list[dict[str, Any]] = []
        self._tasks: dict[tuple[str, str], int] = {}
        self._splits: dict[str, list[int]] = {}
        self._n_frames = 0
        self._widths: dict[str, int] = {}
        self._stats: list[dict[str, dict[str, NDArray[np.float64]]]] = []

    def write(self, episodes: Iterable[_Episode]) -> None:
        """Write all episodes and what describes them."""
        batch: list[_Episode] = []
        for episode in episodes:
            batch.append(episode)
            if len(batch) == EPISODES_PER_FILE:
                self._write_files(batch)
                batch = []
        if batch:
            self._write_files(batch)
        if not self._episodes:
            raise ValueError("the dataset holds no tasks; collect or import some first")
        self._write_meta()

    def _write_files(self, batch: list[_Episode]) -> None:
        """Write the rows and the frames of some episodes into one file each."""
        pa, pq = load_arrow(), load_arrow("pyarrow.parquet")
        chunk, file = divmod(len(self._episodes) // EPISODES_PER_FILE, CHUNK_SIZE)
        columns: dict[str, list[NDArray[Any]]] = {}
        shown = 0
        for episode in batch:
            number, length = len(self._episodes), len(episode.frames)
            name = f"{episode.task}" if episode.split == "train" else f"{episode.split}/{episode.task}"
            task_index = self._tasks.setdefault((episode.split, name), len(self._tasks))
            self._splits.setdefault(episode.split, []).append(number)
            rows: dict[str, NDArray[Any]] = {
                **episode.values,
                "timestamp": (np.arange(length) / float(self._rate)).astype(np.float32),
                "frame_index": np.arange(length),
                "episode_index": np.full(length, number),
                "index": np.arange(self._n_frames, self._n_frames + length),
                "task_index": np.full(length, task_index),
            }
            for key, values in rows.items():
                columns.setdefault(key, []).append(values)
            self._widths = {key: values.shape[1] for key, values in episode.values.items()}
            stats = {key: describe(values.reshape(length, -1)) for key, values in rows.items()}
            stats[CAMERA] = {
                key: value if key == "count" else value.reshape(3, 1, 1)
                for key, value in describe(episode.frames.reshape(-1, 3) / 255.0, count=length).items()
            }
            self._stats.append(stats)
            self._episodes.append(
                {
                    "episode_index": number,
                    "tasks": [name],
                    "length": length,
                    "data/chunk_index": chunk,
                    "data/file_index": file,
                    "dataset_from_index": self._n_frames,
                    "dataset_to_index": self._n_frames + length,
                    f"videos/{CAMERA}/chunk_index": chunk,
                    f"videos/{CAMERA}/file_index": file,
                    f"videos/{CAMERA}/from_timestamp": float(shown / self._rate),
                    f"videos/{CAMERA}/to_timestamp": float((shown + length) / self._rate),
                    "meta/episodes/chunk_index": 0,
                    "meta/episodes/file_index": 0,
                    **{
                        f"stats/{key}/{kind}": value.tolist()
                        for key, kinds in stats.items()
                        for kind, value in kinds.items()
                    },
                }
            )
            self._n_frames += length
            shown += length
        table = pa.table({key: _as_column(np.concatenate(parts), pa) for key, parts in columns.items()})
        pq.write_table(table, _made(self._root / DATA_PATH.format(chunk_index=chunk, file_index=file)))
        video = self._root / VIDEO_PATH.format(video_key=CAMERA, chunk_index=chunk, file_index=file)
        _encode(_made(video), (frame for episode in batch for frame in episode.frames), self._size, self._rate)

    def _write_meta(self) -> None:
        """Write what describes the dataset."""
        pa, pq = load_arrow(), load_arrow("pyarrow.parquet")
        pq.write_table(
            pa.Table.from_pylist(self._episodes),
            _made(self._root / EPISODES_PATH.format(chunk_index=0, file_index=0)),
        )
        names = [name for _, name in self._tasks]
        # Readers use pandas: the table says that the task's name is its index.
        described = {
            "index_columns": ["task"],
            "column_indexes": [],
            "columns": [
                {
                    "name": "task_index",
                    "field_name": "task_index",
                    "pandas_type": "int64",
                    "numpy_type": "int64",
                    "metadata": None,
                },
                {
                    "name": "task",
                    "field_name": "task",
                    "pandas_type": "unicode",
                    "numpy_type": "object",
                    "metadata": None,
                },
            ],
            "pandas_version": "2.2.0",
        }
        tasks = pa.table({"task_index": pa.array(range(len(names)), pa.int64()), "task": pa.array(names, pa.string())})
        pq.write_table(tasks.replace_schema_metadata({"pandas": json.dumps(described)}), _made(self._root / TASKS_PATH))
        self._write_json(STATS_PATH, aggregate(self._stats))
        self._write_json(INFO_PATH, self._info())

    def _info(self) -> dict[str, Any]:
        """Describe the dataset."""
        rate = int(self._rate) if self._rate.denominator == 1 else float(self._rate)
        height, width = self._size
        video = {
            "video.height": height,
            "video.width": width,
            "video.codec": "h264",
            "video.pix_fmt": _pixels(self._size),
            "video.is_depth_map": False,
            "video.fps": rate,
            "video.channels": 3,
            "has_audio": False,
        }
        features: dict[str, Any] = {
            key: {"dtype": "float32", "shape": [size], "names": [f"{key.rpartition('.')[2]}_{i}" for i in range(size)]}
            for key, size in self._widths.items()
        }
        features[CAMERA] = {
            "dtype": "video",
            "shape": [height, width, 3],
            "names": ["height", "width", "channels"],
            "info": video,
        }
        features["timestamp"] = {"dtype": "float32", "shape": [1], "names": None}
        features |= {name: {"dtype": "int64", "shape": [1], "names": None} for name in _COUNTERS}
        return {
            "codebase_version": VERSION,
            "robot_type": None,
            "total_episodes": len(self._episodes),
            "total_frames": self._n_frames,
            "total_tasks": len(self._tasks),
            "chunks_size": CHUNK_SIZE,
            "data_files_size_in_mb": 100,
            "video_files_size_in_mb": 200,
            "fps": rate,
            "splits": {split: f"{numbers[0]}:{numbers[-1] + 1}" for split, numbers in self._splits.items()},
            "data_path": DATA_PATH,
            "video_path": VIDEO_PATH,
            "features": features,
        }

    def _write_json(self, name: str, content: dict[str, Any]) -> None:
        _made(self._root / name).write_text(json.dumps(content, indent=4, allow_nan=False) + "\n", encoding="utf-8")


def _made(path: Path) -> Path:
    """Create the folder of a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _as_column(values: NDArray[Any], pa: Any) -> Any:  # noqa: ANN401 - an extra without types
    """Turn rows of numbers into a column; vectors become lists of fixed size."""
    if values.ndim == 1:
        return pa.array(values)
    return pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), values.shape[1])


def _pixels(size: tuple[int, int]) -> str:
    """Name the pixel format: colour at half the resolution, as everywhere, where the sides can be halved."""
    return "yuv420p" if size[0] % 2 == 0 and size[1] % 2 == 0 else "yuv444p"


def _encode(path: Path, frames: Iterable[Frames], size: tuple[int, int], rate: Fraction) -> None:
    """Encode frames one after another; every second is a key frame, since readers jump about."""
    with new_film(path) as container:
        options = {"crf": "12", "preset": "veryfast", "g": "2"}
        # PyAV leaves keyword arguments and packets without types.
        stream = container.add_stream("libx264", rate=rate, options=options)  # pyright: ignore[reportUnknownMemberType]
        stream.height, stream.width = size
        stream.pix_fmt = _pixels(size)
        for number, frame in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
            picture.pts, picture.time_base = number, 1 / rate
            container.mux(stream.encode(picture))  # pyright: ignore[reportUnknownMemberType]
        container.mux(stream.encode(None))  # pyright: ignore[reportUnknownMemberType]
