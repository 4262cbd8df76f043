"""A scene of somebody's own: a kind of task and its objects, described instead of drawn."""

from collections.abc import Collection
from dataclasses import dataclass

from daml.envs.objects.containers import FAMILIES, Container
from daml.envs.objects.items import (
    FAMILIES_OF_SPLIT,
    HOUSEHOLD_FAMILIES,
    MUG_ASPECT,
    PUSHED_FAMILIES_OF_SPLIT,
    TABLE_FAMILIES_OF_SPLIT,
    Item,
    ranges_of,
)
from daml.envs.objects.palette import PATTERNS, Rgb
from daml.envs.objects.task_objects import Objects
from daml.envs.objects.zones import RADIUS, SHAPES_OF_SPLIT, Zone
from daml.envs.tasks.filmed import Filmed
from daml.envs.tasks.task import KINDS, Task

N_ITEMS = {"place": (1, 1), "push": (2, 3), "pick-place": (2, 3)}
"""Least and most items of each kind: with fewer there is no choice that a video could show."""

N_CONTAINERS = {"place": (2, 4), "push": (0, 0), "pick-place": (1, 3)}
"""Least and most containers of each kind: beside one, the items are the choice; more leave the gripper no room."""

_BOTH = (*TABLE_FAMILIES_OF_SPLIT.values(), HOUSEHOLD_FAMILIES)  # can be carried and pushed
ITEM_FAMILIES = tuple(sorted({name for names in (*FAMILIES_OF_SPLIT.values(), *_BOTH) for name in names}))
PUSHED_FAMILIES = tuple(sorted({name for names in (*PUSHED_FAMILIES_OF_SPLIT.values(), *_BOTH) for name in names}))
AS_LONG_AS_WIDE = ("cylinder", "ball", "disc", "stepped disc", "can", "jar", "bottle", "toy")
ZONE_SHAPES = tuple(sorted({name for names in SHAPES_OF_SPLIT.values() for name in names}))
"""What there is, in any split."""

_ROUNDING = 1e-9
"""Share by which a size may miss its range: a product of range and factor is rounded."""


@dataclass(frozen=True)
class Scene:
    """What is on the table, and what is to be done with it: as good as a `Task`, but not drawn from a split.

    Args:
        kind: One of `task.KINDS`.
        objects: What lies on the table, and which is the target.
        film: How a film shows them; None where it is of no film.

    Raises:
        ValueError: The objects are not such as the kind needs: which one, what was expected, what came.
    """

    kind: str
    objects: Objects
    film: Filmed | None = None

    def __post_init__(self) -> None:
        _check_name("kind", self.kind, KINDS)
        _check_number("items", self.kind, len(self.objects.items), N_ITEMS[self.kind])
        _check_number("containers", self.kind, len(self.objects.containers), N_CONTAINERS[self.kind])
        families = PUSHED_FAMILIES if self.kind == "push" else ITEM_FAMILIES
        for number, item in enumerate(self.objects.items):
            _check_item(f"items[{number}]", item, families, is_pushed=self.kind == "push")
        for number, container in enumerate(self.objects.containers):
            _check_container(f"containers[{number}]", container)
        if (self.objects.zone is None) == (self.kind == "push"):
            expected = "a goal zone" if self.kind == "push" else "no goal zone"
            raise ValueError(f"zone: expected {expected} for {self.kind}, got {self.objects.zone}")
        if self.objects.zone is not None:
            _check_zone(self.objects.zone)
        for name, things in (("items", self.objects.items), ("containers", self.objects.containers)):
            if len(set(things)) < len(things):
                raise ValueError(f"{name}: expected things that can be told apart, got two that are the same")
        self.objects.checked_target(self.objects.target)
        if self.film is not None and not self.film.matches(self.objects):
            raise ValueError("film: expected a place for each item and container, and for the zone")

    def __str__(self) -> str:
        return f"{self.kind}/scene"


Assignment = Task | Scene
"""What is to be done, and with what: a task of a split, or a scene of somebody's own."""


def _check_name(key: str, name: str, valid: Collection[str]) -> None:
    if name not in valid:
        raise ValueError(f"{key}: expected one of {', '.join(valid)}; got {name!r}")


def _check_number(key: str, kind: str, number: int, limits: tuple[int, int]) -> None:
    low, high = limits
    if not low <= number <= high:
        expected = f"{low} to {high}" if low < high else f"{low}"
        raise ValueError(f"{key}: expected {expected} for {kind}, got {number}")


def _check_colour(key: str, colour: Rgb) -> None:
    if len(colour) != 3 or not all(0.0 <= channel <= 1.0 for channel in colour):
        raise ValueError(f"{key}: expected red, green and blue from 0 to 1, got {list(colour)}")


def _check_size(key: str, size: float, limits: tuple[float, float], *, unit: str = "m") -> None:
    low, high = limits
    if not low * (1 - _ROUNDING) <= size <= high * (1 + _ROUNDING):
        raise ValueError(f"{key}: expected {low:g} to {high:g} {unit}, got {size:g}")


def _check_item(key: str, item: Item, families: Collection[str], *, is_pushed: bool) -> None:
    _check_name(f"{key}.family", item.family, families)
    _check_name(f"{key}.pattern", item.pattern, PATTERNS)
    _check_colour(f"{key}.colour", item.colour)
    _check_colour(f"{key}.accent", item.accent)
    for side, half, (low, high) in zip(
        ("length", "width", "height"), item.half_extents, ranges_of(item.family, is_pushed=is_pushed), strict=True
    ):
        _check_size(f"{key}.size, {side} of a {item.family}", 2 * half, (2 * low, 2 * high))
    length, width, height = item.half_extents
    if item.family in AS_LONG_AS_WIDE and length != width:
        raise ValueError(f"{key}.size: a {item.family} is as long as wide, got {2 * length:g} and {2 * width:g} m")
    if item.family == "mug" and length < MUG_ASPECT * width * (1 - _ROUNDING):
        raise ValueError(
            f"{key}.size: a mug with its handle is at least {MUG_ASPECT:g} times as long as wide, got {2 * length:g} "
            f"and {2 * width:g} m"
        )
    if item.family in ("ball", "bead pair") and height != width:
        raise ValueError(f"{key}.size: a {item.family} is as high as wide, got {2 * height:g} and {2 * width:g} m")
    if item.family == "bead pair" and length > 2 * width:
        raise ValueError(
            f"{key}.size: a bead pair is at most twice as long as wide, got {2 * length:g} and {2 * width:g} m"
        )


def _check_container(key: str, container: Container) -> None:
    _check_name(f"{key}.family", container.family, FAMILIES)
    _check_name(f"{key}.pattern", container.pattern, PATTERNS)
    _check_colour(f"{key}.colour", container.wall_colour)
    _check_colour(f"{key}.floor", container.floor_colour)
    family, (width, length) = FAMILIES[container.family], container.half_extents
    low, high = family.radius
    _check_size(f"{key}.size, width of a {container.family}", 2 * width, (2 * low, 2 * high))
    low, high = family.aspect
    limits = (2 * width * low, 2 * width * high)
    _check_size(f"{key}.size, length of a {container.family} of this width", 2 * length, limits)
    _check_size(f"{key}.height of a {container.family}", container.height, family.height)
    _check_size(f"{key}.flare of a {container.family}", container.flare, family.flare, unit="radians")


def _check_zone(zone: Zone) -> None:
    _check_name("zone.shape", zone.shape, ZONE_SHAPES)
    _check_name("zone.pattern", zone.pattern, PATTERNS)
    _check_colour("zone.colour", zone.colour)
    _check_colour("zone.accent", zone.accent)
    _check_size("zone.radius", zone.radius, RADIUS)
