"""LeRobot datasets read into a dataset that can be trained on: one of the robot, one of people."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

from daml.demos.demo import HumanDemo, RobotDemo
from daml.demos.lerobot.layout import ACTION, STATE, load_arrow
from daml.demos.lerobot.source import Clip, Source
from daml.demos.resizing import Fit
from daml.demos.storage.dataset import TaskDemos, task_folder, write_task
from daml.demos.storage.dataset_info import DatasetInfo, create_dataset


class _Named(TypedDict):
    split: str
    kind: str
    index: int


class _Reading(TypedDict):
    size: tuple[int, int]
    fit: Fit
    beside: Path


_TASK = re.compile(r"(?:([a-z]+(?:-[a-z]+){0,9})/)?([a-z]+(?:-[a-z]+){0,9})-([0-9]{1,9})")


def import_lerobot(
    robot: str | Path,
    human: str | Path,
    root: str | Path,
    *,
    image_size: tuple[int, int],
    fit: Fit = "crop",
    cameras: Sequence[str] = (),
) -> tuple[int, list[str]]:
    """Write the tasks that a robot and people both did into a dataset; those that are there already are kept.

    A task that LeRobot calls `place-000003` keeps that name, and `validation/place-000003` its split; tasks in other
    words become `task-000000` and so on, of the split train, in the order of their words. The dataset notes these
    words: once there are others it cannot be added to, since the numbers would mean other tasks.

    Args:
        robot: LeRobot dataset with `observation.state`, `action` and a camera.
        human: LeRobot dataset of people doing tasks of the same words, with a camera.
        root: Folder of the dataset; created if need be.
        image_size: Height and width of its frames.
        fit: How frames are brought to the aspect ratio.
        cameras: Names of cameras, whole or their last part: where a dataset has several, the one of these is read.

    Returns:
        The number of tasks written, and which were left out since only one of the two has them, a sentence each.

    Raises:
        ImportError: pyarrow is not installed.
        OSError: The disk does not take it.
        ValueError: A folder is no LeRobot dataset of version 3.0, is corrupt, has several cameras and none is chosen,
            or the two share no task; two tasks would be one here; or the dataset there is of other sources, settings
            or words.
    """
    load_arrow()
    robots, humans = Source(Path(robot), cameras), Source(Path(human), cameras)
    shared = sorted(set(robots.tasks) & set(humans.tasks))
    if not shared:
        raise ValueError(f"{robot} and {human} share no task; name tasks alike in both")
    numbered = [name for name in shared if _TASK.fullmatch(name) is None]
    places = _places(shared, numbered)
    info = DatasetInfo(
        image_size=image_size,
        human_frame_rate_hz=humans.rate_hz,
        robot_frame_rate_hz=robots.rate_hz,
        provenance={
            "lerobot": [str(robot), str(human)],
            "cameras": [robots.camera, humans.camera],
            "numbered_tasks": numbered,
        },
    )
    create_dataset(root, info)
    wanted = [name for name in shared if not task_folder(root, **_named(places[name])).exists()]
    reading: _Reading = {"size": image_size, "fit": fit, "beside": Path(root)}
    robot_clips = robots.clips(wanted, (STATE, ACTION), **reading)
    human_clips = humans.clips(wanted, (), **reading)
    for name, seen, shown in zip(wanted, robot_clips, human_clips, strict=True):
        task = TaskDemos(
            **_named(places[name]),
            robots=tuple(_robot_demo(clip, info) for clip in seen),
            humans=tuple(HumanDemo(clip.frames, info.human_frame_rate_hz) for clip in shown),
        )
        write_task(root, task)
    only = [(robot, name) for name in robots.tasks if name not in humans.tasks]
    only += [(human, name) for name in humans.tasks if name not in robots.tasks]
    return len(wanted), [f"{source}: left out {name!r}, which the other one does not have" for source, name in only]


def _robot_demo(clip: Clip, info: DatasetInfo) -> RobotDemo:
    """Put the frames and the rows of an episode together."""
    return RobotDemo(
        frames=clip.frames,
        states=clip.columns[STATE],
        actions=clip.columns[ACTION],
        frame_rate_hz=info.robot_frame_rate_hz,
    )


def _places(names: Sequence[str], numbered: Sequence[str]) -> dict[str, tuple[str, str, int]]:
    """Return split, kind and index of tasks in words; those that tell none are numbered."""
    places: dict[str, tuple[str, str, int]] = {}
    taken: dict[tuple[str, str, int], str] = {}
    for name in names:
        match = _TASK.fullmatch(name)
        place = (match[1] or "train", match[2], int(match[3])) if match else ("train", "task", numbered.index(name))
        other = taken.setdefault(place, name)
        if other != name:
            split, kind, index = place
            raise ValueError(f"the tasks {other!r} and {name!r} would both be {split}/{kind}-{index:06d}; rename one")
        places[name] = place
    return places


def _named(place: tuple[str, str, int]) -> _Named:
    """Name the parts of a task's place."""
    return {"split": place[0], "kind": place[1], "index": place[2]}
