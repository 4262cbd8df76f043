"""What LeRobotDataset v3.0 puts where: checked against lerobot 0.4, whose reader opens what is written here.

Many episodes share a file. `meta/episodes` says of each in which files its rows and its frames lie, and from when on.
"""

import importlib
import json
from pathlib import Path
from typing import Any, cast

VERSION = "v3.0"
CHUNK_SIZE = 1000
"""Files per folder."""
DATA_PATH = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
VIDEO_PATH = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"
EPISODES_PATH = "meta/episodes/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
INFO_PATH, STATS_PATH, TASKS_PATH = "meta/info.json", "meta/stats.json", "meta/tasks.parquet"

STATE, ACTION = "observation.state", "action"
CAMERA = "observation.images.front"
"""The one camera of this project."""


def load_arrow(module: str = "pyarrow") -> Any:  # noqa: ANN401 - an extra without types
    """Import a module of pyarrow.

    Args:
        module: Its name.

    Returns:
        The module.

    Raises:
        ImportError: The extra is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError("LeRobot's format needs the extra: pip install 'daml-imitation[lerobot]'") from error


def read_lerobot_info(root: Path) -> dict[str, Any]:
    """Read what holds for all of a LeRobot dataset.

    Args:
        root: Folder of the dataset.

    Returns:
        `meta/info.json`.

    Raises:
        ValueError: The folder is no LeRobot dataset, or one of another version.
    """
    path = root / INFO_PATH
    if not path.is_file():
        raise ValueError(f"{root}: no LeRobot dataset here ({INFO_PATH} is missing)")
    try:
        document: object = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError(f"{path}: not valid JSON ({error})") from error
    if not isinstance(document, dict):
        raise ValueError(f"{path}: expected a JSON object, got {type(document).__name__}")  # noqa: TRY004 - bad file, not bad call
    info = cast("dict[str, Any]", document)
    if info.get("codebase_version") != VERSION:
        found = info.get("codebase_version")
        raise ValueError(f"{path}: version {found!r}, but this program reads {VERSION}; convert it with lerobot")
    return info
