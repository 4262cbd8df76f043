"""One LeRobot dataset: what episodes there are, and the frames and numbers of each. No file is decoded twice."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from daml.demos.demo import Frames
from daml.demos.lerobot.layout import Template, read_lerobot_info
from daml.demos.lerobot.spool import LIMITS, Spool
from daml.demos.lerobot.tables import read_numbers, read_rows
from daml.demos.parsing import Count, Seconds, Whole, parse
from daml.demos.resizing import Fit
from daml.demos.video.film import opened_film


@dataclass(frozen=True, kw_only=True)
class Episode:
    """What the tables say of an episode."""

    episode_index: Whole
    tasks: Annotated[tuple[str, ...], Meta(min_length=1, max_length=1)]
    """The task, in words: one."""
    length: Count
    """How many frames and rows it has."""
    data_chunk: Whole
    data_file: Whole
    """Where its rows are."""
    video_chunk: Whole
    video_file: Whole
    """Where its frames are."""
    start_s: Seconds
    """When it begins in the video file."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Clip:
    """An episode that was read."""

    frames: Frames
    """RGB, `(T, H, W, 3)`, of the size asked for."""
    columns: dict[str, NDArray[np.float32]]
    """Its rows by name, `(T, width)`."""


class Source:
    """One LeRobot dataset, read episode by episode in any order.

    A video file is decoded once, from its beginning to the last episode that is wanted of it; the small frames wait in
    a nameless file, which the operating system removes however the process ends.

    Args:
        root: Folder of the dataset.
        cameras: Names of cameras, whole or their last part: where the dataset has several, the one of these is read.

    Raises:
        ImportError: pyarrow is not installed.
        ValueError: The folder is no LeRobot dataset of version 3.0, is corrupt, or has several cameras.
    """

    def __init__(self, root: Path, cameras: Sequence[str] = ()) -> None:
        self._root = root
        info = read_lerobot_info(root)
        self.rate_hz = info.fps
        """Frames per second."""
        found = sorted(key for key, feature in info.features.items() if feature.dtype == "video")
        self.camera = _chosen_camera(found, cameras, root=root)
        """Name of the camera that is read."""
        self._video_path, self._data_path = Template(info.video_path, root), Template(info.data_path, root)
        self.episodes = self._read_episodes()
        """All episodes, in the order of the dataset."""
        self.tasks: dict[str, list[Episode]] = {}
        """Episodes by the words of their task."""
        for episode in self.episodes:
            self.tasks.setdefault(episode.tasks[0], []).append(episode)
        self._in_video: dict[tuple[int, int], list[Episode]] = {}
        for episode in self.episodes:
            self._in_video.setdefault((episode.video_chunk, episode.video_file), []).append(episode)
        self._rows: dict[Path, dict[str, NDArray[Any]]] = {}

    def clips(
        self, tasks: Iterable[str], keys: Sequence[str], *, size: tuple[int, int], fit: Fit, beside: Path
    ) -> Iterator[list[Clip]]:
        """Read the episodes of some tasks.

        Args:
            tasks: The tasks, in words.
            keys: Columns to read.
            size: Height and width of the frames.
            fit: How they are brought to the aspect ratio.
            beside: Folder on the disk where frames may wait.

        Yields:
            For each task in turn, all of its episodes.

        Raises:
            OSError: The disk does not take the frames.
            ValueError: A file is missing or corrupt, or holds other episodes than the tables say.
        """
        tasks = list(tasks)
        wanted = {episode.episode_index for task in tasks for episode in self.tasks[task]}
        with ExitStack() as spools:
            filled: dict[tuple[int, int], Spool] = {}
            for task in tasks:
                clips: list[Clip] = []
                for episode in self.tasks[task]:
                    file = (episode.video_chunk, episode.video_file)
                    if file not in filled:
                        filled[file] = spools.enter_context(Spool(beside, size=size, fit=fit))
                        video = self._video_path.fill(video_key=self.camera, chunk_index=file[0], file_index=file[1])
                        spans = self._spans(video, self._in_video[file])
                        filled[file].fill(video, {number: spans[number] for number in wanted & set(spans)})
                    frames = filled[file].take(episode.episode_index)
                    clips.append(Clip(frames=frames, columns=self._columns(episode, keys)))
                yield clips

    def _spans(self, video: Path, episodes: Sequence[Episode]) -> dict[int, tuple[int, int]]:
        """Tell by its number which frames of a video file, from where to before where, are those of each episode.

        Episodes lie one after another. Where there are as many frames as all of them have, they are counted: times may
        drift, as of a camera at 29.97 Hz that is said to have 30. Otherwise frames of no episode are among them, and
        each begins when the tables say.
        """
        with opened_film(video, limits=LIMITS) as film:
            times = np.array(film.stamps())
        ordered = sorted(episodes, key=lambda episode: (episode.start_s, episode.episode_index))
        if len(times) == sum(episode.length for episode in ordered):
            firsts = [0, *accumulate(episode.length for episode in ordered)]
        else:
            half_a_period = 0.5 / self.rate_hz
            firsts = np.searchsorted(times, [episode.start_s - half_a_period for episode in ordered]).tolist()
        for first, episode in zip(firsts, ordered, strict=False):
            if first + episode.length > len(times):
                raise ValueError(
                    f"{video}: {len(times) - first} frames from {episode.start_s:g} s on, but episode "
                    f"{episode.episode_index} has {episode.length}"
                )
        return {
            episode.episode_index: (first, first + episode.length)
            for first, episode in zip(firsts, ordered, strict=False)
        }

    def _read_episodes(self) -> tuple[Episode, ...]:
        """Read what the tables say of all episodes."""
        fields = {
            "episode_index": "episode_index",
            "tasks": "tasks",
            "length": "length",
            "data_chunk": "data/chunk_index",
            "data_file": "data/file_index",
            "video_chunk": f"videos/{self.camera}/chunk_index",
            "video_file": f"videos/{self.camera}/file_index",
            "start_s": f"videos/{self.camera}/from_timestamp",
        }
        episodes: list[Episode] = []
        for path in sorted((self._root / "meta" / "episodes").glob("*/*.parquet")):
            for number, row in enumerate(read_rows(path, list(fields.values()))):
                values = {field: row.get(column) for field, column in fields.items()}
                episodes.append(parse(values, Episode, where=f"{path}: row {number}"))
        numbers = [episode.episode_index for episode in episodes]
        if len(set(numbers)) < len(numbers):
            raise ValueError(f"{self._root}: two episodes have one number; convert the dataset again")
        return tuple(episodes)

    def _columns(self, episode: Episode, keys: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Read the rows of an episode."""
        if not keys:
            return {}
        path = self._data_path.fill(chunk_index=episode.data_chunk, file_index=episode.data_file)
        if path not in self._rows:
            rows = read_numbers(path, ["episode_index", "frame_index", *keys])
            for name in ("episode_index", "frame_index"):
                if rows[name].ndim != 1:
                    raise ValueError(f"{path}: {name}: expected one number in each row, found lists")
            order = np.argsort(rows["episode_index"], kind="stable")
            self._rows[path] = {name: values[order] for name, values in rows.items()}
        rows = self._rows[path]
        first, last = np.searchsorted(rows["episode_index"], [episode.episode_index, episode.episode_index + 1])
        order = first + np.argsort(rows["frame_index"][first:last], kind="stable")
        found = rows["frame_index"][order]
        if len(found) != episode.length or not np.array_equal(found, np.arange(episode.length)):
            raise ValueError(
                f"{path}: {len(found)} rows of episode {episode.episode_index}, numbered from {min(found, default=0)} "
                f"to {max(found, default=0)}; expected one for each of {episode.length} frames, numbered from 0"
            )
        with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused by its row
            return {key: rows[key][order].reshape(episode.length, -1).astype(np.float32) for key in keys}


def _chosen_camera(found: list[str], wanted: Sequence[str], *, root: Path) -> str:
    """Choose the camera to read: the only one, or the one that is asked for."""
    if len(found) == 1:
        return found[0]
    if not found:
        raise ValueError(f"{root}: expected a camera with videos, found none")
    named = [camera for camera in found if camera in wanted or camera.rpartition(".")[2] in wanted]
    if len(named) != 1:
        asked = f", and {' and '.join(wanted)} names {len(named)} of them" if wanted else ""
        raise ValueError(f"{root}: several cameras ({', '.join(found)}){asked}; choose one with --camera")
    return named[0]
