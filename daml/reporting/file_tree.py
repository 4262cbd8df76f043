"""Files below a folder, each once: links are followed, but never in circles, nor to what was there already."""

from collections.abc import Callable, Iterator
from pathlib import Path

_Identity = tuple[int, int]
"""Device and number of a file or folder."""


def plain_files(folder: Path, *, skip: Callable[[Path], bool]) -> Iterator[Path]:
    """Find the plain files below a folder, but for hidden ones; pipes and devices are none.

    A file that several paths lead to is found under one that holds no link, if there is one.

    Args:
        folder: Where to look.
        skip: Tells of a folder whether what is in it is left out.

    Yields:
        Files in the order of their paths.

    Raises:
        OSError: A folder cannot be read.
    """
    found: list[Path] = []
    seen: set[_Identity] = set()
    waiting, links = [folder], list[Path]()
    while waiting or links:
        # Links come last: only what nothing else leads to is found through them.
        path = waiting.pop() if waiting else links.pop()
        identity = _identity(path)
        if identity is None or identity in seen:
            continue
        seen.add(identity)
        if path.is_file():
            found.append(path)
        elif path.is_dir() and not skip(path):
            for inner in sorted(path.iterdir(), reverse=True):
                if not inner.name.startswith("."):
                    (links if inner.is_symlink() else waiting).append(inner)
            links.sort(reverse=True)
    yield from sorted(found)


def _identity(path: Path) -> _Identity | None:
    """Return what tells files apart; None for a link that leads nowhere, or in a circle."""
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError, RuntimeError):
        return None
    except OSError:
        if path.is_symlink():  # ELOOP
            return None
        raise
    return status.st_dev, status.st_ino
