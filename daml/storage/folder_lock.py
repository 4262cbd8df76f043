"""One writer per folder: a second process is refused at once, and a dead one leaves the folder free."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

_LOCK_NAME = ".lock"


@contextmanager
def only_writer(folder: str | Path) -> Generator[None]:
    """Hold a folder, which is created if need be. The operating system lets go of it when the process ends in any way.

    Args:
        folder: Folder that is written to.

    Raises:
        OSError: Another process writes there, or the folder cannot be written to.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / _LOCK_NAME, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise OSError(
            f"{folder}: another process is writing there; wait for it, stop it, or choose another folder"
        ) from error
    try:
        yield
    finally:
        lock.release()
