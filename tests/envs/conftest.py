"""What several of these tests need."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from daml.envs.objects.task_objects import Objects
from daml.envs.tasks.judging import Reading
from daml.envs.tasks.layout import Layout


def _read(objects: Objects, layout: Layout, **changes: Any) -> Reading:
    n_items = len(objects.items)
    heights = [item.half_extents[2] for item in objects.items]
    unmoved: dict[str, Any] = {
        "item_positions": np.column_stack([layout.item_positions, heights]),
        "item_speeds": np.zeros(n_items),
        "displacements": np.zeros(n_items),
        "distances": np.full(n_items, 0.3),
        "closest": np.full(n_items, 0.3),
        "opening": 0.08,
    }
    return Reading(**unmoved | changes)


@pytest.fixture
def read() -> Callable[..., Reading]:
    """Return a function that reads a scene in which nothing has been done yet, but for the fields given by name."""
    return _read
