"""Things on the table that no task is about: they lie where nothing has to pass, and are not judged."""

from collections.abc import Callable
from typing import NamedTuple

import mujoco
import numpy as np
from numpy.typing import NDArray

from daml.envs.objects.items import MINIMUM_COLOUR_DIFFERENCE, Item, draw_item, draw_pushed_item, draw_table_item
from daml.envs.objects.task_objects import Objects
from daml.envs.scene import rotations
from daml.envs.scene.item_bodies import add_item
from daml.envs.tasks.layout import Layout, Rectangle

REGION: Rectangle = ((0.36, -0.27), (0.70, 0.27))
"""Rectangle that they are centred in: inside the image, and wider than where a task's own things are."""

GAP = 0.025
"""Least gap to containers, the zone and each other, in metres: nothing touches."""

ITEM_GAP = 0.06
"""Least gap to an item of the task, in metres: the open fingers fit between."""

APPROACH = 0.10
"""Length of the way behind an item to push that stays clear, in metres: the gripper comes down there."""

_TRIES = 200
"""Looks, and places, that are drawn for one thing before it is left out."""

_SPLIT = "train"
"""Their looks are those of training's items: that there are more things is all that is new."""


Dress = Callable[[Item], Item]
"""Gives an item other looks."""


class Distractor(NamedTuple):
    """A thing that no task is about."""

    item: Item
    """Shape and looks."""
    position: NDArray[np.float64]
    """Its centre on the table, `(2,)`, in metres."""
    yaw: float
    """Its turn about the vertical, in radians."""


def draw_distractors(
    objects: Objects,
    layout: Layout,
    rng: np.random.Generator,
    *,
    count: int,
    up_to_more: int = 0,
    dress: Dress | None = None,
) -> tuple[Distractor, ...]:
    """Draw things of colours that no item of the task has, and places for them.

    Args:
        objects: What the task is about.
        layout: Where that is.
        rng: Source of randomness.
        count: How many; fewer where there is no room, or no other colour is left.
        up_to_more: Most that are there besides, sometimes.
        dress: Gives an item other looks.
    """
    if up_to_more:
        count += int(rng.integers(up_to_more + 1))
    drawn: list[Distractor] = []
    for _ in range(count):
        item = _draw_item(objects, [other.item for other in drawn], rng)
        if item is None:
            break
        item = item if dress is None else dress(item)
        for place in rng.uniform(*REGION, size=(_TRIES, 2)):
            if _is_clear(place, item.reach, objects, layout, drawn=drawn):
                drawn.append(Distractor(item, place, float(rng.uniform(-np.pi, np.pi))))
                break
    return tuple(drawn)


def add_distractors(spec: mujoco.MjSpec, distractors: tuple[Distractor, ...]) -> None:
    """Add bodies `distractor0` and so on to a scene; they move freely, and are placed once it is compiled."""
    for number, distractor in enumerate(distractors):
        add_item(spec, f"distractor{number}", distractor.item)


def place_distractors(data: mujoco.MjData, distractors: tuple[Distractor, ...]) -> None:
    """Set every one on its place, at rest; changes the state of the compiled scene."""
    for number, (item, position, yaw) in enumerate(distractors):
        joint = data.joint(f"distractor{number}")
        joint.qpos = [*position, item.half_extents[2], *rotations.about_z(yaw)]
        joint.qvel = 0.0


def _draw_item(objects: Objects, others: list[Item], rng: np.random.Generator) -> Item | None:
    """Draw an item of another colour than all that are there; None where hardly any is left."""
    draw = draw_table_item if objects.choices else draw_item if objects.zone is None else draw_pushed_item
    for _ in range(_TRIES):
        item = draw(_SPLIT, rng)
        differences = [np.linalg.norm(np.subtract(item.colour, other.colour)) for other in (*objects.items, *others)]
        if min(differences) >= MINIMUM_COLOUR_DIFFERENCE:
            return item
    return None


def _is_clear(
    place: NDArray[np.float64], reach: float, objects: Objects, layout: Layout, *, drawn: list[Distractor]
) -> bool:
    """Tell whether a thing of some reach is in nobody's way at a place, `(2,)`."""
    around = [(layout.item_positions[slot], item.reach + ITEM_GAP) for slot, item in enumerate(objects.items)]
    around += [
        (layout.container_positions[slot], container.reach() + GAP) for slot, container in enumerate(objects.containers)
    ]
    around += [(other.position, other.item.reach + GAP) for other in drawn]
    ends = [layout.container_positions[slot] for slot, container in enumerate(objects.containers) if container.is_flat]
    if objects.zone is not None:
        around.append((layout.zone_position, objects.zone.radius + GAP))
        ends.append(layout.zone_position)
    for end in ends:
        for slot, item in enumerate(objects.items):
            nearest = _nearest_on_path(place, layout.item_positions[slot], end)
            around.append((nearest, item.reach + GAP))
    return all(np.linalg.norm(place - point) >= reach + gap for point, gap in around)


def _nearest_on_path(
    place: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the point nearest to a place on the way of a push, from behind the item to the zone, `(2,)`."""
    way = end - start
    length = float(np.linalg.norm(way))
    ahead = way / length
    return start + ahead * np.clip(np.dot(place - start, ahead), -APPROACH, length)
