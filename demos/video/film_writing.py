"""New films, written so that a full disk is noticed to the last byte."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import av
from av.container import OutputContainer


class _NoticingFile:
    """A file that remembers the first error of writing and takes all that comes after it for written.

    Args:
        file: Where to write, without a buffer.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.name = file.name  # its suffix says which container is wanted
        self.error: OSError | None = None

    def write(self, content: bytes) -> int:
        """Write."""
        rest = content
        while rest and self.error is None:
            try:
                rest = rest[self._file.write(rest) :]
            except OSError as error:
                self.error = error
        return len(content)

    def seek(self, place: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place."""
        return self._file.seek(place, whence)

    def tell(self) -> int:
        """Return the place."""
        return self._file.tell()


@contextmanager
def new_film(path: Path) -> Generator[OutputContainer]:
    """Open a new film to be written.

    FFmpeg forgets errors of the last bytes, which it writes as it closes a file of its own: the film would be cut short
    and pass for a whole one. Here it writes through a file of Python's.

    Args:
        path: The film; its suffix says which container it has.

    Yields:
        The container.

    Raises:
        OSError: The disk does not take it.
    """
    with path.open("wb", buffering=0) as file:
        noticing = _NoticingFile(file)
        # The stubs ask for a whole BinaryIO.
        with av.open(noticing, "w") as container:  # pyright: ignore[reportArgumentType, reportCallIssue]
            yield container
        if noticing.error is not None:
            raise noticing.error
