"""Files beside a video: which task it shows, and in which scene."""

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path

from daml import envs
from daml.demos.disk import naming, opened_file, read_file
from daml.demos.parsing import read_json
from daml.storage.result_files import write_json

LARGEST_SIDECAR = 100_000
"""Bytes of a file beside a video; it takes two hundred."""

_BLOCK = 1 << 20


@dataclass(frozen=True)
class _ShownTask:
    """What the file beside a simulated video says, as far as it is needed here."""

    task: str
    video_sha256: str


def write_video_task(video: str | Path, task: envs.Task, *, seed: int) -> None:
    """Write beside a simulated video which task it shows, so that a policy adapted to it can be judged on that task.

    Args:
        video: The video, already written.
        task: What it shows.
        seed: What it was filmed with.

    Raises:
        OSError: The file cannot be written.
    """
    content = {"task": str(task), "seed": seed, "target_slot": envs.target_slot(task), "video_sha256": _digest(video)}
    write_json(_task_file(video), content)


def read_video_task(video: str | Path) -> str | None:
    """Read which task a simulated video shows.

    Args:
        video: A video file or a folder of images.

    Returns:
        The task as kind/split/index; None for a video of unknown origin, or one that has been changed.
    """
    try:
        shown = read_json(_task_file(video), _ShownTask, cure="record the video again", largest=LARGEST_SIDECAR)
        return str(envs.Task.parse(shown.task)) if shown.video_sha256 == _digest(video) else None
    except (ValueError, OSError):
        return None


def scene_file(video: str | Path) -> Path:
    """Name the file beside a video that describes its scene: another video of the same stem has another one."""
    return _beside(video, "scene.toml")


def write_video_scene(video: str | Path, scene: envs.Scene) -> None:
    """Write beside a video which scene it shows, so that a policy adapted to it can be judged there.

    Args:
        video: The video, already written.
        scene: What it shows.

    Raises:
        OSError: The file cannot be written.
    """
    path = scene_file(video)
    with naming(path):
        envs.write_scene(path, scene, video_sha256=_digest(video))


def read_video_scene(video: str | Path) -> envs.Scene | None:
    """Read the description of a scene beside a video, as it was filmed with or as somebody wrote it.

    Args:
        video: A video file or a folder of images.

    Returns:
        The scene; None where there is no such file.

    Raises:
        ValueError: The file describes no scene, or that of another video.
        OSError: A file cannot be read.
    """
    path = scene_file(video)
    if not path.exists():
        return None
    return envs.read_scene(path, video_sha256=_digest(video) if Path(video).is_file() else None)


def is_simulated(video: str | Path) -> bool:
    """Tell whether a file beside a video says that `daml record --simulate` made it, and it is unchanged since."""
    if read_video_task(video) is not None:
        return True
    try:
        content = tomllib.loads(read_file(scene_file(video), largest=LARGEST_SIDECAR).decode("utf-8"))
        return content.get("video_sha256") == _digest(video)
    except (ValueError, OSError):
        return False


def _task_file(video: str | Path) -> Path:
    """Name the file beside a video: another video of the same stem has another one."""
    return _beside(video, "task.json")


def _beside(video: str | Path, ending: str) -> Path:
    """Name a file beside a video; the folder in which a person is, `.`, has its name, too."""
    video = Path(video)
    named = video if video.name else video.absolute()
    if not named.name:
        raise ValueError(f"{video}: expected a video file or a folder of images")
    return named.with_name(f"{named.name}.{ending}")


def _digest(path: str | Path) -> str:
    digester = hashlib.sha256()
    with opened_file(path) as file:
        while block := file.read(_BLOCK):
            digester.update(block)
    return digester.hexdigest()
