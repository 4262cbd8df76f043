"""Walls around the table: a camera that stands low looks beyond the floor, and no room is black there."""

from collections.abc import Sequence

import mujoco
import numpy as np
from numpy.typing import NDArray

from daml.envs.scene.materials import add_material
from daml.envs.scene.specification import FLOOR_HEIGHT, LIT_POINT

WALL_DISTANCE = (1.5, 2.9)
"""Of a wall from the middle of the workspace, in metres: beyond the table and every camera, within the floor."""

WALL_HEIGHT = 3.0
"""From the floor, in metres."""

BRIGHTNESS, TINT = (0.35, 0.9), 0.08
"""Of a wall's colour, and the half-width of its channels' spread about that."""

GLOW = (0.3, 0.6)
"""Share of its colour that a wall shows without the lamp, which shines on the table alone."""

TEXTURE_SIZE = 32
"""Side of a wall's texture, in texels."""


def add_walls(spec: mujoco.MjSpec, rng: np.random.Generator, *, pictures: Sequence[NDArray[np.uint8]] = ()) -> None:
    """Add four walls, each in a colour of its own, that nothing touches.

    Args:
        spec: Scene to add to.
        rng: Random numbers.
        pictures: What each of them shows in place of its colour, `(H, W, 3)`, in their order; none for colours.
    """
    middle = np.array(LIT_POINT[:2])
    for number, direction in enumerate(((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))):
        colour = rng.uniform(*BRIGHTNESS) + rng.uniform(-TINT, TINT, 3)
        mottle = 1 + 0.03 * rng.normal(size=(TEXTURE_SIZE, TEXTURE_SIZE, 1))
        name = f"wall{number}"
        plain = (255 * np.clip(colour * mottle, 0, 1)).astype(np.uint8)
        add_material(spec, name, np.ascontiguousarray(pictures[number]) if pictures else plain)
        spec.material(name).emission = rng.uniform(*GLOW)
        x, y = middle + rng.uniform(*WALL_DISTANCE) * np.array(direction)
        along_y = direction[0] != 0
        spec.worldbody.add_geom(
            name=name,
            type=mujoco.mjtGeom.mjGEOM_BOX,
            size=(0.01, 2 * WALL_DISTANCE[1], WALL_HEIGHT / 2)
            if along_y
            else (2 * WALL_DISTANCE[1], 0.01, WALL_HEIGHT / 2),
            pos=(x, y, FLOOR_HEIGHT + WALL_HEIGHT / 2),
            material=name,
            contype=0,
            conaffinity=0,
        )
