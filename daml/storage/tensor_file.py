"""A file of tensors: written whole or not at all, and read back, or taken for missing where it is no whole file."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from safetensors.torch import save
from torch import Tensor

from daml.demos.disk import written_whole
from daml.storage.safetensors_header import load_tensors


def write_tensors(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Write tensors to a file, whole or not at all.

    Args:
        path: The file; its folder is made if need be.
        tensors: Tensors by name.

    Raises:
        OSError: The disk does not take them.
    """
    with written_whole(path) as part:
        part.write_bytes(save({name: value.contiguous() for name, value in tensors.items()}))


def read_tensors(path: Path, names: Iterable[str]) -> list[Tensor] | None:
    """Read the tensors of given names.

    Args:
        path: A file that `write_tensors` wrote.
        names: Names of tensors.

    Returns:
        The tensors in the order of their names; None where the file is not there, was written half when the machine
        stopped, or holds others.
    """
    if path.exists() and not path.is_file():
        raise OSError(f"{path}: expected a file of tensors, found something else; move it away")
    try:
        tensors = load_tensors(path)
        return [tensors[name] for name in names]
    except (FileNotFoundError, ValueError, KeyError):
        return None
