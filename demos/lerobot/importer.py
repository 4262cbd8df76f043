"""LeRobot datasets read into a dataset that can be trained on: one of the robot, one of people."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from daml.demos.demo import Fit, Frames, HumanDemo, RobotDemo
from daml.demos.lerobot.layout import ACTION, STATE, load_arrow, read_lerobot_info
from daml.demos.storage.dataset import TaskDemos, task_folder, write_task
from daml.demos.storage.dataset_info import DatasetInfo, create_dataset
from daml.demos.video.decoding import Limits, stream_video
from daml.demos.video.video_file import MAX_PIXELS, MAX_SIDE

_TASK = re.compile(r"(?:([a-z]+(?:-[a-z]+)*)/)?([a-z]+(?:-[a-z]+)*)-(\d+)")
_LIMITS = Limits(max_frames=10_000_000, max_pixels=MAX_PIXELS, max_side=MAX_SIDE, max_bytes=0)
"""A file holds many episodes, which are read one after another."""


@dataclass(frozen=True, eq=False, kw_only=True)
class _Clip:
    """An episode: its task in words, its frames, and its columns by name."""

    task: str
    frames: Frames
    columns: dict[str, NDArray[np.float32]]


def import_lerobot(
    robot: str | Path, human: str | Path, root: str | Path, *, image_size: tuple[int, int], fit: Fit = "crop"
) -> int:
    """Write the tasks that a robot and people both did into a dataset; those that are there already are kept.

    A task that LeRobot calls `place-000003` keeps that name, and `validation/place-000003` its split; tasks in other
    words become `task-000000` and so on, of the split train, in the order of their words. The dataset notes these
    words: once there are others it cannot be added to, since the numbers would mean other tasks.

    Args:
        robot: LeRobot dataset with `observation.state`, `action` and one camera.
        human: LeRobot dataset of people doing tasks of the same words, with one camera.
        root: Folder of the dataset; created if need be.
        image_size: Height and width of its frames.
        fit: How frames are brought to the aspect ratio.

    Returns:
        The number of tasks written.

    Raises:
        ImportError: pyarrow is not installed.
        OSError: The disk does not take it.
        ValueError: A folder is no LeRobot dataset of version 3.0, is corrupt, or the two share no task; or the dataset
            there is of other sources, settings or words.
    """
    load_arrow()
    sources = _Source(Path(robot)), _Source(Path(human))
    shared = sorted(set(sources[0].tasks) & set(sources[1].tasks))
    if not shared:
        raise ValueError(f"{robot} and {human} share no task; name tasks alike in both")
    numbered = [name for name in shared if _TASK.fullmatch(name) is None]
    info = DatasetInfo(
        image_size=image_size,
        human_frame_rate_hz=sources[1].rate_hz,
        robot_frame_rate_hz=sources[0].rate_hz,
        provenance={"lerobot": [str(robot), str(human)], "numbered_tasks": numbered},
    )
    create_dataset(root, info)
    n_written = 0
    for name in shared:
        split, kind, index = _place(name, numbered)
        if task_folder(root, kind=kind, split=split, index=index).exists():
            continue
        robots = [
            RobotDemo(
                frames=HumanDemo(clip.frames, info.robot_frame_rate_hz).resized(*image_size, fit=fit).frames,
                states=clip.columns[STATE],
                actions=clip.columns[ACTION],
                frame_rate_hz=info.robot_frame_rate_hz,
            )
            for clip in sources[0].clips(name, (STATE, ACTION))
        ]
        humans = [
            HumanDemo(clip.frames, info.human_frame_rate_hz).resized(*image_size, fit=fit)
            for clip in sources[1].clips(name, ())
        ]
        write_task(root, TaskDemos(kind=kind, split=split, index=index, humans=tuple(humans), robots=tuple(robots)))
        n_written += 1
    return n_written


def _place(name: str, numbered: Sequence[str]) -> tuple[str, str, int]:
    """Return split, kind and index of a task in words; those that tell none are numbered."""
    match = _TASK.fullmatch(name)
    return (match[1] or "train", match[2], int(match[3])) if match else ("train", "task", numbered.index(name))


class _Source:
    """One LeRobot dataset, read episode by episode."""

    def __init__(self, root: Path) -> None:
        self._root = root
        info = read_lerobot_info(root)
        try:
            self.rate_hz = float(info["fps"])
            self._data_path, self._video_path = str(info["data_path"]), str(info["video_path"])
            cameras = sorted(key for key, feature in info["features"].items() if feature["dtype"] == "video")
        except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
            raise ValueError(f"{root}/meta/info.json: corrupt ({error!r})") from error
        if len(cameras) != 1:
            raise ValueError(f"{root}: expected one camera with videos, found {', '.join(cameras) or 'none'}")
        self._camera = cameras[0]
        files = sorted((root / "meta" / "episodes").glob("*/*.parquet"))
        columns = ["tasks", "length", "episode_index", "data/chunk_index", "data/file_index"]
        columns += [f"videos/{self._camera}/{name}" for name in ("chunk_index", "file_index", "from_timestamp")]
        self._episodes = [row for file in files for row in self._rows(file, columns)]
        self.tasks: dict[str, list[int]] = {}
        for place, episode in enumerate(self._episodes):
            tasks = episode["tasks"]
            if not isinstance(tasks, list) or len(tasks) != 1 or not isinstance(tasks[0], str):  # pyright: ignore[reportUnknownArgumentType]
                raise ValueError(f"{root}: episode {place} has the tasks {tasks!r}; expected one in words")
            self.tasks.setdefault(tasks[0], []).append(place)

    def clips(self, task: str, keys: Sequence[str]) -> Iterator[_Clip]:
        """Read the episodes of a task, with the columns asked for."""
        for place in self.tasks[task]:
            episode = self._episodes[place]
            try:
                length = int(episode["length"])
                start_s = float(episode[f"videos/{self._camera}/from_timestamp"])
                video = self._inside(
                    self._video_path.format(
                        video_key=self._camera,
                        chunk_index=int(episode[f"videos/{self._camera}/chunk_index"]),
                        file_index=int(episode[f"videos/{self._camera}/file_index"]),
                    )
                )
                data = self._inside(
                    self._data_path.format(
                        chunk_index=int(episode["data/chunk_index"]), file_index=int(episode["data/file_index"])
                    )
                )
            except (KeyError, IndexError, TypeError, OverflowError) as error:
                raise ValueError(f"{self._root}: episode {place} is described wrongly ({error!r})") from error
            columns = self._columns(data, int(episode["episode_index"]), keys, length=length)
            yield _Clip(task=task, frames=self._frames(video, start_s, length), columns=columns)

    def _frames(self, video: Path, start_s: float, length: int) -> Frames:
        """Read the frames of an episode from among those of a file."""
        frames: list[Frames] = []
        for time_s, picture in stream_video(video, limits=_LIMITS):
            if round((time_s - start_s) * self.rate_hz) >= 0:
                frames.append(picture)
            if len(frames) == length:
                return np.stack(frames)
        raise ValueError(f"{video}: {len(frames)} frames from {start_s:g} s on, but the episode has {length}")

    def _columns(self, data: Path, episode: int, keys: Sequence[str], *, length: int) -> dict[str, NDArray[np.float32]]:
        """Read the rows of an episode."""
        if not keys:
            return {}
        rows = [
            row for row in self._rows(data, ["episode_index", "frame_index", *keys]) if row["episode_index"] == episode
        ]
        rows.sort(key=lambda row: row["frame_index"])
        if len(rows) != length:
            raise ValueError(f"{data}: {len(rows)} rows of episode {episode}, expected {length}")
        try:
            return {key: np.array([row[key] for row in rows], np.float32) for key in keys}
        except (TypeError, ValueError) as error:
            raise ValueError(f"{data}: episode {episode} holds no rows of numbers ({error})") from error

    def _rows(self, path: Path, columns: list[str]) -> list[dict[str, Any]]:
        """Read some columns of a table."""
        arrow = load_arrow()
        try:
            return load_arrow("pyarrow.parquet").read_table(path, columns=columns).to_pylist()
        except (OSError, ValueError, KeyError, arrow.ArrowException) as error:
            raise ValueError(f"{path}: cannot be read ({' '.join(str(error).split())})") from error

    def _inside(self, name: str) -> Path:
        """Return the path of a file of the dataset; a name that leads out of it is refused."""
        path = Path(os.path.realpath(self._root / name))
        if not path.is_relative_to(os.path.realpath(self._root)):
            raise ValueError(f"{self._root}: names the file {name}, which leads out of the dataset")
        if not path.is_file():
            raise ValueError(f"{path}: no such file, but an episode is said to be in it")
        return path
