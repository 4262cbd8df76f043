"""Kept episodes: a file beside a result to which every episode is appended as it ends, so that nothing is run twice."""

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Generic, Protocol, Self, TypeVar

import msgspec

from daml.demos.disk import flush_names, naming, opened_file

_FORMAT_VERSION = 1
"""Version of the file's layout."""

_LARGEST = 1_000_000_000
"""Bytes of the file: a million episodes take half as many."""


class Ended(Protocol):
    """What came of an episode, or of a chain of them: a dataclass of plain values."""

    @property
    def key(self) -> tuple[str, int]:
        """Task and episode seed, which no other of the same evaluation has."""
        ...


_Ended = TypeVar("_Ended", bound=Ended)


@dataclass(frozen=True)
class _Header:
    """First line: whose episodes these are."""

    format_version: int
    settings: str
    """Digest of all that decides an episode."""


def episodes_file(output: Path) -> Path:
    """Name the file beside a result that keeps its episodes until they are all there."""
    return output.with_suffix(".episodes.jsonl")


class KeptEpisodes(Generic[_Ended]):
    """Episodes that have ended, in a file to which others are appended.

    To be used as a context, which holds the file against other processes. A line that was written half when the machine
    stopped is cut off.

    Args:
        path: The file; made when the first episode is kept.
        row: Class of what is kept of each.
        settings: Digest of all that decides an episode.
    """

    def __init__(self, path: Path, row: type[_Ended], *, settings: str) -> None:
        self._path, self._row, self._settings = path, row, settings
        self._found: dict[tuple[str, int], _Ended] = {}
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        """Read what is there.

        Raises:
            ValueError: The file holds episodes of other settings, or no episodes at all.
            OSError: It cannot be read, or another process writes to it.
        """
        if self._path.exists():
            self._file = self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()

    def find(self, task: object, seed: int) -> _Ended | None:
        """Return what came of the episode of a task and seed; None where it has not ended yet."""
        return self._found.get((str(task), seed))

    def keep(self, ended: _Ended) -> None:
        """Append an episode; it is on the disk afterwards.

        Raises:
            OSError: The disk does not take it, or another process writes to the file.
        """
        if self._file is None:
            self._file = self._open()
        self._append(self._file, ended)
        self._found[ended.key] = ended

    def _open(self) -> BinaryIO:
        """Open the file for this process alone, and read what is there."""
        is_new = not self._path.exists()
        with naming(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if not is_new:
                opened_file(self._path).close()  # a named pipe would wait for ever
            file = self._path.open("a+b", buffering=0)  # what is not written is not tried again at its end
        try:
            _hold(file, self._path)
            self._read(file)
            if file.tell() == 0:
                self._append(file, _Header(_FORMAT_VERSION, self._settings))
                with naming(self._path):
                    flush_names(self._path.parent)
        except BaseException:
            file.close()
            raise
        return file

    def _read(self, file: BinaryIO) -> None:
        """Read the episodes, cut off what is no whole line, and stand at the end."""
        file.seek(0)
        content = file.read(_LARGEST)
        whole = content.rfind(b"\n") + 1
        lines = content[:whole].splitlines()
        try:
            header = msgspec.json.decode(lines[0], type=_Header) if lines else None
            ended = [msgspec.json.decode(line, type=self._row) for line in lines[1:]]
        except msgspec.MsgspecError as error:
            raise ValueError(
                f"{self._path}: expected the episodes of an evaluation that was stopped, found something else "
                f"({error}); move it away"
            ) from error
        if header not in (None, _Header(_FORMAT_VERSION, self._settings)):
            raise ValueError(
                f"{self._path}: holds the episodes of an evaluation with other settings, another prior or another "
                "version of daml; end that one by its own command, or delete the file, or choose another --output"
            )
        file.truncate(whole)
        file.seek(0, os.SEEK_END)
        self._found = {one.key: one for one in ended}

    def _append(self, file: BinaryIO, line: _Header | _Ended) -> None:
        """Append a line and wait until it is on the disk."""
        with naming(self._path):
            rest = msgspec.json.encode(line) + b"\n"
            while rest:
                rest = rest[file.write(rest) :]
            os.fsync(file.fileno())


def _hold(file: BinaryIO, path: Path) -> None:
    """Hold a file against other processes until it is closed."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise OSError(
            f"{path}: another process evaluates into the same file; wait for it, or choose another --output"
        ) from error
