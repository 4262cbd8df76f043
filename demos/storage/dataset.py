"""Demonstrations on disk: a dataset is a folder of splits, and a split one folder per task."""

import math
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from daml.demos.demo import HumanDemo, RobotDemo
from daml.demos.disk import naming, put_in_place
from daml.demos.storage.array_file import write_array
from daml.demos.storage.dataset_info import DatasetInfo, as_json, read_info
from daml.demos.storage.stored_task import FRAMES_FILE, STEPS_FILE, TASK_FILE, StoredTask

_NAME = re.compile(r"[a-z]+(?:-[a-z]+)*")
_FOLDER = re.compile(rf"({_NAME.pattern})-([0-9]{{6}}|[1-9][0-9]{{6,8}})")
"""As `task_folder` names them: no two name one task."""
_LONGEST_NAME = 100
"""Letters of a kind or a split: file systems take 255, and the folder's name holds more."""
LARGEST_INDEX = 999_999_999
"""More tasks than anybody draws."""


@dataclass(frozen=True, eq=False, kw_only=True)
class TaskDemos:
    """All demonstrations of one task.

    Raises:
        ValueError: A name or the index cannot name a folder, or there is no human clip, or no robot clip.
    """

    kind: str
    """Kind of task: lower-case words joined by hyphens."""
    split: str
    """Which draw of tasks it belongs to."""
    index: int
    """Number of the task within kind and split, from 0."""
    humans: tuple[HumanDemo, ...]
    robots: tuple[RobotDemo, ...]

    def __post_init__(self) -> None:
        """Validate."""
        _check_names(self.kind, self.split, self.index)
        object.__setattr__(self, "humans", tuple(self.humans))
        object.__setattr__(self, "robots", tuple(self.robots))
        if not self.humans or not self.robots:
            raise ValueError(
                f"{self.kind}/{self.split}/{self.index}: {len(self.humans)} human and {len(self.robots)} robot clips; "
                "give at least one of each"
            )


def task_folder(root: str | Path, *, kind: str, split: str, index: int) -> Path:
    """Name the folder of a task; it exists once the task was written completely.

    Args:
        root: Folder of the dataset.
        kind: Kind of task: lower-case words joined by hyphens.
        split: Which draw of tasks it belongs to.
        index: Number of the task within kind and split, from 0.

    Returns:
        `<root>/<split>/<kind>-<index>`.

    Raises:
        ValueError: A name or the index cannot name a folder.
    """
    _check_names(kind, split, index)
    return Path(root) / split / f"{kind}-{index:06d}"


def write_task(root: str | Path, task: TaskDemos) -> Path:
    """Write one task whole or not at all; the same demonstrations give the same bytes.

    What a killed writer of the same task left behind is removed.

    Args:
        root: Folder of a dataset that `create_dataset` began.
        task: Demonstrations to write.

    Returns:
        The task's folder.

    Raises:
        FileExistsError: The task was written before.
        OSError: The disk does not take it; nothing is left.
        ValueError: `root` is no dataset, or a clip does not fit its description.
    """
    folder = task_folder(root, kind=task.kind, split=task.split, index=task.index)
    _check_fits(task, read_info(root), where=str(folder))
    if folder.exists():
        raise FileExistsError(f"{folder}: already written; delete it to write it again")
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        with naming(folder):
            _write_files(part, task)
            put_in_place(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder


def _write_files(folder: Path, task: TaskDemos) -> None:
    """Write the files of a task into a folder that is there."""
    clips = (*task.humans, *task.robots)
    write_array(folder / FRAMES_FILE, np.concatenate([clip.frames for clip in clips]))
    hands = np.concatenate([clip.hand for clip in task.humans])
    known = {"hands": hands} if np.isfinite(hands).any() else {}
    np.savez(
        folder / STEPS_FILE,
        allow_pickle=False,
        **known,
        states=np.concatenate([clip.states for clip in task.robots]),
        actions=np.concatenate([clip.actions for clip in task.robots]),
        executed=np.concatenate([clip.executed for clip in task.robots]),
        goals=np.concatenate([clip.goals for clip in task.robots]),
    )
    lengths = {"humans": [len(clip) for clip in task.humans], "robots": [len(clip) for clip in task.robots]}
    content = {"kind": task.kind, "split": task.split, "index": task.index, **lengths}
    (folder / TASK_FILE).write_text(as_json(content), encoding="utf-8")


class DemoDataset:
    """A dataset on disk. Opening it reads its description alone; listing tasks reads folder names alone."""

    def __init__(self, root: str | Path) -> None:
        """Open a dataset.

        Args:
            root: Folder of the dataset.

        Raises:
            ValueError: The folder is no dataset, or one of another format version.
        """
        self.root = Path(root)
        self.info = read_info(self.root)

    @property
    def splits(self) -> tuple[str, ...]:
        """Names of the splits that hold folders, in alphabetical order."""
        folders = (path for path in self.root.iterdir() if path.is_dir())
        return tuple(sorted(path.name for path in folders if _NAME.fullmatch(path.name)))

    def tasks(self, split: str) -> tuple[StoredTask, ...]:
        """List the tasks of a split that were written completely.

        Args:
            split: Name of the split.

        Returns:
            The tasks, ordered by kind and index; nothing of them is read yet.

        Raises:
            ValueError: There is no such split, or it holds no task.
        """
        if split not in self.splits:
            raise ValueError(f"{self.root}: no split {split!r}; there are: {', '.join(self.splits) or 'none'}")
        names = [match for path in (self.root / split).iterdir() if (match := _FOLDER.fullmatch(path.name))]
        if not names:
            raise ValueError(f"{self.root / split}: no tasks here; collect some first")
        return tuple(
            StoredTask(
                folder=self.root / split / name.group(0),
                kind=name.group(1),
                split=split,
                index=int(name.group(2)),
                info=self.info,
            )
            for name in sorted(names, key=lambda name: (name.group(1), int(name.group(2))))
        )


def _check_names(kind: str, split: str, index: int) -> None:
    """Refuse what would not name a folder inside the dataset."""
    for what, name in (("kind", kind), ("split", split)):
        if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
            raise ValueError(
                f"{what}: expected lower-case words joined by hyphens, as 'pick-place', of at most {_LONGEST_NAME} "
                f"letters; got {name!r}"
            )
    if not 0 <= index <= LARGEST_INDEX:
        raise ValueError(f"index: expected a number from 0 to {LARGEST_INDEX}, got {index}")


def _check_fits(task: TaskDemos, info: DatasetInfo, *, where: str) -> None:
    """Refuse clips that the description of the dataset does not hold for."""
    rates = (("human", task.humans, info.human_frame_rate_hz), ("robot", task.robots, info.robot_frame_rate_hz))
    for what, clips, rate_hz in rates:
        for i, clip in enumerate(clips):
            if clip.frames.shape[1:3] != info.image_size:
                height, width = clip.frames.shape[1:3]
                raise ValueError(
                    f"{where}: {what} clip {i} is {height} x {width}, but the dataset holds {info.image_size}"
                )
            if not math.isclose(clip.frame_rate_hz, rate_hz, rel_tol=1e-6):
                raise ValueError(
                    f"{where}: {what} clip {i} has {clip.frame_rate_hz} Hz, but the dataset holds {rate_hz} Hz"
                )
    widths = {(clip.states.shape[1], clip.actions.shape[1], clip.goals.shape[1]) for clip in task.robots}
    if len(widths) > 1:
        raise ValueError(
            f"{where}: robot clips have states, actions and goals of several widths, {sorted(widths)}; give one robot's"
        )
