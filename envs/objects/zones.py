"""Procedural goal zones: flat marks on the table that an item is pushed onto."""

from dataclasses import dataclass

import numpy as np

from daml.envs.objects.palette import COLOURS, PATTERNS, Rgb, jitter_colour, split_of

SHAPES_OF_SPLIT: dict[str, tuple[str, ...]] = {
    "train": ("disc", "square"),
    "validation": ("disc", "square"),
    "test": ("disc", "square", "oval"),
}
"""Outlines by split; one that only one split has is its held-out outline."""

RADIUS = (0.080, 0.090)
"""Radius of the circle that counts as the zone, in metres: an item fits in with 3 to 5 cm to spare."""

OVAL_ASPECT = 1.25
"""Length of an oval zone in its long direction, by its radius."""

THICKNESS = 0.001
"""Thickness of the mark, in metres: seen, but no obstacle (it has no contact either)."""


@dataclass(frozen=True)
class Zone:
    """A goal zone's shape and looks.

    Args:
        shape: One of the names in `SHAPES_OF_SPLIT`.
        radius: Radius of the circle in which an item counts as inside, in metres; the mark covers it.
        colour: RGB in [0, 1].
        accent: RGB in [0, 1] of its texture.
        pattern: One of `palette.PATTERNS`.
    """

    shape: str
    radius: float
    colour: Rgb
    accent: Rgb
    pattern: str


def draw_zone(split: str, rng: np.random.Generator) -> Zone:
    """Draw one zone among those that belong to a split.

    Args:
        split: One of `task.SPLITS`.
        rng: Source of randomness.
    """
    names = list(COLOURS)
    shape = str(rng.choice(SHAPES_OF_SPLIT[split]))
    while True:
        colour, accent, pattern = str(rng.choice(names)), str(rng.choice(names)), str(rng.choice(PATTERNS))
        held_out = shape not in SHAPES_OF_SPLIT["train"]
        if colour != accent and (held_out or split_of(f"zone/{shape}/{colour}/{accent}/{pattern}") == split):
            break
    return Zone(shape, rng.uniform(*RADIUS), jitter_colour(colour, rng), jitter_colour(accent, rng), pattern)
