"""Where things are on the one table: every item can be grasped, and pushed to every flat destination."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from daml.envs.objects.task_objects import Objects
from daml.envs.tasks.layout import MOST_ROUNDS, Layout, Rectangle, draw_start

Points = NDArray[np.float64]
"""Places on the table, `(..., 2)`, in metres."""

DESTINATION_REGION: Rectangle = ((0.38, -0.22), (0.66, 0.22))
"""Rectangle that destinations are centred in: inside the camera's image and the arm's reach."""

ITEM_REGION: Rectangle = ((0.38, -0.23), (0.66, 0.23))
"""Rectangle that items are centred in, likewise."""

GRIPPER_REGION: Rectangle = ((0.31, -0.27), (0.69, 0.27))
"""Rectangle that the gripper's places behind an item are in: 1 cm inside its reach."""

DESTINATION_GAP = 0.015
"""Least gap between the outlines of two destinations, in metres."""

FINGER_GAP = 0.06
"""Least gap between an item's centre and a rim or top, in metres: half of what the open fingers span."""

FLAT_GAP = 0.02
"""Least gap between the outlines of an item and of a flat destination, in metres: nothing starts on it."""

ITEM_GAP = 0.10
"""Least distance between the centres of two items, in metres: the open fingers fit over one without the other."""

PATH_GAP = 0.022
"""Least gap between what is pushed, or the fingers behind it, and what stands or lies beside its way, in metres."""

BEHIND = 0.045
"""Length of the way behind an item's outline that stays clear, in metres: the closed gripper comes down there."""

ITEM_TURN = 0.35
"""Largest turn of an item, in radians: the fingers close along y and take an item across its narrow side."""

_TRIES = 96
"""Places that are drawn for one thing before all others are moved as well."""


def draw_table_layout(objects: Objects, rng: np.random.Generator, *, n_held: int) -> Layout:
    """Draw places for destinations, items and gripper.

    They do not depend on which choice is the target, nor on how it is to be carried out.

    Args:
        objects: What lies on the table.
        rng: Source of randomness.
        n_held: 1 where the first item is in the gripper, else 0.

    Raises:
        ValueError: There is no room for all of that.
    """
    reaches = np.array([container.reach() for container in objects.containers])
    flat = np.array([container.is_flat for container in objects.containers])
    items = np.array([item.reach for item in objects.items[n_held:]])
    for number in range(MOST_ROUNDS):
        # One of some two thousand tables is too full for wide ways: in the second half of the rounds they get narrower.
        path_gap = PATH_GAP * min(2 * (1 - number / MOST_ROUNDS), 1)
        table = _Table(reaches, flat, *_scatter_destinations(reaches, rng), path_gap)
        if table.is_full and all(table.place_item(reach, rng) for reach in items):
            break
    else:
        n = len(items) + len(reaches)
        raise ValueError(f"the table has no room to carry and push among {n} things this large; take fewer or smaller")
    gripper = draw_start(table.places, reaches, rng)
    held = [gripper[:2]] * n_held
    turns = rng.uniform(-ITEM_TURN, ITEM_TURN, len(items))
    return Layout(
        gripper=gripper,
        item_positions=np.array([*held, *table.items]),
        item_yaws=np.array([*[0.0] * n_held, *turns]),
        container_positions=table.places,
        container_yaws=rng.uniform(-np.pi, np.pi, len(reaches)),
    )


def distance_to_way(points: Points, start: Points, end: Points) -> NDArray[np.float64]:
    """Return distances between places and straight ways, all broadcast against each other, in metres."""
    way = end - start
    along = ((points - start) * way).sum(-1) / np.maximum((way * way).sum(-1), 1e-12)
    nearest = start + np.clip(along, 0.0, 1.0)[..., None] * way
    return np.linalg.norm(points - nearest, axis=-1)


def pushing_ways(item: Points, reach: float, flats: Points) -> Points:
    """Return where pushes of an item begin, behind it: at the end of the way that the gripper needs.

    Args:
        item: Its place, or several, `(..., 2)`.
        reach: Radius of the circle around it, in metres.
        flats: Where it may be pushed to, `(F, 2)`.

    Returns:
        A beginning for each destination, `(..., F, 2)`.
    """
    way = flats - item[..., None, :]
    ahead = way / np.maximum(np.linalg.norm(way, axis=-1, keepdims=True), 1e-9)
    return item[..., None, :] - (reach + BEHIND) * ahead


@dataclass(eq=False)
class _Table:
    """A table that is being filled.

    Args:
        reaches: Radii of the circles around the destinations, `(D,)`, in metres.
        flat: Which of them an item can be pushed onto, `(D,)`.
        places: Where they are, `(D, 2)`.
        is_full: Whether there was room for all of them.
        path_gap: Least gap beside the way of what is pushed, in metres.
    """

    reaches: NDArray[np.float64]
    flat: NDArray[np.bool_]
    places: Points
    is_full: bool
    path_gap: float

    def __post_init__(self) -> None:
        self.items: list[Points] = []
        self._item_reaches: list[float] = []

    def place_item(self, reach: float, rng: np.random.Generator) -> bool:
        """Put an item where it can be grasped and pushed; tell whether there was room."""
        candidates = rng.uniform(*ITEM_REGION, size=(_TRIES, 2))
        clear = np.flatnonzero(self._can_be_grasped(candidates, reach) & self._can_be_pushed(candidates, reach))
        if not len(clear):
            return False
        self.items.append(candidates[clear[0]])
        self._item_reaches.append(reach)
        return True

    def _can_be_grasped(self, candidates: Points, reach: float) -> NDArray[np.bool_]:
        gaps = np.where(self.flat, self.reaches + reach + FLAT_GAP, self.reaches + FINGER_GAP)
        apart = np.linalg.norm(candidates[:, None] - self.places, axis=-1) >= gaps
        others = np.array(self.items).reshape(-1, 2)
        return apart.all(1) & (np.linalg.norm(candidates[:, None] - others, axis=-1) >= ITEM_GAP).all(1)

    def _can_be_pushed(self, candidates: Points, reach: float) -> NDArray[np.bool_]:
        """Tell whether its ways to all flat destinations are clear, and it is in no other item's."""
        flats = self.places[self.flat]
        starts = pushing_ways(candidates, reach, flats)  # (n, F, 2)
        low, high = GRIPPER_REGION
        fits = np.all((starts >= low) & (starts <= high), axis=-1).all(1)
        obstacles = np.concatenate([self.places[~self.flat], np.array(self.items).reshape(-1, 2)])
        sizes = np.concatenate([self.reaches[~self.flat], np.array(self._item_reaches)])
        distances = distance_to_way(obstacles, starts[:, :, None], flats[:, None])  # (n, F, obstacles)
        fits &= (distances >= sizes + reach + self.path_gap).all((1, 2))
        for other, other_reach in zip(self.items, self._item_reaches, strict=True):
            others = distance_to_way(candidates[:, None], pushing_ways(other, other_reach, flats), flats)  # (n, F)
            fits &= (others >= other_reach + reach + self.path_gap).all(1)
        return fits


def _scatter_destinations(reaches: Sequence[float] | Points, rng: np.random.Generator) -> tuple[Points, bool]:
    """Draw places for destinations, apart from each other; tell whether there was room for all."""
    places = np.zeros((0, 2))
    for number, reach in enumerate(reaches):
        candidates = rng.uniform(*DESTINATION_REGION, size=(_TRIES, 2))
        gaps = np.asarray(reaches)[:number] + reach + DESTINATION_GAP
        clear = np.flatnonzero((np.linalg.norm(candidates[:, None] - places, axis=-1) >= gaps).all(1))
        if not len(clear):
            return np.zeros((len(reaches), 2)), False
        places = np.vstack([places, candidates[clear[0]]])
    return places, True
