"""What LeRobotDataset v3.0 puts where: checked against lerobot 0.4, whose reader opens what is written here.

Many episodes share a file. `meta/episodes` says of each in which files its rows and its frames lie, and from when on.
"""

import importlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daml.demos.parsing import JsonObject, Positive, parse, read_json

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


_PLACE = re.compile(r"\{(video_key|chunk_index|file_index)(?::(?:0([0-9]{1,2}))?d)?\}")
"""A place in the name of files: what belongs there, and with how many digits."""
_LONGEST_NAME = 200
"""Letters of the name of files, before numbers are put in: file systems take 255 in a part of a path."""


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


@dataclass(frozen=True, kw_only=True)
class Feature:
    """What is recorded of each frame."""

    dtype: str
    """"video" for a camera."""


@dataclass(frozen=True, kw_only=True)
class LerobotInfo:
    """What holds for all of a LeRobot dataset."""

    fps: Positive
    """Frames per second."""
    data_path: str
    video_path: str
    """Names of files, with places for numbers."""
    features: dict[str, Feature]
    """By name."""


def read_lerobot_info(root: Path) -> LerobotInfo:
    """Read what holds for all of a LeRobot dataset.

    Args:
        root: Folder of the dataset.

    Returns:
        What `meta/info.json` says.

    Raises:
        ValueError: The folder is no LeRobot dataset, is corrupt, or one of another version.
    """
    path = root / INFO_PATH
    if not path.exists():
        raise ValueError(f"{root}: no LeRobot dataset here ({INFO_PATH} is missing)")
    info = read_json(path, JsonObject, cure="copy the dataset again")
    found = info.get("codebase_version")
    if found != VERSION:
        raise ValueError(f"{path}: version {found!r:.40}, but this program reads {VERSION}; convert it with lerobot")
    return parse(info, LerobotInfo, where=str(path))


class Template:
    """A name of files with places for numbers, such as `chunk-{chunk_index:03d}`, and nothing that Python would run.

    Args:
        name: The name, relative to the dataset.
        root: Folder of the dataset.

    Raises:
        ValueError: The name has other places than those for a camera and the numbers of folder and file.
    """

    def __init__(self, name: str, root: Path) -> None:
        self._name = name
        self._root = root
        if len(name) > _LONGEST_NAME or re.search(r"[{}\0]", _PLACE.sub("", name)):
            raise ValueError(
                f"{root / INFO_PATH}: the name {name[:100]!r} of files has other places than {{video_key}}, "
                f"{{chunk_index:03d}} and {{file_index:03d}}, or more than {_LONGEST_NAME} letters"
            )

    def fill(self, **values: str | int) -> Path:
        """Name a file.

        Args:
            values: What to put in each place.

        Returns:
            Its path.

        Raises:
            ValueError: A value is not known, the name leads out of the dataset, or there is no such file.
        """
        unknown = {match[1] for match in _PLACE.finditer(self._name)} - set(values)
        if unknown:
            raise ValueError(f"{self._root / INFO_PATH}: {self._name} names its files by {', '.join(sorted(unknown))}")
        name = _PLACE.sub(lambda match: str(values[match[1]]).rjust(int(match[2] or 0), "0"), self._name)
        path = Path(os.path.realpath(self._root / name))
        if not path.is_relative_to(os.path.realpath(self._root)):
            raise ValueError(f"{self._root}: names the file {name}, which leads out of the dataset")
        try:
            if path.is_file():
                return path
        except OSError as error:  # a name too long for the file system
            raise ValueError(f"{self._root}: names the file {name[:100]}, which cannot be: {error.strerror}") from error
        raise ValueError(f"{path}: no such file, but an episode is said to be in it")
