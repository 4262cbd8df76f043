"""Your own recordings, turned into a dataset that can be trained on.

Lay the recordings out so, one folder per task, in which people and robot do the same thing:

    recordings/
        train/                       a split: train (needed), validation, or other lower-case words
            place-000000/            a task: kind (lower-case words joined by hyphens) and number
                human-0.mp4          a person doing it: any video or folder of images that daml reads
                human-1.mov
                robot-0.npz          the robot doing it: arrays `states` (T, S) and `actions` (T, A)
                robot-0.mp4          what the robot's camera saw meanwhile: exactly T frames
                robot-1.npz          or, without a video, with an array `frames`, uint8 (T, H, W, 3)

Row t of the arrays holds what was measured at frame t and the action then taken. The first three states are the
gripper's position x, y, z, and the fourth is its opening, in metres; the last action is the gripper's command, -1 to
open and +1 to close, and the others are velocities as shares of their limit, from -1 to 1. All robot clips have one
rate, S and A.

`daml dataset import recordings data` writes the dataset, and `daml dataset validate data` checks it and says the
command that trains on it. A dataset on disk holds:

    data/
        dataset.json                 image size, the two frame rates, where the clips come from
        train/place-000000/
            task.json                kind, split, index, and the length of each clip
            frames.npy               uint8 (N, H, W, 3): all clips one after another, people first
            steps.npz                float32 `states`, `actions`, `executed` and `goals` of all robot clips
"""

import os
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from daml.demos.demo import Fit, Frames, HumanDemo, RobotDemo
from daml.demos.storage.array_file import read_arrays
from daml.demos.storage.dataset import TaskDemos, task_folder, write_task
from daml.demos.storage.dataset_info import DatasetInfo, create_dataset
from daml.demos.video.video_file import VIDEO_SUFFIXES, read_video

_TASK = re.compile(r"([a-z]+(?:-[a-z]+)*)-(\d+)")
_ROUNDING = 1e-6
"""Share of a frame by which a product of rates may miss a whole number."""


def import_clips(
    source: str | Path, root: str | Path, *, info: DatasetInfo, fit: Fit = "crop"
) -> tuple[int, list[str]]:
    """Write the tasks of a folder of recordings into a dataset; those that are there already are kept.

    Args:
        source: Folder of recordings, as this module describes.
        root: Folder of the dataset; created if need be.
        info: What is to hold for every clip.
        fit: How frames are brought to the aspect ratio.

    Returns:
        The number of tasks written, and what was wrong with the others, a sentence each.

    Raises:
        OSError: The disk does not take it.
        ValueError: There are no tasks, or the dataset there is of other settings.
    """
    source = Path(source)
    if not source.is_dir():
        raise ValueError(f"{source}: no such folder; expected recordings, see daml dataset import --help")
    folders = sorted(path for path in source.glob("*/*") if path.is_dir())
    if not folders:
        raise ValueError(f"{source}: no tasks here; expected folders such as train/place-000000")
    create_dataset(root, info)
    n_written, problems = 0, list[str]()
    for folder in folders:
        try:
            task = _read_task(folder, info=info, fit=fit, source=source)
            if not task_folder(root, kind=task.kind, split=task.split, index=task.index).exists():
                write_task(root, task)
                n_written += 1
        except ValueError as error:
            problems.append(str(error))
    return n_written, problems


def _read_task(folder: Path, *, info: DatasetInfo, fit: Fit, source: Path) -> TaskDemos:
    """Read the clips of a task."""
    name = _TASK.fullmatch(folder.name)
    if name is None:
        raise ValueError(f"{folder}: expected a name such as place-000000: lower-case words, a hyphen and a number")
    for path in folder.iterdir():
        real = Path(os.path.realpath(path))
        if not real.is_relative_to(os.path.realpath(source)):
            raise ValueError(f"{path}: leads out of {source}, to {real}; copy the file instead of linking it")
    humans = [path for path in sorted(folder.glob("human*")) if path.is_dir() or path.suffix.lower() in VIDEO_SUFFIXES]
    return TaskDemos(
        kind=name[1],
        split=folder.parent.name,
        index=int(name[2]),
        humans=tuple(_read_human(path, info=info, fit=fit) for path in humans),
        robots=tuple(_read_robot(path, info=info, fit=fit) for path in sorted(folder.glob("robot*.npz"))),
    )


def _read_human(path: Path, *, info: DatasetInfo, fit: Fit) -> HumanDemo:
    """Read a video of a person at the dataset's rate and size."""
    demo = read_video(path, max_rate_hz=info.human_frame_rate_hz).resized(*info.image_size, fit=fit)
    n_frames = max(2, int(demo.duration * info.human_frame_rate_hz + 0.5) + 1)
    places = np.arange(n_frames) * demo.frame_rate_hz / info.human_frame_rate_hz
    chosen = np.minimum(np.floor(places + _ROUNDING).astype(np.intp), len(demo) - 1)
    return HumanDemo(demo.frames[chosen], info.human_frame_rate_hz)


def _read_robot(path: Path, *, info: DatasetInfo, fit: Fit) -> RobotDemo:
    """Read a robot's arrays, and its frames from among them or from the video of the same name."""
    arrays = read_arrays(path)
    missing = [name for name in ("states", "actions") if name not in arrays]
    if missing:
        raise ValueError(f"{path}: no array {' and '.join(missing)}; it holds {', '.join(sorted(arrays)) or 'nothing'}")
    states, actions = _as_floats(arrays["states"]), _as_floats(arrays["actions"])
    frames = arrays.get("frames")
    if frames is None:
        videos = [p for p in sorted(path.parent.glob(f"{path.stem}.*")) if p.suffix.lower() in VIDEO_SUFFIXES]
        if not videos:
            raise ValueError(f"{path}: no array frames, and no video {path.stem}.mp4 or the like beside it")
        frames = read_video(videos[0]).frames
    try:
        seen = HumanDemo(_as_frames(frames), info.robot_frame_rate_hz).resized(*info.image_size, fit=fit)
        return RobotDemo(frames=seen.frames, states=states, actions=actions, frame_rate_hz=info.robot_frame_rate_hz)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path}: {error}") from error


def _as_floats(values: NDArray[np.generic]) -> NDArray[np.float32]:
    """Turn numbers of any type into float32; anything else keeps its type, and is refused by name."""
    return values.astype(np.float32) if values.dtype.kind in "fiu" else values  # pyright: ignore[reportReturnType]


def _as_frames(values: NDArray[np.generic]) -> Frames:
    """Pass frames on; what is no video is refused by name."""
    return values  # pyright: ignore[reportReturnType]
