"""Procedural items: the small things that are carried, small enough for an 80 mm gripper."""

from dataclasses import dataclass

import numpy as np

from envs.palette import COLOURS, PATTERNS, Rgb, jitter_colour, split_of

FAMILIES_OF_SPLIT: dict[str, tuple[str, ...]] = {
    "train": ("box", "cylinder", "ball", "stick"),
    "validation": ("box", "cylinder", "ball", "stick", "brick"),
    "test": ("box", "cylinder", "ball", "stick", "egg", "bead pair"),
}
"""Families by split; those that only one split has are its held-out families."""

HALF_WIDTH = (0.014, 0.020)
"""Half of an item's width between the fingers, in metres: it leaves 20 mm of play on each side of an open gripper."""

DENSITY = 400.0
"""Density in kg/m^3, about that of wood."""


@dataclass(frozen=True)
class Item:
    """An item's shape and looks.

    Args:
        family: One of the names in `FAMILIES_OF_SPLIT`.
        half_extents: Half lengths along x, y and z, in metres; the fingers close along y.
        colour: RGB in [0, 1].
        accent: RGB in [0, 1] of its texture.
        pattern: One of `palette.PATTERNS`.
    """

    family: str
    half_extents: tuple[float, float, float]
    colour: Rgb
    accent: Rgb
    pattern: str

    @property
    def clearance(self) -> float:
        """Least distance from the centre to the surface, in metres."""
        return min(self.half_extents)


def draw_item(split: str, rng: np.random.Generator) -> Item:
    """Draw one item among those that belong to a split.

    Args:
        split: One of `task.SPLITS`.
        rng: Source of randomness.
    """
    names = list(COLOURS)
    family = str(rng.choice(FAMILIES_OF_SPLIT[split]))
    while True:
        colour, accent, pattern = str(rng.choice(names)), str(rng.choice(names)), str(rng.choice(PATTERNS))
        if split != "train" and colour == accent:
            continue  # in one colour the pattern does not show, and the item may look like one of training
        held_out = family not in FAMILIES_OF_SPLIT["train"]
        if held_out or split_of(f"{family}/{colour}/{accent}/{pattern}") == split:
            break
    width = rng.uniform(*HALF_WIDTH)
    shape = {
        "box": (width, width, rng.uniform(0.014, 0.022)),
        "cylinder": (width, width, rng.uniform(0.014, 0.022)),
        "ball": (width, width, width),
        "stick": (rng.uniform(0.024, 0.032), width * 0.8, width * 0.8),
        "brick": (rng.uniform(0.022, 0.030), width, rng.uniform(0.012, 0.016)),
        "egg": (rng.uniform(0.020, 0.026), width, width),
        "bead pair": (2 * width * 0.8, width * 0.9, width * 0.9),
    }[family]
    return Item(family, shape, jitter_colour(colour, rng), jitter_colour(accent, rng), pattern)
