"""Whether a film is there to its end: what its container says of its own length, held against the file."""

import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from daml.demos.disk import opened_file

_UNKNOWN_SIZE = 0xFFFFFFFF
"""What is written in place of a size by who cannot go back to write it."""
_EBML, _SEGMENT = 0x1A45DFA3, 0x18538067
"""The two elements that a Matroska or WebM file consists of."""
_ASF_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_ASF_HEADER = 65_536
"""Bytes in which the header of a Windows Media file names its properties."""
_SYNC = b"G"
"""What every packet of a transport stream begins with."""
_OGG_PAGE = 65_536
"""Bytes that hold any page of an Ogg file."""
_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"uuid", b"styp", b"moof", b"sidx"}
"""What an MP4 or QuickTime file may begin with."""
_MOST_BOXES = 100_000
"""More than any film has: a day of fragments of a second each. With more of them nothing is said."""


def is_cut_off(path: Path) -> bool:
    """Tell whether a film ends before its container says that it does.

    Program streams (.mpg) and Flash say nothing of their length; a transport stream (.ts) is whole after any packet.

    Args:
        path: The file.

    Returns:
        Whether something is known to be missing at its end.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is no file.
    """
    with opened_file(path) as file:
        size = os.fstat(file.fileno()).st_size
        head = file.read(16)
        if (cut_off := _CUT_OFF.get(head[:4])) is not None:
            return cut_off(file, size)
        if head[4:8] in _BOXES:
            return not _boxes_are_whole(file, size)
        return _has_half_a_packet(file, size)


def _gif_is_cut_off(file: BinaryIO, size: int) -> bool:
    """Tell whether a GIF ends before its trailer; what other programs write after it does not matter."""
    file.seek(10)
    _skip_colors(file, after=2)
    while file.tell() < size:
        match file.read(1):
            case b";":
                return False
            case b"!":
                file.seek(1, os.SEEK_CUR)
            case b",":
                file.seek(8, os.SEEK_CUR)
                _skip_colors(file, after=1)
            case _:
                return False  # no block of a GIF: damaged rather than cut off
        while length := file.read(1):
            if length == b"\0":
                break
            file.seek(length[0], os.SEEK_CUR)
    return True


def _skip_colors(file: BinaryIO, *, after: int) -> None:
    """Go past a GIF's flags, some bytes after them, and the table of colours that the flags tell of."""
    flags = file.read(1) or b"\0"
    file.seek(after + (3 << (flags[0] & 7) + 1 if flags[0] & 0x80 else 0), os.SEEK_CUR)


def _png_is_cut_off(file: BinaryIO, size: int) -> bool:
    """Tell whether a PNG ends before its last chunk does."""
    place = 8
    for _ in range(_MOST_BOXES):
        if place + 12 > size:
            return True
        file.seek(place)
        length, kind = struct.unpack(">I4s", file.read(8))
        place += 12 + length
        if kind == b"IEND":
            return place > size
    return False


def _riff_is_cut_off(file: BinaryIO, size: int) -> bool:
    file.seek(4)
    stated = int.from_bytes(file.read(4), "little")
    return stated + 8 > size and stated != _UNKNOWN_SIZE


def _ogg_is_cut_off(file: BinaryIO, size: int) -> bool:
    """Tell whether the last page of an Ogg file is not whole, or does not say that it is the last."""
    file.seek(max(0, size - _OGG_PAGE))
    page = file.read().rpartition(b"OggS")[2]
    n_parts = page[22] if len(page) > 22 else 0
    return len(page) < 23 + n_parts + sum(page[23 : 23 + n_parts]) or not page[1] & 4


def _has_half_a_packet(file: BinaryIO, size: int) -> bool:
    """Tell whether a file is a transport stream that ends within a packet; camcorders put four bytes before each."""
    for length, place in ((188, 0), (192, 4)):
        file.seek(place)
        if {file.read(length)[:1] for _ in range(3)} == {_SYNC}:
            return size % length != 0
    return False


def _asf_is_cut_off(file: BinaryIO, size: int) -> bool:
    """Tell whether a Windows Media file states a larger size."""
    file.seek(0)
    header = file.read(_ASF_HEADER)
    place = header.find(_ASF_PROPERTIES)
    if place < 0 or header[place + 88 : place + 89] == b"\x01":  # a live recording does not know its size
        return False
    return int.from_bytes(header[place + 40 : place + 48], "little") > size


def _matroska_is_cut_off(file: BinaryIO, size: int) -> bool:
    """Tell whether the segment of a Matroska file ends after the file; in a live recording it does not say."""
    file.seek(0)
    for expected in (_EBML, _SEGMENT):
        if int.from_bytes(file.read(4), "big") != expected:
            return False
        first = file.read(1)
        length = 9 - first[0].bit_length() if first and first[0] else 0
        if length == 0:
            return False
        value = int.from_bytes(first + file.read(length - 1), "big") - (1 << 7 * length)
        end = file.tell() + value
        if expected == _SEGMENT:
            is_unknown = value == (1 << 7 * length) - 1
            return end > size and not is_unknown
        file.seek(end)
    return False


def _boxes_are_whole(file: BinaryIO, size: int) -> bool:
    """Tell whether the boxes of an MP4 or QuickTime file fill it, and the index is among them."""
    place, kinds = 0, set[bytes]()
    for _ in range(_MOST_BOXES):
        if place + 8 > size:
            break
        file.seek(place)
        length, kind = struct.unpack(">I4s", file.read(8))
        if length == 1:
            length = int.from_bytes(file.read(8), "big")
        kinds.add(kind)
        if length == 0:  # to the end of the file
            place = size
        elif length < 8:
            return True  # no box: what comes after the last one is no film
        else:
            place += length
    else:
        return True
    return place <= size and b"moov" in kinds


_CUT_OFF: dict[bytes, Callable[[BinaryIO, int], bool]] = {
    b"RIFF": _riff_is_cut_off,
    b"GIF8": _gif_is_cut_off,
    b"\x89PNG": _png_is_cut_off,
    b"OggS": _ogg_is_cut_off,
    b"0&\xb2u": _asf_is_cut_off,
    b"\x1aE\xdf\xa3": _matroska_is_cut_off,
}
"""By the first bytes of a file; each is given the open file and its size."""
