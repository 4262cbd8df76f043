"""What counts as done: readings of a scene, and the verdict on them."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from daml.envs.objects.containers import Container
from daml.envs.objects.items import Item
from daml.envs.objects.task_objects import Objects
from daml.envs.tasks.layout import Layout

AT_REST_SPEED = 0.03
"""Speed under which an item counts as at rest, in m/s."""

RELEASED_GAP = 0.008
"""Least slack between item and fingers, in metres, for the item to count as released."""

DISPLACED = 0.02
"""Distance from its first place beyond which an item counts as moved, in metres: more than a brush against it."""

LIFTED = 0.03
"""Height above its first one beyond which an item counts as lifted, in metres."""

CLOSED_OPENING = 0.012
"""Distance between the fingers under which an empty gripper counts as closed, in metres."""

VERDICTS = ("success", "wrong_object", "wrong_kind", "wrong_container", "not_completed")
"""How an episode can end: done; another item, manner or container than was asked for; the right ones, but not done."""

NO_SLOT = -1
"""What stands for a slot where no choice has been carried out."""

NO_BEHAVIOUR = "none"
"""What stands for a kind of behaviour where nothing has been moved."""


@dataclass(frozen=True)
class Reading:
    """What a judge sees of a scene, at one moment.

    Args:
        item_positions: Item centres, `(n, 3)`, in metres.
        item_speeds: Their speeds, `(n,)`, in m/s.
        displacements: Their distances on the table from where they were first, `(n,)`, in metres.
        distances: Distances between the gripper and the items, `(n,)`, in metres.
        closest: The least of these distances so far, `(n,)`.
        opening: Distance between the fingers, in metres.
        behaviour: Kind of task that something has been done of so far, or `NO_BEHAVIOUR`.
    """

    item_positions: NDArray[np.float64]
    item_speeds: NDArray[np.float64]
    displacements: NDArray[np.float64]
    distances: NDArray[np.float64]
    closest: NDArray[np.float64]
    opening: float
    behaviour: str = NO_BEHAVIOUR

    def handled_item(self) -> int:
        """Return the item that was moved most, or that the gripper came closest to where none was moved."""
        moved = self.displacements.max() > DISPLACED
        return int(self.displacements.argmax() if moved else self.closest.argmin())


def told_behaviour(reading: Reading, *, before: str, rises: NDArray[np.float64], held: Item | None) -> str:
    """Tell which kind of thing has been done so far; lifting an item outweighs having pushed it.

    Args:
        reading: Of this moment.
        before: What was told until then.
        rises: How much higher the items are than at first, `(n,)`, in metres.
        held: The first item, if it was in the gripper from the start.

    Returns:
        A kind of task, or `NO_BEHAVIOUR`.
    """
    if held is not None:
        return "place" if reading.distances[0] > held.reach + DISPLACED else before
    if rises.max() > LIFTED and reading.opening > CLOSED_OPENING:
        return "pick-place"
    pushes = reading.displacements.max() > DISPLACED and reading.opening < CLOSED_OPENING
    return "push" if before == NO_BEHAVIOUR and pushes else before


class Judgement(NamedTuple):
    """What was done, whether it was asked for or not."""

    completed: int | None
    """Slot of the choice that has been carried out, None where none has."""
    reached: int
    """Slot of the choice that the scene is nearest to."""


def verdict(objects: Objects, judgement: Judgement, *, target: int) -> str:
    """Compare what was done with what was asked for.

    Args:
        objects: What lies on the table.
        judgement: What was done.
        target: Slot of what was asked for.

    Returns:
        One of `VERDICTS`.
    """
    if judgement.completed == target:
        return "success"
    reached, wanted = objects.choice(judgement.reached), objects.choice(target)
    if reached.item != wanted.item:
        return "wrong_object"
    if reached.manner != wanted.manner:
        return "wrong_kind"
    return "wrong_container" if reached.container != wanted.container else "not_completed"


def container_holding(
    item_position: NDArray[np.float64], item: Item, containers: tuple[Container, ...], layout: Layout
) -> int | None:
    """Return the slot of the container that an item lies in, or None.

    Args:
        item_position: Centre of the item in the world, `(3,)`, in metres.
        item: The item.
        containers: The containers by slot.
        layout: Their places.

    Returns:
        The slot; only one can hold it, since the rims are apart.
    """
    for slot, container in enumerate(containers):
        offset = item_position[:2] - layout.container_positions[slot]
        cosine, sine = np.cos(layout.container_yaws[slot]), np.sin(layout.container_yaws[slot])
        local = np.array(
            [cosine * offset[0] + sine * offset[1], cosine * offset[1] - sine * offset[0], item_position[2]]
        )
        if container.contains(local, item.clearance):
            return slot
    return None


def nearest_container(item_position: NDArray[np.float64], layout: Layout) -> int:
    """Return the slot of the container whose middle is nearest to an item, `(3,)`."""
    return int(np.argmin(np.linalg.norm(layout.container_positions - item_position[:2], axis=1)))
