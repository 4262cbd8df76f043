"""Write results whole or not at all, and remember which task a simulated video shows, and in which scene."""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import envs
from demos.disk import naming, written_whole

VIDEO_SUFFIXES = (".mp4", ".webm", ".gif")
"""Kinds of video that are written."""


def check_output_file(path: str | Path, *, suffixes: tuple[str, ...] = ()) -> None:
    """Check that a file can be written, before hours are spent on what goes into it. Nothing is created.

    Args:
        path: The file.
        suffixes: Endings that it may have; any when empty.

    Raises:
        ValueError: The name has another ending, or is that of a folder, or lies below a file.
        PermissionError: The folder does not take new files.
    """
    path = Path(path)
    if suffixes and path.suffix.lower() not in suffixes:
        raise ValueError(
            f"{path}: expected a name that ends in {', '.join(suffixes)}, got {path.suffix or 'no ending'}"
        )
    if path.is_dir():
        raise ValueError(f"{path}: expected a file to write to, found a folder; add a file name")
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    if not folder.is_dir():
        raise ValueError(f"{path}: cannot be written, since {folder} is a file and no folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(f"{path}: cannot be written, no permission to write in {folder}")


def write_json(path: str | Path, content: Mapping[str, Any]) -> None:
    """Write a JSON object whole or not at all.

    Args:
        path: File to write; folders are made as needed.
        content: What JSON can hold.

    Raises:
        OSError: The file cannot be written.
        ValueError: A number is not finite, which JSON cannot hold.
    """
    text = json.dumps(content, indent=2, allow_nan=False) + "\n"
    with written_whole(path) as part:
        part.write_text(text, encoding="utf-8")


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
