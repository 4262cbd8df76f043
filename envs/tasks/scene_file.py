"""Scenes of somebody's own as TOML files: written by hand for a filmed video, or beside a simulated one.

    kind = "place"              # place, push or pick-place

    [[items]]                   # place: the one in the gripper; push and pick-place: two or three
    family = "box"
    colour = "yellow"           # a name, "#rrggbb", or [red, green, blue] from 0 to 1
    size = [0.03, 0.03, 0.04]   # length, width and height in metres; may be left out, like all that follows
    pattern = "stripes"         # in the colour `accent`
    accent = "white"
    target = true               # what the video shows: where there are several, exactly one

    [[containers]]              # place: two to four; pick-place: one to three; push: none
    family = "bowl"
    colour = "red"              # of the walls
    floor = "white"
    target = true

    [[containers]]
    family = "cup"
    colour = "blue"
    size = [0.10, 0.10]         # of the floor; `height` in metres and `flare` in radians are those of the walls

A pushing scene has a table `[zone]` with `shape`, `colour`, `accent`, `pattern` and `radius`.
"""

import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np

from daml.envs.objects.containers import FAMILIES, Container
from daml.envs.objects.items import HALF_EXTENTS, Item
from daml.envs.objects.palette import COLOURS, Rgb
from daml.envs.objects.task_objects import Objects
from daml.envs.objects.zones import RADIUS, Zone
from daml.envs.tasks.description import Scene
from daml.envs.tasks.kinds import TASK_KINDS
from daml.envs.tasks.toml_table import Table

MOST_BYTES = 20_000
"""Size beyond which a file is no scene's: those take one or two thousand bytes, and the worst of this size a second."""

TRIED_LAYOUTS = 3
"""Layouts that are drawn of a scene that is read, to see that there is room for it."""

_ITEM_KEYS = ("family", "colour", "accent", "pattern", "size", "target")
_CONTAINER_KEYS = ("family", "colour", "floor", "pattern", "size", "height", "flare", "target")
_ZONE_KEYS = ("shape", "colour", "accent", "pattern", "radius")
_KEYS = ("kind", "items", "containers", "zone", "video_sha256")


def read_scene(path: str | Path, *, video_sha256: str | None = None) -> Scene:
    """Read a scene.

    Args:
        path: TOML file; see this module for what it holds.
        video_sha256: Digest of the video that the scene should be of. A file that names none is of any video.

    Raises:
        ValueError: The file describes no scene, one that there is no room for, or that of another video: the file,
            the key, what was expected, what came.
        OSError: The file cannot be read.
    """
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"{path}: expected a TOML file that describes a scene, found {_found(path)}")
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"{path}: expected a scene of at most {MOST_BYTES} bytes, got more")
    try:
        document = tomllib.loads(content.decode("utf-8").replace("\r\n", "\n"))
        scene = _scene_of(document)
        for seed in range(TRIED_LAYOUTS):
            TASK_KINDS[scene.kind].draw_layout(scene.objects, np.random.default_rng(seed))
    except RecursionError:
        raise ValueError(f"{path}: expected a scene in TOML, got values nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"{path}: {' '.join(str(error).split())}") from error
    named = document.get("video_sha256")
    if video_sha256 is not None and named not in (None, video_sha256):
        raise ValueError(
            f"{path}: video_sha256: expected the digest of the video beside it, got that of another one or of an "
            "earlier state of it; remove the line if the scene is that of this video all the same"
        )
    return scene


def write_scene(path: str | Path, scene: Scene, *, video_sha256: str | None = None) -> None:
    """Write a scene so that `read_scene` returns an equal one.

    Args:
        path: File to write.
        scene: The scene.
        video_sha256: Digest of the video that it is of; see `read_scene`.

    Raises:
        OSError: The file cannot be written.
    """
    path = Path(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8") as file:
            file.write(_text_of(scene, video_sha256))
            file.flush()
            os.fsync(file.fileno())  # or a power cut after the rename may leave an empty file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _found(path: Path) -> str:
    return "a folder" if path.is_dir() else "something else" if path.exists() else "nothing"


def _scene_of(document: Mapping[str, Any]) -> Scene:
    """Build a scene of what a TOML file holds; errors name the key."""
    top = Table("", document, keys=_KEYS)
    kind = top.text("kind")
    top.text("video_sha256", "")
    items, containers = top.tables("items", _ITEM_KEYS), top.tables("containers", _CONTAINER_KEYS)
    zone = top.table("zone", _ZONE_KEYS)
    objects = Objects(
        tuple(_item_of(table) for table in items),
        tuple(_container_of(table) for table in containers),
        None if zone is None else _zone_of(zone),
        target=0,
    )
    Scene(kind, objects)  # what is wrong with the objects is said before what is wrong with their target
    target = objects.slot(_target_of("items", items), _target_of("containers", containers) if containers else 0)
    return Scene(kind, Objects(objects.items, objects.containers, objects.zone, target))


def _item_of(table: Table) -> Item:
    family, colour = table.text("family"), table.colour("colour")
    accent, pattern = table.colour("accent", colour), table.text("pattern", "plain")
    size = table.numbers("size", "length, width and height in metres", count=3)
    # What family there is none of has no size, and is refused as such when the scene is checked.
    middle = tuple((low + high) / 2 for low, high in HALF_EXTENTS.get(family, ((0.0, 0.0),) * 3))
    length, width, height = middle if size is None else (side / 2 for side in size)
    return Item(family, (length, width, height), colour, accent, pattern)


def _container_of(table: Table) -> Container:
    family, colour = table.text("family"), table.colour("colour")
    ranges = FAMILIES.get(family, FAMILIES["bowl"])  # refused later, likewise
    radius, aspect, height, flare = (
        sum(span) / 2 for span in (ranges.radius, ranges.aspect, ranges.height, ranges.flare)
    )
    size = table.numbers("size", "width and length of the floor in metres", count=2)
    width, length = (radius, radius * aspect) if size is None else (side / 2 for side in size)
    return Container(
        family=family,
        half_extents=(width, length),
        height=table.number("height", height),
        flare=table.number("flare", flare),
        wall_colour=colour,
        floor_colour=table.colour("floor", colour),
        pattern=table.text("pattern", "plain"),
    )


def _zone_of(table: Table) -> Zone:
    colour = table.colour("colour")
    accent, radius = table.colour("accent", colour), table.number("radius", sum(RADIUS) / 2)
    return Zone(table.text("shape"), radius, colour, accent, table.text("pattern", "plain"))


def _target_of(name: str, tables: Sequence[Table]) -> int:
    """Return the number of the one that is marked as the target; of one alone, that one."""
    marked = [number for number, table in enumerate(tables) if table.flag("target")]
    if not marked and len(tables) == 1:
        return 0
    if len(marked) != 1:
        raise ValueError(f"{name}: expected target = true in exactly one of {len(tables)}, got it in {len(marked)}")
    return marked[0]


def _text_of(scene: Scene, video_sha256: str | None) -> str:
    """Write a scene as TOML."""
    objects = scene.objects
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
        parts.append("[[items]]\n" + _lines_of(values | ({"target": True} if number == target.item else {})))
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
        parts.append("[[containers]]\n" + _lines_of(values | ({"target": True} if number == target.container else {})))
    if (zone := objects.zone) is not None:
        values = {
            "shape": zone.shape,
            "colour": _named(zone.colour),
            "accent": _named(zone.accent),
            "pattern": zone.pattern,
            "radius": zone.radius,
        }
        parts.append("[zone]\n" + _lines_of(values))
    return "\n".join(parts)


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
