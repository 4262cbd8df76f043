"""A new folder takes the place of an earlier one, also when several processes write it at once: the last one stays."""

import errno
import tempfile
from contextlib import suppress
from pathlib import Path

from filelock import FileLock

_TRIES = 100
"""Times that somebody else may have been faster; each takes a fraction of a millisecond."""


def make_locked(parent: Path, *, prefix: str, suffix: str, lock_name: str) -> tuple[Path, FileLock]:
    """Make a folder with a lock in it that is held: it tells others that its writer is alive.

    Somebody who clears up may take the folder for a dead writer's before the lock is held; then another one is made.

    Args:
        parent: Where to.
        prefix: What its name begins with.
        suffix: What it ends with.
        lock_name: Name of the lock in it.

    Returns:
        The folder, and the lock, to be released by the caller.

    Raises:
        OSError: The file system refuses it.
    """
    for _ in range(_TRIES):
        folder = Path(tempfile.mkdtemp(prefix=prefix, suffix=suffix, dir=parent))
        lock = FileLock(folder / lock_name)
        with suppress(FileNotFoundError):
            lock.acquire()
            if (folder / lock_name).exists():
                return folder, lock
            lock.release()
    raise OSError(f"{parent}: no folder could be made here, others remove it; wait until they are done")


def swap_in(fresh: Path, path: Path, *, aside: Path) -> None:
    """Give a complete folder its name.

    Args:
        fresh: The folder.
        path: Its name; what is there is moved away first.
        aside: Where to, a folder that does not exist yet; beside it lie those that came in between.

    Raises:
        OSError: The file system refuses it.
    """
    for number in range(_TRIES):
        # Somebody else may have moved it away in the meantime, or have put another one there.
        with suppress(FileNotFoundError):
            path.rename(aside if number == 0 else aside.with_name(f"{aside.name}-{number}"))
        try:
            fresh.rename(path)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST) or number == _TRIES - 1:
                raise
        else:
            return
