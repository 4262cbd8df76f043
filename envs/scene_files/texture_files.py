"""Pictures beside a scene file that cover its things."""

import re
from pathlib import Path

from daml.envs.scene_files.toml_table import Table

SUFFIXES = (".png", ".jpg", ".jpeg")
MOST_BYTES = 4_000_000
"""Size beyond which a file is no texture: those of a hundred texels a side take some ten thousand bytes."""

_NAME = re.compile(r'[^"\\\x00-\x1f\x7f]+')
"""What a texture's name is made of: nothing in it needs an escape in TOML."""


def texture_of(table: Table, folder: Path, *, key: str = "texture") -> str:
    """Return the path of the picture that a table of a scene file names, empty where it names none.

    Args:
        table: Table of an item or a container.
        folder: Folder of the scene file.
        key: Key that names it.

    Raises:
        ValueError: There is no such picture below that folder.
    """
    name = table.text(key, "")
    if not name:
        return ""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise ValueError(f"{table.key(key)}: expected a picture below the scene file's folder, got {name[:60]!r}")
    if path.suffix.lower() not in SUFFIXES or not path.is_file() or path.stat().st_size > MOST_BYTES:
        raise ValueError(
            f"{table.key(key)}: expected a picture ({', '.join(SUFFIXES)}) of at most {MOST_BYTES} bytes, found "
            f"none at {name[:60]!r}"
        )
    return str(path)


def name_of_texture(path: str, folder: Path) -> str:
    """Return the name that a scene file in a folder gives to a texture; the inverse of `texture_of`.

    Raises:
        ValueError: The texture is not below that folder, or its name has signs that a scene file does not take.
    """
    resolved, home = Path(path).resolve(), folder.resolve()
    if not resolved.is_relative_to(home):
        raise ValueError(f"{path}: expected a texture below the scene file's folder {folder}; copy it there")
    name = resolved.relative_to(home).as_posix()
    if not _NAME.fullmatch(name):
        raise ValueError(f"{path}: expected a texture's name without quotes, backslashes and line breaks; rename it")
    return name
