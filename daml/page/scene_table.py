"""A scene as a small table that a person edits: family, colour and size of each thing."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from daml.envs import Scene
from daml.envs.objects.containers import FAMILIES, Container
from daml.envs.objects.items import HALF_EXTENTS, MUG_ASPECT, Item, ranges_of
from daml.envs.objects.palette import Rgb
from daml.envs.objects.zones import RADIUS, Zone
from daml.envs.tasks.description import AS_LONG_AS_WIDE, ITEM_FAMILIES, PUSHED_FAMILIES, ZONE_SHAPES

_HEX = re.compile(r"#[0-9a-f]{6}")
_THICK_AS_HIGH = ("ball", "bead pair")
"""As high as wide."""
_CM = 100.0
_MOST_CM, _ROUNDING_CM = 100.0, 0.051
"""What a table may state at most, and by how much its numbers are rounded."""

Row = dict[str, Any]
"""One thing: `name`, `role`, `family`, the `families` to choose from, `colour` as #rrggbb, `size` in centimetres."""


def rows_of(scene: Scene) -> list[Row]:
    """Return a scene as a table: items, containers, zone."""
    objects = scene.objects
    families = PUSHED_FAMILIES if scene.kind == "push" else ITEM_FAMILIES
    target = objects.choice(objects.target)
    rows = [
        _row(f"item{number}", "item", item.family, families, item.colour, item.half_extents)
        | {"is_target": number == target.item}
        for number, item in enumerate(objects.items)
    ]
    rows += [
        _row(f"container{number}", "destination", one.family, tuple(FAMILIES), one.wall_colour, one.half_extents)
        | {"is_target": number == target.container}
        for number, one in enumerate(objects.containers)
    ]
    if (zone := objects.zone) is not None:
        rows.append(
            _row("zone", "destination", zone.shape, ZONE_SHAPES, zone.colour, (zone.radius,)) | {"is_target": True}
        )
    return rows


def _row(name: str, role: str, family: str, families: Sequence[str], colour: Rgb, halves: Sequence[float]) -> Row:
    return {
        "name": name,
        "role": role,
        "family": family,
        "families": list(families),
        "colour": "#" + "".join(f"{round(255 * min(max(channel, 0.0), 1.0)):02x}" for channel in colour),
        "size": [round(2 * half * _CM, 1) for half in halves],
    }


def edited(scene: Scene, rows: Sequence[Mapping[str, Any]]) -> Scene:
    """Return a scene with what a person has changed in its table.

    Sizes are brought into the range that the robot can handle.

    Args:
        scene: The scene that the table is of.
        rows: The table; rows of things that the scene lacks are left aside.

    Raises:
        ValueError: A family, colour or size is none: whose, what was expected, what came.
    """
    by_name = {str(row.get("name")): row for row in rows if isinstance(row, Mapping)}  # pyright: ignore[reportUnnecessaryIsInstance] - a browser sent them
    objects = scene.objects
    pushed = scene.kind == "push"
    items = tuple(_item(one, f"item{number}", by_name, is_pushed=pushed) for number, one in enumerate(objects.items))
    containers = tuple(_container(one, f"container{number}", by_name) for number, one in enumerate(objects.containers))
    zone = None if objects.zone is None else _zone(objects.zone, by_name)
    return replace(scene, objects=replace(objects, items=items, containers=containers, zone=zone))


def _item(item: Item, name: str, rows: Mapping[str, Mapping[str, Any]], *, is_pushed: bool) -> Item:
    row = rows.get(name, {})
    family = str(row.get("family", item.family))
    if family not in HALF_EXTENTS:
        raise ValueError(f"{name}: family: expected one of {', '.join(HALF_EXTENTS)}, got {family!r:.40}")
    size = _size(row, name, item.half_extents)
    ranges = ranges_of(family, is_pushed=is_pushed)
    length, width, height = (_within(half, span) for half, span in zip(size, ranges, strict=True))
    length = width if family in AS_LONG_AS_WIDE else min(length, 2 * width) if family == "bead pair" else length
    length = max(length, MUG_ASPECT * width) if family == "mug" else length
    height = width if family in _THICK_AS_HIGH else height
    colour = _colour(row, name, item.colour)
    accent = item.accent if item.pattern != "plain" or colour == item.colour else colour
    return replace(item, family=family, half_extents=(length, width, height), colour=colour, accent=accent)


def _container(container: Container, name: str, rows: Mapping[str, Mapping[str, Any]]) -> Container:
    row = rows.get(name, {})
    family = str(row.get("family", container.family))
    if family not in FAMILIES:
        raise ValueError(f"{name}: family: expected one of {', '.join(FAMILIES)}, got {family!r:.40}")
    ranges = FAMILIES[family]
    wanted = _size(row, name, container.half_extents)
    width = _within(wanted[0], ranges.radius)
    low, high = ranges.aspect
    colour = _colour(row, name, container.wall_colour)
    return replace(
        container,
        family=family,
        half_extents=(width, _within(wanted[1], (width * low, width * high))),
        height=_within(container.height, ranges.height),
        flare=_within(container.flare, ranges.flare),
        wall_colour=colour,
        floor_colour=colour if container.floor_colour == container.wall_colour else container.floor_colour,
    )


def _zone(zone: Zone, rows: Mapping[str, Mapping[str, Any]]) -> Zone:
    row = rows.get("zone", {})
    shape = str(row.get("family", zone.shape))
    if shape not in ZONE_SHAPES:
        raise ValueError(f"zone: family: expected one of {', '.join(ZONE_SHAPES)}, got {shape!r:.40}")
    colour = _colour(row, "zone", zone.colour)
    accent = zone.accent if zone.pattern != "plain" or colour == zone.colour else colour
    (radius,) = _size(row, "zone", (zone.radius,))
    return replace(zone, shape=shape, radius=_within(radius, RADIUS), colour=colour, accent=accent)


def _size(row: Mapping[str, Any], name: str, halves: Sequence[float]) -> list[float]:
    """Return the half lengths that a row states in centimetres of the whole; those there were where it states none."""
    size = row.get("size")
    if size is None:
        return list(halves)
    sides = _numbers(size)
    if len(sides) != len(halves) or not all(0 < side < _MOST_CM for side in sides):
        raise ValueError(f"{name}: size: expected {len(halves)} number(s) of centimetres, got {size!r:.60}")
    # What came back unchanged is not rounded.
    return [
        half if abs(2 * half * _CM - side) <= _ROUNDING_CM else side / 2 / _CM
        for half, side in zip(halves, sides, strict=True)
    ]


def _numbers(values: Any) -> list[float]:  # noqa: ANN401 - whatever a browser sent
    """Return a list's numbers; nothing where it is no list of numbers."""
    try:
        return [float(value) for value in values]
    except (TypeError, ValueError):
        return []


def _colour(row: Mapping[str, Any], name: str, colour: Rgb) -> Rgb:
    """Return the colour that a row states; the one there was where it states none or that."""
    text = row.get("colour")
    if text is None:
        return colour
    if not isinstance(text, str) or _HEX.fullmatch(text.lower()) is None:
        raise ValueError(f"{name}: colour: expected #rrggbb, got {text!r:.40}")
    red, green, blue = (int(text[start : start + 2], 16) / 255 for start in (1, 3, 5))
    is_same = all(abs(old - new) < 1 / 255 for old, new in zip(colour, (red, green, blue), strict=True))
    return colour if is_same else (red, green, blue)


def _within(value: float, span: tuple[float, float]) -> float:
    return min(max(value, span[0]), span[1])
