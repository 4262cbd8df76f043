"""What experts and failure analysis are told of a scene: more than any policy sees."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from daml.envs.objects.task_objects import Objects
from daml.envs.tasks.judging import Reading
from daml.envs.tasks.layout import Layout


def tell_things(objects: Objects, layout: Layout, reading: Reading, *, most: int) -> dict[str, NDArray[np.float64]]:
    """Tell where things are and how large, in metres.

    Args:
        objects: What lies on the table.
        layout: Where it was put.
        reading: Of this moment.
        most: Rows that arrays of items, and of containers, have at least: environments of a vector share shapes. Rows
            without a thing are infinite.

    Returns:
        Arrays by their names in `info["state"]`.
    """

    def as_many(rows: NDArray[np.float64]) -> NDArray[np.float64]:
        missing = max(most - len(rows), 0)
        return np.concatenate([rows, np.full((missing, *rows.shape[1:]), np.inf)]) if missing else rows

    return {
        "item_positions": as_many(reading.item_positions),
        "item_half_extents": as_many(np.array([item.half_extents for item in objects.items])),
        "item_reaches": as_many(np.array([item.reach for item in objects.items])),
        "container_positions": as_many(layout.container_positions.copy()),
        "container_heights": as_many(np.array([container.height for container in objects.containers])),
        "zone_position": layout.zone_position.copy(),
    }


def tell_target(objects: Objects, target: int, *, kind: str) -> dict[str, Any]:
    """Tell what is asked for: a slot, and what it stands for.

    Args:
        objects: What lies on the table.
        target: The slot.
        kind: Kind of task, which is the manner where there is but one.

    Returns:
        Numbers and the manner by their names in `info["state"]`.
    """
    choice = objects.choice(target)
    return {
        "target_slot": target,
        "target_item": choice.item,
        "target_container": choice.container,
        "target_manner": choice.manner or kind,
    }
