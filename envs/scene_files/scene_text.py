"""Scenes as TOML text, as `scene_file.read_scene` takes it."""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from daml.envs.objects.palette import COLOURS, Rgb
from daml.envs.scene_files.texture_files import name_of_texture
from daml.envs.tasks.description import Scene
from daml.envs.tasks.filmed import Filmed, Pose


def scene_text(scene: Scene, *, video_sha256: str | None = None, folder: Path) -> str:
    """Write a scene as TOML.

    Args:
        scene: The scene.
        video_sha256: Digest of the video that it is of.
        folder: Folder that the file is for, which its textures are in.

    Raises:
        ValueError: A texture is not in that folder.
    """
    objects, film = scene.objects, scene.film
    target = objects.choice(objects.target)
    head: dict[str, object] = {"kind": scene.kind}
    if video_sha256 is not None:
        head["video_sha256"] = video_sha256
    parts = [_lines_of(head)]
    for number, item in enumerate(objects.items):
        values: dict[str, object] = {
            "family": item.family,
            "colour": _named(item.colour),
            "accent": _named(item.accent),
            "pattern": item.pattern,
            "size": tuple(2 * half for half in item.half_extents),
        }
        values |= _texture(item.texture, folder)
        values |= _place(None if film is None else film.items[number]) | _marked(number == target.item)
        parts.append("[[items]]\n" + _lines_of(values))
    for number, container in enumerate(objects.containers):
        values = {
            "family": container.family,
            "colour": _named(container.wall_colour),
            "floor": _named(container.floor_colour),
            "pattern": container.pattern,
            "size": tuple(2 * half for half in container.half_extents),
            "height": container.height,
            "flare": container.flare,
        }
        values |= _texture(container.texture, folder)
        values |= _place(None if film is None else film.containers[number]) | _marked(number == target.container)
        parts.append("[[containers]]\n" + _lines_of(values))
    if (zone := objects.zone) is not None:
        values = {
            "shape": zone.shape,
            "colour": _named(zone.colour),
            "accent": _named(zone.accent),
            "pattern": zone.pattern,
            "radius": zone.radius,
        }
        parts.append("[zone]\n" + _lines_of(values | _place(None if film is None else film.zone)))
    if film is not None:
        parts.append("[film]\n" + _lines_of(_view(film, folder)))
    return "\n".join(parts)


def _texture(path: str, folder: Path) -> dict[str, object]:
    return {"texture": name_of_texture(path, folder)} if path else {}


def _place(pose: Pose | None) -> dict[str, object]:
    return {} if pose is None else {"place": pose}


def _marked(is_target: bool) -> dict[str, object]:  # noqa: FBT001 - one thing or the other
    return {"target": True} if is_target else {}


def _view(film: Filmed, folder: Path) -> dict[str, object]:
    return {
        "camera": film.camera,
        "target": film.target,
        "field_of_view": film.field_of_view_deg,
        "table": _named(film.table),
        **({"photograph": name_of_texture(film.photograph, folder)} if film.photograph else {}),
    }


def _lines_of(values: Mapping[str, object]) -> str:
    """Write keys and values, one a line."""
    return "".join(f"{key} = {_value_text(value)}\n" for key, value in values.items())


def _value_text(value: object) -> str:
    """Write a value as TOML: names and digests need no escapes, and Python writes numbers as TOML reads them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        return f"[{', '.join(_value_text(part) for part in cast('tuple[float, ...]', value))}]"
    return repr(float(cast("float", value)))


def _named(colour: Rgb) -> str | Rgb:
    """Return a colour's name where it has one."""
    return next((name for name, channels in COLOURS.items() if channels == colour), colour)
