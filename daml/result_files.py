"""Write results whole or not at all."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_json(path: str | Path, content: Mapping[str, Any]) -> None:
    """Write a JSON object through a temporary file.

    Args:
        path: File to write; folders are made as needed.
        content: What JSON can hold.

    Raises:
        OSError: The file cannot be written.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    os.replace(temporary, path)  # noqa: PTH105 - atomic on every platform


def video_task_file(video: str | Path) -> Path:
    """Return where the description of a simulated video lies: beside it, with the suffix `.json`."""
    return Path(video).with_suffix(".json")


def read_video_task(video: str | Path) -> str | None:
    """Return the task that a simulated video shows, as kind/split/index; None for a video of unknown origin."""
    path = video_task_file(video)
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError):
        return None
    task = content.get("task") if isinstance(content, dict) else None
    return task if isinstance(task, str) else None
