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
                human-0.toml         files beside a recording and files of other names are passed over

Frame t of the robot's video belongs to row t, whatever time the video gives it. A task is imported with all of its
recordings or not at all: what cannot be read is named.

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

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from daml.demos.demo import Frames, HumanDemo, RobotDemo, check_frames
from daml.demos.resizing import Fit, fitted
from daml.demos.storage.array_file import read_arrays
from daml.demos.storage.dataset import TaskDemos, task_folder, write_task
from daml.demos.storage.dataset_info import DatasetInfo, create_dataset
from daml.demos.storage.recordings import ARRAY_SUFFIX, Recordings, find_recordings
from daml.demos.video.frame_by_frame import read_frames
from daml.demos.video.video_file import VIDEO_SUFFIXES, read_video

_TASK = re.compile(r"([a-z]+(?:-[a-z]+)*)-([0-9]{1,9})")
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
    folders = [path for path in sorted(source.glob("*/*")) if path.is_dir() and not _is_hidden(path)]
    if not folders:
        raise ValueError(f"{source}: no tasks here; expected folders such as train/place-000000")
    create_dataset(root, info)
    n_written, problems = 0, _misplaced(source)
    for place, (folder, *others) in _by_place(folders, problems).items():
        if others:
            names = " and ".join(str(path) for path in (folder, *others))
            problems.append(f"{names}: all are task {place[2]} of {place[1]} in {place[0]}; rename all but one")
            continue
        try:
            if task_folder(root, split=place[0], kind=place[1], index=place[2]).exists():
                continue
            recorded = find_recordings(folder, source=source)
            problems += recorded.left_out
            if not recorded.left_out:
                write_task(root, _read_task(recorded, place, info=info, fit=fit))
                n_written += 1
        except ValueError as error:
            problems.append(str(error))
    return n_written, problems


def _is_hidden(folder: Path) -> bool:
    return folder.name.startswith(".") or folder.parent.name.startswith(".")


def _misplaced(source: Path) -> list[str]:
    """Name recordings that lie outside of the folder of a task."""
    strays = [path for path in sorted(source.glob("*")) + sorted(source.glob("*/*")) if path.is_file()]
    return [
        f"{path}: is not read; recordings belong into folders such as train/place-000000"
        for path in strays
        if not path.name.startswith(".") and path.suffix.lower() in (*VIDEO_SUFFIXES, ARRAY_SUFFIX)
    ]


def _by_place(folders: list[Path], problems: list[str]) -> dict[tuple[str, str, int], list[Path]]:
    """Order folders by the split, kind and number of their task; those whose name tells none are problems."""
    places: dict[tuple[str, str, int], list[Path]] = {}
    for folder in folders:
        name = _TASK.fullmatch(folder.name)
        if name is None:
            problems.append(
                f"{folder}: expected a name such as place-000000: lower-case words, a hyphen and a number of at most "
                "nine digits"
            )
        else:
            places.setdefault((folder.parent.name, name[1], int(name[2])), []).append(folder)
    return places


def _read_task(recorded: Recordings, place: tuple[str, str, int], *, info: DatasetInfo, fit: Fit) -> TaskDemos:
    """Read the clips of a task."""
    split, kind, index = place
    return TaskDemos(
        kind=kind,
        split=split,
        index=index,
        humans=tuple(_read_human(path, info=info, fit=fit) for path in recorded.humans),
        robots=tuple(_read_robot(path, film, info=info, fit=fit) for path, film in recorded.robots),
    )


def _read_human(path: Path, *, info: DatasetInfo, fit: Fit) -> HumanDemo:
    """Read a video of a person at the dataset's rate and size."""
    demo = read_video(path, max_rate_hz=info.human_frame_rate_hz).resized(*info.image_size, fit=fit)
    n_frames = max(2, int(demo.duration * info.human_frame_rate_hz + 0.5) + 1)
    places = np.arange(n_frames) * demo.frame_rate_hz / info.human_frame_rate_hz
    chosen = np.minimum(np.floor(places + _ROUNDING).astype(np.intp), len(demo) - 1)
    return HumanDemo(demo.frames[chosen], info.human_frame_rate_hz)


def _read_robot(path: Path, film: Path | None, *, info: DatasetInfo, fit: Fit) -> RobotDemo:
    """Read a robot's arrays, and its frames from among them or, one for each row, from a film."""
    arrays = read_arrays(path, cure="write it again with numpy.savez")
    missing = [name for name in ("states", "actions") if name not in arrays]
    if missing:
        raise ValueError(f"{path}: no array {' and '.join(missing)}; it holds {', '.join(sorted(arrays)) or 'nothing'}")
    states, actions = _as_floats(arrays["states"]), _as_floats(arrays["actions"])
    if ("frames" in arrays) == (film is not None):
        raise ValueError(
            f"{path}: no array frames, and no video {path.stem}.mp4 or the like beside it"
            if film is None
            else f"{path}: holds frames, but {film.name} lies beside it; remove one of the two"
        )
    try:
        if film is None:
            frames = _as_frames(arrays["frames"])
            check_frames(frames, name="frames")
            frames = fitted(frames, *info.image_size, fit=fit)
        else:
            frames = read_frames(film, len(states) if states.ndim else 0, size=info.image_size, fit=fit)
        return RobotDemo(frames=frames, states=states, actions=actions, frame_rate_hz=info.robot_frame_rate_hz)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path}: {error}") from error


def _as_floats(values: NDArray[np.generic]) -> NDArray[np.float32]:
    """Turn numbers of any type into float32; anything else keeps its type, and is refused by name."""
    with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused by its row
        return values.astype(np.float32) if values.dtype.kind in "fiu" else values  # pyright: ignore[reportReturnType]


def _as_frames(values: NDArray[np.generic]) -> Frames:
    """Pass frames on; what is no video is refused by name."""
    return values  # pyright: ignore[reportReturnType]
