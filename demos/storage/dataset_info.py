"""What holds for every clip of a dataset: `dataset.json` at its root."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from daml.demos.demo import check_frame_rate
from daml.demos.disk import read_file, written_whole
from daml.demos.parsing import LARGEST_JSON, Count, JsonObject, Positive, parse, read_json

FORMAT_VERSION = 2
"""Raised by one whenever files of the version before can no longer be read."""

DATASET_FILE = "dataset.json"
"""What marks a folder as a dataset."""

LARGEST_SIDE = 4096
"""Pixels of the longer side of frames: as large as any camera's, and policies look at about a hundred."""
_CURE = "restore it or collect the dataset again"


@dataclass(frozen=True, kw_only=True)
class DatasetInfo:
    """What holds for every clip of a dataset.

    Raises:
        ValueError: A size or a frame rate is not positive.
    """

    image_size: tuple[Count, Count]
    """Height and width of every frame."""
    human_frame_rate_hz: Positive
    """Frames per second of the human clips."""
    robot_frame_rate_hz: Positive
    """Control steps per second of the robot clips."""
    provenance: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Where the clips come from, free to choose: anything that JSON holds."""

    def __post_init__(self) -> None:
        """Validate."""
        object.__setattr__(self, "image_size", tuple(self.image_size))
        if len(self.image_size) != 2 or not 1 <= min(self.image_size) <= max(self.image_size) <= LARGEST_SIDE:
            raise ValueError(
                f"image_size: expected a height and a width from 1 to {LARGEST_SIDE}, got {self.image_size}"
            )
        check_frame_rate(self.human_frame_rate_hz, name="human_frame_rate_hz")
        check_frame_rate(self.robot_frame_rate_hz, name="robot_frame_rate_hz")


def create_dataset(root: str | Path, info: DatasetInfo) -> None:
    """Begin a dataset, or join one that was begun with the same description.

    Args:
        root: Folder of the dataset; created if need be.
        info: What holds for every clip.

    Raises:
        ValueError: The folder holds a dataset with another description, or the provenance is no JSON.
    """
    root = Path(root)
    content = {
        "format_version": FORMAT_VERSION,
        "image_size": list(info.image_size),
        "human_frame_rate_hz": float(info.human_frame_rate_hz),
        "robot_frame_rate_hz": float(info.robot_frame_rate_hz),
        "provenance": dict(info.provenance),
    }
    try:
        text = as_json(content)
    except (TypeError, ValueError) as error:
        raise ValueError(f"provenance: expected what JSON holds (text, numbers, lists, mappings): {error}") from error
    path = root / DATASET_FILE
    if path.exists():
        if read_file(path, largest=LARGEST_JSON) != text.encode():
            raise ValueError(
                f"{root}: holds a dataset with other settings ({DATASET_FILE} differs); choose another folder"
            )
        return
    with written_whole(path) as part:
        part.write_text(text, encoding="utf-8")


def read_info(root: str | Path) -> DatasetInfo:
    """Read what holds for every clip of a dataset.

    Args:
        root: Folder of the dataset.

    Returns:
        The description that `create_dataset` wrote.

    Raises:
        ValueError: The folder is no dataset, or one of another format version.
    """
    path = Path(root) / DATASET_FILE
    if not path.exists():
        raise ValueError(
            f"{root}: no dataset here ({DATASET_FILE} is missing); expected a folder that `daml collect` wrote"
        )
    content = read_json(path, JsonObject, cure=_CURE)
    version = content.get("format_version")
    if version != FORMAT_VERSION:
        raise ValueError(
            f"{path}: format version {version!r:.40}, but this program reads {FORMAT_VERSION}; "
            "collect the dataset again"
        )
    try:
        return parse(content, DatasetInfo, where=str(path))
    except ValueError as error:
        raise ValueError(f"{error}; {_CURE}") from error


def as_json(content: Mapping[str, Any]) -> str:
    """Write JSON for people and for comparison: sorted keys, indented, one newline at the end."""
    return json.dumps(content, indent=2, sort_keys=True, allow_nan=False) + "\n"
