"""Which files of a task's folder are recordings of people and of a robot, and which would be left out."""

import os
from dataclasses import dataclass
from pathlib import Path

from daml.demos.video.video_file import VIDEO_SUFFIXES

ARRAY_SUFFIX = ".npz"
"""What a robot's arrays are written in."""


@dataclass(frozen=True, kw_only=True)
class Recordings:
    """The recordings of one task."""

    humans: tuple[Path, ...]
    """Videos, or folders of images, of people."""
    robots: tuple[tuple[Path, Path | None], ...]
    """Arrays of a robot, and the film that belongs to them if there is one."""
    left_out: tuple[str, ...]
    """What is named like a recording, or has the suffix of one, and is none that can be read: a sentence each."""


def find_recordings(folder: Path, *, source: Path) -> Recordings:
    """Find all recordings in the folder of a task. Upper and lower case are the same in names.

    Args:
        folder: The folder.
        source: Folder of all recordings; links must not lead out of it.

    Returns:
        The recordings, in alphabetical order.

    Raises:
        ValueError: A link leads out of the folder of all recordings.
    """
    entries = [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]
    for path in entries:
        real = Path(os.path.realpath(path))
        if not real.is_relative_to(os.path.realpath(source)):
            raise ValueError(f"{path}: leads out of {source}, to {real}; copy the file instead of linking it")
    humans = [path for path in entries if _is_named(path, "human") and (_is_film(path) or path.is_dir())]
    arrays = [path for path in entries if _is_named(path, "robot") and path.suffix.lower() == ARRAY_SUFFIX]
    films = [path for path in entries if _is_named(path, "robot") and _is_film(path)]
    robots = [(path, next((film for film in films if _belong(film, path)), None)) for path in arrays]
    read = {*humans, *arrays, *(film for _, film in robots if film is not None)}
    left_out = [path for path in entries if path not in read and _is_meant(path, read)]
    return Recordings(
        humans=tuple(humans),
        robots=tuple(robots),
        left_out=tuple(f"{path}: would be left out; {_why(path, arrays)}" for path in left_out),
    )


def _belong(film: Path, arrays: Path) -> bool:
    """Tell whether a film belongs to a robot's arrays: it has the same name but for the suffix."""
    return film.stem.lower() == arrays.stem.lower()


def _is_meant(path: Path, read: set[Path]) -> bool:
    """Tell whether a file that is not read was meant to be: notes, and files beside a recording, were not."""
    if path.is_dir() or _is_film(path) or path.suffix.lower() == ARRAY_SUFFIX:
        return True
    is_beside = any(path.name.lower().startswith(f"{other.stem.lower()}.") for other in read)
    return not is_beside and (_is_named(path, "human") or _is_named(path, "robot"))


def _why(path: Path, arrays: list[Path]) -> str:
    """Say what a recording should be like."""
    if not (_is_named(path, "human") or _is_named(path, "robot")):
        return "expected a name that begins with human or robot"
    if _is_named(path, "human"):
        return f"expected a video ({', '.join(VIDEO_SUFFIXES)}) or a folder of images"
    if not _is_film(path):
        return f"expected arrays ({ARRAY_SUFFIX}) and a video ({', '.join(VIDEO_SUFFIXES)}) of the same name"
    of_another = next((other for other in arrays if _belong(path, other)), None)
    if of_another is not None:
        return f"{of_another.name} has another film; remove one of the two"
    return f"expected the robot's arrays {path.stem}{ARRAY_SUFFIX} beside it"


def _is_named(path: Path, what: str) -> bool:
    return path.name.lower().startswith(what)


def _is_film(path: Path) -> bool:
    return path.suffix.lower() in VIDEO_SUFFIXES and not path.is_dir()
