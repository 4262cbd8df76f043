"""Writing to a disk that may be full: a file is there whole or not at all, and an error names the file."""

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
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)
