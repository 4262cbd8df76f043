"""The true goal of a task: where the item is, where it goes, and how large it is."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


def true_goal(info: Mapping[str, Any]) -> NDArray[np.float32]:
    """Return where the task's item and destination are now.

    Args:
        info: What the environment's `reset` or `step` returned.

    Returns:
        The item's x and y; x and y of the destination, and the height of the item's middle when it stands on its rim
        (of a zone, on the table); radius of the circle around the item; in metres, `(6,)`.
    """
    state = info["state"]
    item, container = state["target_item"], state["target_container"]
    height = state["item_half_extents"][item][2]
    if len(state["container_positions"]):
        place, rim = state["container_positions"][container], state["container_heights"][container]
    else:
        place, rim = state["zone_position"], 0.0
    destination = [*place, rim + height]
    return np.array([*state["item_positions"][item][:2], *destination, state["item_reaches"][item]], dtype=np.float32)
