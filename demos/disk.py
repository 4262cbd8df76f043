"""Writing to a disk that may be full, or lose its power: a file is there whole or not at all, and an error names it."""

import errno
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def naming(path: str | Path) -> Generator[None]:
    """Name the file or folder in errors of writing it: a full disk is otherwise reported without a name.

    Args:
        path: What is being written.

    Raises:
        OSError: The same error, with the name and what to do. One that has a name already is passed on as it is.
    """
    try:
        yield
    except OSError as error:
        if error.filename is not None:
            raise
        # NumPy's own are sentences without a number: "8192 requested and 4096 written".
        reason = error.strerror or " ".join(str(error).split()) or type(error).__name__
        raise OSError(
            f"{path}: cannot be written ({reason}); check the free space and the limits on file sizes"
        ) from error


@contextmanager
def written_whole(path: str | Path) -> Generator[Path]:
    """Let a file appear under its name only when it is complete.

    Args:
        path: The file; its folder is made if need be, an existing file replaced.

    Yields:
        Where to write: a hidden file beside it, with the same suffix, that is removed if anything fails.

    Raises:
        OSError: The disk does not take it; see `naming`.
    """
    path = Path(path)
    part = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    with naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with naming(path):
            yield part
            put_in_place(part, path)
    finally:
        part.unlink(missing_ok=True)


def put_in_place(part: Path, path: Path) -> None:
    """Give a file or folder its name, so that it keeps name and content even if the power fails right after.

    Args:
        part: What is written, beside its place.
        path: Its place: a file there is replaced, a folder must not be there.

    Raises:
        OSError: The disk does not take it.
    """
    flush(part)
    part.replace(path)
    flush_names(path.parent)


def flush(path: Path) -> None:
    """Wait until a file, or a folder with all that is in it, is on the disk and no longer in memory alone.

    A rename may reach the disk before what was written to the file, which a power cut then leaves empty. It costs about
    2 ms for a file of half a megabyte.

    Args:
        path: The file or folder.

    Raises:
        OSError: The disk does not take it.
    """
    for entry in (*(path.rglob("*") if path.is_dir() else ()), path):
        _flush_one(entry)


def flush_names(folder: Path) -> None:
    """Wait until the names of what lies in a folder are on the disk.

    Args:
        folder: The folder, in which something was renamed.

    Raises:
        OSError: The disk does not take it.
    """
    _flush_one(folder)


def _flush_one(path: Path) -> None:
    """Flush the content of a file, or the names in a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # what network file systems say to a folder
            raise
    finally:
        os.close(descriptor)
