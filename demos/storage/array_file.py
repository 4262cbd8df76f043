"""Arrays in files that anybody may have written: read without trust in what they say of themselves."""

import struct
import tokenize
import zipfile
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from daml.demos.disk import opened_file

UNREADABLE = (
    *(OSError, ValueError, KeyError, EOFError, OverflowError, MemoryError, SyntaxError, tokenize.TokenError),
    *(zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, RuntimeError, TypeError, AttributeError),
)
"""What numpy and zipfile raise for files of other content; found by changing bytes of good ones."""

LARGEST = 2_000_000_000
"""Bytes that the arrays of one file may take: minutes of robot clips, and less than the memory of any machine."""


def read_arrays(path: Path, *, cure: str) -> dict[str, NDArray[np.generic]]:
    """Read all arrays of an .npz file.

    Args:
        path: The file.
        cure: What to do about a file that cannot be read, which ends the message.

    Returns:
        The arrays by name.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no file, corrupt, too large, or holds Python objects.
    """
    # Opened here, since numpy leaves a file that is no archive open; named here, since it is no array's fault.
    with opened_file(path) as file:
        try:
            with zipfile.ZipFile(file) as archive:
                size = sum(entry.file_size for entry in archive.infolist())
            if size > LARGEST:
                raise ValueError(f"{size:,} bytes once unpacked, but at most {LARGEST:,}")
            file.seek(0)
            with np.load(file, allow_pickle=False) as arrays:
                return {name: np.asarray(arrays[name]) for name in arrays.files}
        except UNREADABLE as error:
            raise ValueError(f"{path}: cannot be read ({_reason(error)}); {cure}") from error


def map_array(path: Path, *, cure: str) -> NDArray[np.generic]:
    """Map the array of an .npy file, whose values stay on the disk; the mapping ends with the last array that uses it.

    Args:
        path: The file.
        cure: What to do about a file that cannot be read, which ends the message.

    Returns:
        The array, read-only.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no file, corrupt, no array, or an array of Python objects.
    """
    opened_file(path).close()
    try:
        return np.lib.format.open_memmap(path, mode="r")  # pyright: ignore[reportUnknownMemberType] - of any type
    except UNREADABLE as error:
        raise ValueError(f"{path}: cannot be read ({_reason(error)}); {cure}") from error


def write_array(path: Path, array: NDArray[np.generic]) -> None:
    """Write an .npy file.

    `numpy.save` leaves the last bytes to the C library and does not look whether the disk took them: one that was cut
    short would pass for a whole one.

    Args:
        path: The file.
        array: What is written, of numbers.

    Raises:
        OSError: The disk does not take it.
    """
    array = np.ascontiguousarray(array)
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(array))
        file.write(array.data)


def _reason(error: Exception) -> str:
    """Say in one line what is wrong with a file."""
    return " ".join(str(error).split()) or type(error).__name__
