"""Write results whole or not at all, and remember which task a simulated video shows, and in which scene."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from daml.demos.disk import written_whole

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
    if path.exists() and not path.is_file():  # it would be replaced
        raise ValueError(f"{path}: expected a file to write to, found a pipe or a device; choose another name")
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
    # In a path that is no UTF-8, a question mark stands for what could not be read back as JSON.
    text = json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False) + "\n"
    with written_whole(path) as part:
        part.write_text(text, encoding="utf-8", errors="replace")
