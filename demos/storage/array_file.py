"""Arrays in files that anybody may have written: read without trust in what they say of themselves."""

import struct
import tokenize
import zipfile
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

UNREADABLE = (
    *(OSError, ValueError, KeyError, EOFError, OverflowError, MemoryError, SyntaxError, tokenize.TokenError),
    *(zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, RuntimeError, TypeError),
)
"""What numpy and zipfile raise for files of other content; found by changing bytes of good ones."""

_LARGEST = 2_000_000_000
"""Bytes that the arrays of one file may take: minutes of robot clips, and less than the memory of any machine."""


def read_arrays(path: Path) -> dict[str, NDArray[np.generic]]:
    """Read all arrays of an .npz file.

    Args:
        path: The file.

    Returns:
        The arrays by name.

    Raises:
        ValueError: The file is missing, corrupt, too large, or holds Python objects.
    """
    try:
        # Opened here, since numpy leaves a file that is no archive open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            size = sum(entry.file_size for entry in arrays.zip.infolist())
            if size > _LARGEST:
                raise ValueError(f"{size:,} bytes once unpacked, but at most {_LARGEST:,}")
            return {name: np.asarray(arrays[name]) for name in arrays.files}
    except (*UNREADABLE, AttributeError) as error:  # AttributeError: a bare array is no archive
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(f"{path}: cannot be read ({reason}); write it again with numpy.savez") from error
