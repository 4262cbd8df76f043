"""Files beside a video: which task it shows, and in which scene."""

import hashlib
import json
from pathlib import Path
from typing import Any, cast

from daml import envs
from daml.demos.disk import naming
from daml.storage.result_files import write_json


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
        document: object = json.loads(_task_file(video).read_text(encoding="utf-8"))
        digest = _digest(video)
    except (ValueError, OSError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    content = cast("dict[str, Any]", document)
    task = content.get("task")
    return task if isinstance(task, str) and content.get("video_sha256") == digest else None


def scene_file(video: str | Path) -> Path:
    """Name the file beside a video that describes its scene: another video of the same stem has another one."""
    video = Path(video)
    return video.with_name(f"{video.name}.scene.toml")


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


def _task_file(video: str | Path) -> Path:
    """Name the file beside a video: another video of the same stem has another one."""
    video = Path(video)
    return video.with_name(f"{video.name}.task.json")


def _digest(path: str | Path) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
