"""A folder of tensors and settings: written whole or not at all, and read back or refused with one clear line."""

import json
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from safetensors.torch import save
from torch import Tensor

from daml.demos.disk import flush, flush_names, naming
from daml.demos.parsing import JsonObject, read_json
from daml.storage.folder_swap import make_locked, swap_in
from daml.storage.safetensors_header import load_tensors

FORMAT_VERSION = 5
"""Version of the folders' layout; raised when an older reader could not understand a newer folder."""

_SETTINGS_NAME = "config.json"
_TENSORS_NAME = "model.safetensors"
_PART_SUFFIX = ".part"
_NEW_NAME, _LOCK_NAME = "new", "lock"
"""What a folder being written holds: the new folder, and what tells that the writer is alive."""


@dataclass(frozen=True, eq=False)
class SavedFolder:
    """What a folder holds."""

    kind: str
    """What the folder is: "prior", "adapted policy", "training state"."""
    settings: Mapping[str, Any]
    """Anything JSON can hold."""
    tensors: Mapping[str, Tensor]
    """Tensors by name."""

    def write(self, path: str | Path) -> None:
        """Write the folder under a temporary name and rename it, so that nobody ever sees half of it.

        Several processes may write it at once: the last one's stays.

        Args:
            path: The folder; one that this function wrote before is replaced.

        Raises:
            OSError: The disk does not take it; an earlier folder stays as it is.
            ValueError: The path is a file, or a folder with other files in it.
        """
        path = Path(path).absolute()
        check_writable(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        recover(path)
        temporary, lock = make_locked(path.parent, prefix=f".{path.name}.", suffix=_PART_SUFFIX, lock_name=_LOCK_NAME)
        try:
            with naming(path):
                fresh, old = temporary / _NEW_NAME, temporary / "old"
                fresh.mkdir()
                document = {"kind": self.kind, "format_version": FORMAT_VERSION, **self.settings}
                # In a path that is no UTF-8, a question mark stands for what could not be read back as JSON.
                text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
                (fresh / _SETTINGS_NAME).write_text(text, encoding="utf-8", errors="replace")
                contiguous = {name: value.detach().cpu().contiguous() for name, value in self.tensors.items()}
                (fresh / _TENSORS_NAME).write_bytes(save(contiguous))
                flush(temporary)  # complete, even after a power cut, before the earlier one is moved away
                swap_in(fresh, path, aside=old)
                flush_names(path.parent)
        finally:
            if not path.exists() and (temporary / "old").is_dir():  # stopped between the two
                with suppress(OSError):  # somebody else has put another one there
                    (temporary / "old").rename(path)
            shutil.rmtree(temporary, ignore_errors=True)
            lock.release()

    @classmethod
    def read(cls, path: str | Path, *, kind: str) -> "SavedFolder":
        """Read a folder.

        Args:
            path: The folder.
            kind: What it should be.

        Returns:
            Its content.

        Raises:
            ValueError: There is no such folder, a file is missing or corrupt, it is of another kind or format version.
        """
        path = Path(path)
        if not path.is_dir():
            found = "a file" if path.exists() else "nothing"
            raise ValueError(f"{path}: expected the folder of {_article(kind)} {kind}, found {found}")
        for name in (_SETTINGS_NAME, _TENSORS_NAME):
            if not (path / name).exists():
                raise ValueError(f"{path}: no {kind}, since {name} is missing")
        settings = _read_settings(path, kind=kind)
        return cls(kind=kind, settings=settings, tensors=load_tensors(path / _TENSORS_NAME))


def recover(path: str | Path) -> None:
    """Clear up after writers of a folder that were killed: finish what one had written whole, remove the rest.

    A writer moves the earlier folder away once the new one is complete, and then renames the new one. One that was
    killed between the two left no folder: the new one gets its name here.

    Args:
        path: The folder, which need not exist. Writers that are still at work are left alone.
    """
    path = Path(path).absolute()
    # The random part that `mkdtemp` puts in holds no dot, so that no other folder's leftovers fit.
    left_over = re.compile(rf"\.{re.escape(path.name)}\.[a-z0-9_]+{re.escape(_PART_SUFFIX)}")
    for temporary in list(path.parent.iterdir()) if path.parent.is_dir() else []:
        if not left_over.fullmatch(temporary.name) or temporary.is_symlink():
            continue
        try:
            with FileLock(temporary / _LOCK_NAME, timeout=0):
                if (temporary / "old").is_dir() and not path.exists():
                    (temporary / _NEW_NAME).rename(path)
                shutil.rmtree(temporary, ignore_errors=True)
        except (Timeout, OSError):
            continue


def check_writable(path: str | Path) -> None:
    """Check that a folder can be written at a path without losing anything of another kind.

    Args:
        path: Where a `SavedFolder` is to be written.

    Raises:
        ValueError: The path is a file, or a folder with other files in it.
    """
    path = Path(path)
    if path.exists() and not path.is_dir():
        raise ValueError(f"{path}: expected a folder to write to, found a file")
    with suppress(FileNotFoundError, NotADirectoryError):  # another writer may be replacing it
        others = sorted({entry.name for entry in path.iterdir()} - {_SETTINGS_NAME, _TENSORS_NAME})
        if others:
            raise ValueError(f"{path}: holds other files ({', '.join(others[:3])}); choose a new or empty folder")


def check_tensors(path: str | Path, found: Mapping[str, Tensor], *, expected: Mapping[str, Tensor]) -> None:
    """Compare tensors read from a folder with those that its settings call for.

    Args:
        path: The folder, for the message.
        found: Tensors read.
        expected: Tensors of the right names and shapes.

    Raises:
        ValueError: A tensor is missing, unexpected, of another shape or type, or not finite.
    """
    missing = sorted(set(expected) - set(found))
    unexpected = sorted(set(found) - set(expected))
    shapes = [name for name in expected if name in found and found[name].shape != expected[name].shape]
    if missing:
        raise ValueError(f"{path}: {len(missing)} tensors are missing, the first is {missing[0]}")
    if unexpected:
        raise ValueError(f"{path}: {len(unexpected)} tensors are unexpected, the first is {unexpected[0]}")
    if shapes:
        name = shapes[0]
        wanted, got = tuple(expected[name].shape), tuple(found[name].shape)
        raise ValueError(f"{path}: tensor {name} has shape {got}, but {_SETTINGS_NAME} calls for {wanted}")
    for name, value in found.items():
        if value.dtype != expected[name].dtype:
            raise ValueError(f"{path}: tensor {name} is of type {value.dtype}, expected {expected[name].dtype}")
        if value.is_floating_point() and not bool(value.isfinite().all()):
            raise ValueError(f"{path}: tensor {name} holds numbers that are not finite; copy or create it again")


def _read_settings(path: Path, *, kind: str) -> dict[str, Any]:
    """Read and check the settings; kind and format version are taken out."""
    settings = read_json(path / _SETTINGS_NAME, JsonObject, cure=f"copy or create the {kind} again")
    found_kind, version = settings.pop("kind", None), settings.pop("format_version", None)
    if found_kind != kind:
        raise ValueError(f"{path}: expected the folder of {_article(kind)} {kind}, found one of kind {found_kind!r}")
    if version != FORMAT_VERSION:
        raise ValueError(f"{path}: format version {version!r}, but this release of daml reads version {FORMAT_VERSION}")
    return settings


def _article(noun: str) -> str:
    """Return the indefinite article of a noun."""
    return "an" if noun[0] in "aeiou" else "a"
