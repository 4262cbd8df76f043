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

Items and containers may have a `texture`: a picture below the file's folder that covers the sides of an item in place
of its colours, or the floor of a container, seen from above.

A pushing scene has a table `[zone]` with `shape`, `colour`, `accent`, `pattern` and `radius`.

A scene that was built of a film says where the film shows each thing, and from where:

    place = [0.5, -0.1, 0.0]    # in each item, container and zone: x and y in metres, and turn in radians

    [film]
    camera = [1.1, 0.0, 0.7]    # in metres; the robot stands at the origin, x points away from it, and z up
    target = [0.5, 0.0, 0.0]    # point in the middle of the picture
    field_of_view = 45.0        # from the picture's lower to its upper edge, in degrees
    table = "#b0a090"
    photograph = "table.png"    # of the table top, seen from above
"""

import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from daml.envs.objects.containers import FAMILIES, Container
from daml.envs.objects.items import HALF_EXTENTS, Item, ranges_of
from daml.envs.objects.task_objects import Objects
from daml.envs.objects.zones import RADIUS, Zone
from daml.envs.scene_files.scene_text import scene_text
from daml.envs.scene_files.texture_files import texture_of
from daml.envs.scene_files.toml_table import Table
from daml.envs.tasks.description import Scene
from daml.envs.tasks.filmed import TABLE_COLOUR, Filmed, Pose
from daml.envs.tasks.kinds import TASK_KINDS

MOST_BYTES = 20_000
"""Size beyond which a file is no scene's: those take one or two thousand bytes, and the worst of this size a second."""

_FIELD_DEG = 45.0
"""Vertical field of view of a camera of which none is told, in degrees."""

TRIED_LAYOUTS = 3
"""Layouts that are drawn of a scene that is read, to see that there is room for it."""

_ITEM_KEYS = ("family", "colour", "accent", "pattern", "size", "texture", "place", "target")
_CONTAINER_KEYS = ("family", "colour", "floor", "pattern", "size", "height", "flare", "texture", "place", "target")
_ZONE_KEYS = ("shape", "colour", "accent", "pattern", "radius", "place")
_FILM_KEYS = ("camera", "target", "field_of_view", "table", "photograph")
_KEYS = ("kind", "items", "containers", "zone", "film", "video_sha256")


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
        scene = _scene_of(document, path.parent)
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
        ValueError: A texture is not in the file's folder.
        OSError: The file cannot be written.
    """
    path = Path(path)
    text = scene_text(scene, video_sha256=video_sha256, folder=path.parent)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())  # or a power cut after the rename may leave an empty file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _found(path: Path) -> str:
    return "a folder" if path.is_dir() else "something else" if path.exists() else "nothing"


def _scene_of(document: Mapping[str, Any], folder: Path) -> Scene:
    """Build a scene of what a TOML file holds; errors name the key."""
    top = Table("", document, keys=_KEYS)
    kind = top.text("kind")
    top.text("video_sha256", "")
    items, containers = top.tables("items", _ITEM_KEYS), top.tables("containers", _CONTAINER_KEYS)
    zone = top.table("zone", _ZONE_KEYS)
    objects = Objects(
        tuple(_item_of(table, folder, is_pushed=kind == "push") for table in items),
        tuple(_container_of(table, folder) for table in containers),
        None if zone is None else _zone_of(zone),
        target=0,
    )
    Scene(kind, objects)  # what is wrong with the objects is said before what is wrong with their target
    target = objects.slot(_target_of("items", items), _target_of("containers", containers) if containers else 0)
    film = _film_of(top.table("film", _FILM_KEYS), items, containers, zone, folder)
    return Scene(kind, Objects(objects.items, objects.containers, objects.zone, target), film)


def _item_of(table: Table, folder: Path, *, is_pushed: bool) -> Item:
    family, colour = table.text("family"), table.colour("colour")
    accent, pattern = table.colour("accent", colour), table.text("pattern", "plain")
    size = table.numbers("size", "length, width and height in metres", count=3)
    # What family there is none of has no size, and is refused as such when the scene is checked.
    ranges = ranges_of(family, is_pushed=is_pushed) if family in HALF_EXTENTS else ((0.0, 0.0),) * 3
    middle = tuple((low + high) / 2 for low, high in ranges)
    length, width, height = middle if size is None else (side / 2 for side in size)
    return Item(family, (length, width, height), colour, accent, pattern, texture_of(table, folder))


def _container_of(table: Table, folder: Path) -> Container:
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
        texture=texture_of(table, folder),
    )


def _zone_of(table: Table) -> Zone:
    colour = table.colour("colour")
    accent, radius = table.colour("accent", colour), table.number("radius", sum(RADIUS) / 2)
    return Zone(table.text("shape"), radius, colour, accent, table.text("pattern", "plain"))


def _film_of(
    table: Table | None, items: Sequence[Table], containers: Sequence[Table], zone: Table | None, folder: Path
) -> Filmed | None:
    """Return how a film shows the things, None where no film is told of."""
    if table is None:
        return None
    camera = _given(table, "camera", "x, y and z in metres")
    target = _given(table, "target", "x, y and z in metres")
    return Filmed(
        tuple(_pose_of(item) for item in items),
        tuple(_pose_of(container) for container in containers),
        None if zone is None else _pose_of(zone),
        camera=camera,
        target=target,
        field_of_view_deg=table.number("field_of_view", _FIELD_DEG),
        table=table.colour("table", TABLE_COLOUR),
        photograph=texture_of(table, folder, key="photograph"),
    )


def _pose_of(table: Table) -> Pose:
    return _given(table, "place", "x and y in metres and a turn in radians, as there is a [film]")


def _given(table: Table, key: str, what: str) -> tuple[float, float, float]:
    """Return three numbers that must be given."""
    numbers = table.numbers(key, what, count=3)
    if numbers is None:
        raise ValueError(f"{table.key(key)}: expected {what}, got nothing; it must be given")
    return (numbers[0], numbers[1], numbers[2])


def _target_of(name: str, tables: Sequence[Table]) -> int:
    """Return the number of the one that is marked as the target; of one alone, that one."""
    marked = [number for number, table in enumerate(tables) if table.flag("target")]
    if not marked and len(tables) == 1:
        return 0
    if len(marked) != 1:
        raise ValueError(f"{name}: expected target = true in exactly one of {len(tables)}, got it in {len(marked)}")
    return marked[0]
