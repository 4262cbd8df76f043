"""Tensors out of a safetensors file from anywhere: what its header claims is checked before anything is made of it."""

import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from msgspec import Meta
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor

from daml.demos.disk import read_file
from daml.demos.parsing import JsonObject, Whole, parse, parse_json

MOST_BYTES = 500_000_000
"""Size of a file; the shipped prior takes 2.3 MB, the state of its training four times as much."""

MOST_HEADER_BYTES = 4_000_000
"""Size of the header, which lists the tensors in JSON; that of a training state takes 0.1 MB."""

MOST_TENSORS = 20_000
"""Number of tensors; a training state has some 700. Each costs time and memory, also one without elements."""

MOST_DIMENSIONS = 8
"""Dimensions of a tensor; convolutions have four."""

_PREFIX = struct.Struct("<Q")
"""What a file begins with: the length of its header."""


@dataclass(frozen=True)
class _Tensor:
    """What the header says of a tensor, as far as it is checked here; the library checks the rest."""

    shape: Annotated[list[Whole], Meta(max_length=MOST_DIMENSIONS)]


def load_tensors(path: str | Path) -> dict[str, Tensor]:
    """Read all tensors of a safetensors file.

    Args:
        path: The file.

    Returns:
        Tensors by name, on the CPU.

    Raises:
        ValueError: It is no plain file, too large, corrupt, or its header claims more tensors or dimensions than any
            file of ours has; the message names the file.
        OSError: It is not there, or cannot be read.
    """
    content = read_file(path, largest=MOST_BYTES)
    _check_header(content, path)
    try:
        return load(content)
    except (SafetensorError, ValueError, KeyError, OverflowError, RuntimeError, AttributeError) as error:
        raise ValueError(f"{path}: corrupt ({' '.join(str(error).split())}); copy or create it again") from error


def _check_header(content: bytes, path: str | Path) -> None:
    """Refuse a header that is no list of tensors, or one of too many."""
    if len(content) < _PREFIX.size:
        raise ValueError(f"{path}: corrupt (no header); copy or create it again")
    (size,) = _PREFIX.unpack_from(content)
    if size > min(MOST_HEADER_BYTES, len(content) - _PREFIX.size):
        raise ValueError(
            f"{path}: corrupt (a header of {size:,} bytes, at most {MOST_HEADER_BYTES:,} are expected, in a file of "
            f"{len(content):,}); copy or create it again"
        )
    header = content[_PREFIX.size : _PREFIX.size + size]
    entries = parse_json(header, JsonObject, where=f"{path}, header", cure="copy or create it again")
    entries.pop("__metadata__", None)
    if len(entries) > MOST_TENSORS:
        raise ValueError(f"{path}: expected at most {MOST_TENSORS:,} tensors, got {len(entries):,}")
    for name, tensor in parse(entries, dict[str, _Tensor], where=f"{path}, header").items():
        # A side of nothing hides the others: they still take room in whatever is made of them.
        if math.prod(max(side, 1) for side in tensor.shape) > MOST_BYTES:
            raise ValueError(f"{path}, header, {name[:60]}: expected at most {MOST_BYTES:,} elements")
