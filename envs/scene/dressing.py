"""Dressing: scenes take the looks of photographs, scanned things and rooms; what they are stays as it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from daml.envs.objects.containers import Container
from daml.envs.objects.items import Item
from daml.envs.objects.palette import Rgb, as_rgb, draw_pattern
from daml.envs.objects.task_objects import Objects
from daml.envs.scene.appearance import Appearance
from daml.envs.scene.assets import ROOM_SIZE, Assets, draw_photograph, read_picture
from daml.envs.scene.scans import as_item, scan_colour
from daml.envs.tasks.description import Assignment
from daml.envs.tasks.kinds import TASK_KINDS, draw_objects
from daml.envs.tasks.layout import Layout
from daml.envs.tasks.task import Task

_Thing = TypeVar("_Thing", Item, Container)

SCANNED_SHARE = 0.4
"""Share of the items that look like a scanned thing, where there are any."""

COVERED_SHARE = 0.4
"""Share of the other items, and of the destinations, that photographs are on, where there are any."""

SURFACE_SHARE = 0.85
"""Share of tables, floors and walls that photographs are on, where there are any."""

LEAST_DIFFERENCE = 0.25
"""Least Euclidean RGB distance (channels in [0, 1]) between the mean colours of two items, or two destinations: where
things look alike no film can tell which is meant."""

MOST_TRIES = 40
"""Looks that are drawn before a thing keeps its own."""

_SAMPLED = (32, 32)
"""Height and width at which a picture's mean colour is taken [px]."""

ROOM_SHARE = 0.5
"""Share of the films with a photographed room behind, where there are any."""

ROOM_ROWS = (0.28, 0.72)
"""Part of a panorama's height that walls show: 40 degrees up and down from the horizon."""


def objects_of(task: Assignment, assets: Assets | None) -> Objects:
    """Return what lies on the table in a task, dressed; what a described scene holds stays as it is described."""
    objects = draw_objects(task)
    if assets is None or not isinstance(task, Task):
        return objects
    return dress_objects(objects, assets, split=task.split, rng=task.generator().spawn(1)[0])


def draw_scene(task: Assignment, *, seed: int, assets: Assets | None = None) -> tuple[Objects, Layout]:
    """Return what a film with this seed shows lying where."""
    objects = objects_of(task, assets)
    return objects, TASK_KINDS[task.kind].draw_layout(objects, np.random.default_rng(seed))


def split_of_task(task: Assignment) -> str:
    """Return the split whose families a task's surroundings are of."""
    return task.split if isinstance(task, Task) else "test"


def dress_objects(objects: Objects, assets: Assets, *, split: str, rng: np.random.Generator) -> Objects:
    """Give a task's things other looks; which is to be brought where stays.

    Args:
        objects: What lies on the table.
        assets: Folders of photographs and scanned things.
        split: Whose families are used.
        rng: Random numbers of the task: it looks the same in every episode.
    """

    def dressed(item: Item) -> Item:
        return dress_item(item, assets, split=split, rng=rng, is_handled=True)

    def covered(container: Container) -> Container:
        return _cover_container(container, assets.photographs(split), rng)

    items = _drawn_apart(objects.items, dressed, mean_colour)
    return replace(objects, items=items, containers=_drawn_apart(objects.containers, covered, floor_colour))


def dress_item(item: Item, assets: Assets, *, split: str, rng: np.random.Generator, is_handled: bool) -> Item:
    """Give an item other looks, or leave it as it is; one that just lies about may have any shape."""
    scans, photographs = assets.scans(split), assets.photographs(split)
    if scans and rng.random() < SCANNED_SHARE:
        scanned = as_item(item, scans[int(rng.integers(len(scans)))], is_handled=is_handled)
        if scanned is not None:
            return scanned
    if photographs and rng.random() < COVERED_SHARE:
        return replace(item, texture=str(_choose(photographs, rng)))
    return item


def mean_colour(item: Item) -> Rgb:
    """Return the mean colour of what is seen of an item, RGB in [0, 1]."""
    if item.scan is not None:
        return scan_colour(item.scan)
    if item.texture:
        return _picture_colour(Path(item.texture))
    return as_rgb(draw_pattern(item.pattern, item.colour, item.accent).mean(axis=(0, 1)) / 255)


def floor_colour(container: Container) -> Rgb:
    """Return the mean colour of what is seen of a destination's floor, RGB in [0, 1]."""
    return _picture_colour(Path(container.texture)) if container.texture else container.floor_colour


def _picture_colour(path: Path) -> Rgb:
    return as_rgb(read_picture(path, _SAMPLED).mean(axis=(0, 1)) / 255)


def _drawn_apart(
    things: Sequence[_Thing], draw: Callable[[_Thing], _Thing], colour: Callable[[_Thing], Rgb]
) -> tuple[_Thing, ...]:
    """Draw looks for things, one after another, until each differs from those before; else it keeps its own."""
    chosen: list[_Thing] = []
    for thing in things:
        for _ in range(MOST_TRIES):
            candidate = draw(thing)
            differences = [np.linalg.norm(np.subtract(colour(candidate), colour(other))) for other in chosen]
            if min(differences, default=np.inf) >= LEAST_DIFFERENCE:
                break
        else:
            candidate = thing
        chosen.append(candidate)
    return tuple(chosen)


@dataclass(frozen=True, eq=False)
class Dresser:
    """Gives one episode's surroundings their looks.

    Args:
        assets: Folders; where there are none, all stays as it is.
        split: Whose families are used.
        rng: Random numbers; none are drawn without folders.
    """

    assets: Assets | None
    split: str
    rng: np.random.Generator

    def item(self, item: Item) -> Item:
        """Return a thing that just lies about."""
        if self.assets is None:
            return item
        return dress_item(item, self.assets, split=self.split, rng=self.rng, is_handled=False)

    def surroundings(self, appearance: Appearance) -> Appearance:
        """Lay photographs on table and floor."""
        files = () if self.assets is None else self.assets.photographs(self.split)
        for name in ("table", "floor"):
            if files and self.rng.random() < SURFACE_SHARE:
                appearance = replace(appearance, **{name: draw_photograph(files, self.rng)})
        return appearance

    def wall_pictures(self) -> list[NDArray[np.uint8]]:
        """Draw what four walls show: a room all around, or photographs of surfaces; nothing without folders."""
        if self.assets is None:
            return []
        rooms, files = self.assets.panoramas(self.split), self.assets.photographs(self.split)
        if rooms and self.rng.random() < ROOM_SHARE:
            panorama = read_picture(_choose(rooms, self.rng), ROOM_SIZE)
            panorama = np.roll(panorama, int(self.rng.integers(ROOM_SIZE[1])), axis=1)
            top, bottom = (int(share * ROOM_SIZE[0]) for share in ROOM_ROWS)
            return list(np.split(panorama[top:bottom], 4, axis=1))
        if files and self.rng.random() < SURFACE_SHARE:
            return [draw_photograph(files, self.rng) for _ in range(4)]
        return []


def _cover_container(container: Container, files: tuple[Path, ...], rng: np.random.Generator) -> Container:
    """Lay a photograph on the floor of a container or on a mat; tape stays as it is."""
    if files and container.sort != "marked" and rng.random() < COVERED_SHARE:
        return replace(container, texture=str(_choose(files, rng)))
    return container


def _choose(files: tuple[Path, ...], rng: np.random.Generator) -> Path:
    return files[int(rng.integers(len(files)))]
