"""What the operating system says when a disk does not take a file, told in one line that names the file."""

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
