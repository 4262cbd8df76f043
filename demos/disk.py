"""Files on a disk that may be full or lose its power, and of folders that anybody may have filled.

What is written is there whole or not at all, what is read is a file and no pipe, and an error names the file.
"""

import errno
import fcntl
import itertools
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_OTHER_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


class NotWrittenError(OSError):
    """The disk does not take what is written: it is full, or a limit is reached."""

    errno = errno.ENOSPC  # of the class, so that it comes along from another process


def opened_file(path: str | Path) -> BinaryIO:
    """Open a regular file for reading.

    Opening a named pipe would wait for a writer for ever, and a device such as /dev/zero never ends: both are named.

    Args:
        path: The file; links are followed.

    Returns:
        The open file, to be closed by the caller.

    Raises:
        OSError: There is no such file, or it may not be read.
        ValueError: The path is that of a folder, pipe, device or socket.
    """
    _check_is_file(path, Path(path).stat().st_mode)  # before it is opened, since opening a device may do something
    # A pipe may have taken the file's place meanwhile: opening it does not wait either.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    try:
        _check_is_file(path, os.fstat(descriptor).st_mode)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_file(path: str | Path, *, largest: int) -> bytes:
    """Read a regular file of bounded size.

    Args:
        path: The file; links are followed.
        largest: Bytes that it may have.

    Returns:
        Its content.

    Raises:
        OSError: There is no such file, or it may not be read.
        ValueError: It is larger, or no file but a folder, pipe, device or socket.
    """
    with opened_file(path) as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise ValueError(f"{path}: more than {largest:,} bytes, which is more than such a file holds; check its origin")
    return content


def _check_is_file(path: str | Path, mode: int) -> None:
    """Name what is no regular file."""
    if not stat.S_ISREG(mode):
        found = _OTHER_KINDS.get(stat.S_IFMT(mode), "something else")
        raise ValueError(f"{path}: expected a file, found {found}")


@contextmanager
def naming(path: str | Path) -> Generator[None]:
    """Name the file or folder in errors of writing it: a full disk is otherwise reported without a name.

    Args:
        path: What is being written.

    Raises:
        NotWrittenError: The error with the name and what to do. One that has a name already is passed on as it is.
    """
    try:
        yield
    except OSError as error:
        if error.filename is not None:
            raise
        # NumPy's own are sentences without a number: "8192 requested and 4096 written".
        reason = error.strerror or " ".join(str(error).split()) or type(error).__name__
        raise NotWrittenError(
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
    with naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        part, held = _own_part(path)
    try:
        with naming(path):
            yield part
            put_in_place(part, path)
    finally:
        part.unlink(missing_ok=True)
        os.close(held)


def _own_part(path: Path) -> tuple[Path, int]:
    """Return where to write a file, and the descriptor that holds that place against other processes while it is open.

    What a killed process left behind is taken over, and so it does not stay.
    """
    for number in itertools.count(1):
        part = path.with_name(f".{path.stem}.{number}.part{path.suffix}")
        held = os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Its owner may have given it its name meanwhile.
            if stat.S_ISREG(os.fstat(held).st_mode) and os.path.samestat(os.fstat(held), part.lstat()):
                os.ftruncate(held, 0)
                return part, held
        except (BlockingIOError, FileNotFoundError):
            pass
        os.close(held)
    raise AssertionError("numbers have no end")


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
