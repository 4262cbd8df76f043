"""Procedural items: small things that an 80 mm gripper carries, and larger ones that it pushes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from daml.envs.objects.palette import COLOURS, PATTERNS, Rgb, jitter_colour, split_of

FAMILIES_OF_SPLIT: dict[str, tuple[str, ...]] = {
    "train": ("box", "cylinder", "ball", "stick"),
    "validation": ("box", "cylinder", "ball", "stick", "brick"),
    "test": ("box", "cylinder", "ball", "stick", "egg", "bead pair"),
}
"""Families of what is carried, by split; those that only one split has are its held-out families."""

PUSHED_FAMILIES_OF_SPLIT: dict[str, tuple[str, ...]] = {
    "train": ("block", "disc"),
    "validation": ("block", "disc", "plank"),
    "test": ("block", "disc", "cross", "stepped disc"),
}
"""Families of what is pushed, by split, likewise."""

TABLE_FAMILIES_OF_SPLIT: dict[str, tuple[str, ...]] = {
    "train": ("cube", "can", "bar", "jar"),
    "validation": ("cube", "can", "bar", "jar", *["step"] * 2),
    "test": ("cube", "can", "bar", "jar", *["plus", "bottle"] * 2),
}
"""Families on the one table, by split: each item can be both carried and pushed."""

HOUSEHOLD_FAMILIES = ("mug", "bag", "fruit", "toy", "book")
"""Families of scene files alone, of no split: a mug with its handle, a filled bag, a fruit, a plush toy, a book. The
wide ones are pushed, the others carried."""

HALF_WIDTH = (0.014, 0.020)
"""Half of an item's width between the fingers, in metres: it leaves 20 mm of play on each side of an open gripper."""

PUSHED_HALF_WIDTH = (0.025, 0.031)
"""Half of the width of an item that is pushed, in metres: wider than the closed fingers, which are 24 mm."""

TABLE_HALF_WIDTH = (0.0165, 0.0205)
"""Half of the width of an item on the one table, in metres: wider than the closed fingers, narrower than the open ones
by half."""

_TABLE_HEIGHT, _TABLE_LENGTH = (0.016, 0.0205), (1.25, 1.5)
_HEIGHT, _PUSHED_HEIGHT = (0.014, 0.022), (0.020, 0.028)
_PUSHED_LENGTH = (0.030, 0.04185)
MUG_ASPECT = 1.35
"""Length of a mug with its handle, by its width, at least."""

_HOUSEHOLD_LENGTH = {
    "mug": (MUG_ASPECT, 1.6),
    "bag": (1.0, 1.7),
    "fruit": (1.0, 1.9),
    "toy": (1.0, 1.0),
    "book": (1.1, 1.6),
}
_HOUSEHOLD_HEIGHT = {"mug": (0.016, 0.022), "book": (0.0125, 0.016)}

Ranges = tuple[tuple[float, float], tuple[float, float], tuple[float, float]]
"""Range of half of the length, of the width and of the height, in metres."""

HALF_EXTENTS: dict[str, Ranges] = {
    "box": (HALF_WIDTH, HALF_WIDTH, _HEIGHT),
    "cylinder": (HALF_WIDTH, HALF_WIDTH, _HEIGHT),
    "ball": (HALF_WIDTH, HALF_WIDTH, HALF_WIDTH),
    "stick": ((0.024, 0.032), (0.0112, 0.016), (0.0112, 0.016)),
    "brick": ((0.022, 0.030), HALF_WIDTH, (0.012, 0.016)),
    "egg": ((0.020, 0.026), HALF_WIDTH, HALF_WIDTH),
    "bead pair": ((0.0224, 0.032), (0.0126, 0.018), (0.0126, 0.018)),
    "block": (PUSHED_HALF_WIDTH, PUSHED_HALF_WIDTH, _PUSHED_HEIGHT),
    "disc": (PUSHED_HALF_WIDTH, PUSHED_HALF_WIDTH, _PUSHED_HEIGHT),
    "stepped disc": (PUSHED_HALF_WIDTH, PUSHED_HALF_WIDTH, _PUSHED_HEIGHT),
    "plank": (_PUSHED_LENGTH, PUSHED_HALF_WIDTH, _PUSHED_HEIGHT),
    "cross": (_PUSHED_LENGTH, PUSHED_HALF_WIDTH, _PUSHED_HEIGHT),
    **dict.fromkeys(("cube", "can", "jar", "bottle", "plus"), (TABLE_HALF_WIDTH, TABLE_HALF_WIDTH, _TABLE_HEIGHT)),
    **dict.fromkeys(("bar", "step"), ((0.0205, 0.03075), TABLE_HALF_WIDTH, _TABLE_HEIGHT)),
}
"""Range of each family's half length along x, y and z, in metres: the gripper can hold or push all of it."""


def _household(width: tuple[float, float], height: tuple[float, float]) -> dict[str, Ranges]:
    """Return the sizes of household items: the length goes with the width."""
    return {
        family: ((width[0] * low, width[1] * high), width, _HOUSEHOLD_HEIGHT.get(family, height))
        for family, (low, high) in _HOUSEHOLD_LENGTH.items()
    }


HALF_EXTENTS.update(_household(HALF_WIDTH, _HEIGHT))
_PUSHED_HALF_EXTENTS = _household(PUSHED_HALF_WIDTH, _PUSHED_HEIGHT)

ROUNDED_FAMILIES = (
    *("cylinder", "ball", "egg", "bead pair", "disc", "stepped disc"),
    *("can", "jar", "bottle", "mug", "fruit", "toy"),
)
"""Families without corners, seen from above."""

DENSITY = 400.0
"""Density in kg/m^3, about that of wood."""

MINIMUM_COLOUR_DIFFERENCE = 0.40
"""Least Euclidean RGB distance (channels in [0, 1]) between the colours of two items of a task."""


@dataclass(frozen=True)
class Item:
    """An item's shape and looks.

    Args:
        family: Key of `HALF_EXTENTS`.
        half_extents: Half lengths along x, y and z, in metres; the fingers close along y.
        colour: RGB in [0, 1].
        accent: RGB in [0, 1] of its texture.
        pattern: One of `palette.PATTERNS`.
        texture: File of a picture that covers its sides in place of colours and pattern; empty for none.
        scan: Mesh of the scanned thing that it looks like.
    """

    family: str
    half_extents: tuple[float, float, float]
    colour: Rgb
    accent: Rgb
    pattern: str
    texture: str = ""
    scan: Path | None = None

    @property
    def is_pushed(self) -> bool:
        """Whether it is one of the items that slide."""
        if self.family in HOUSEHOLD_FAMILIES:
            return self.half_extents[1] >= PUSHED_HALF_WIDTH[0]
        sliding = (*PUSHED_FAMILIES_OF_SPLIT.values(), *TABLE_FAMILIES_OF_SPLIT.values())
        return any(self.family in families for families in sliding)

    @property
    def reach(self) -> float:
        """Radius of the circle around its outline seen from above, in metres."""
        length, width, _ = self.half_extents
        return max(length, width) if self.family in ROUNDED_FAMILIES else float(np.hypot(length, width))

    @property
    def clearance(self) -> float:
        """Least distance from the centre to the surface, in metres."""
        return min(self.half_extents)


def ranges_of(family: str, *, is_pushed: bool = False) -> Ranges:
    """Return which sizes an item may have.

    Args:
        family: Key of `HALF_EXTENTS`.
        is_pushed: Whether it is to be pushed; household items are wider then.
    """
    return _PUSHED_HALF_EXTENTS.get(family, HALF_EXTENTS[family]) if is_pushed else HALF_EXTENTS[family]


def draw_item(split: str, rng: np.random.Generator) -> Item:
    """Draw one item to carry among those that belong to a split.

    Args:
        split: One of `task.SPLITS`.
        rng: Source of randomness.
    """
    family, colour, accent, pattern = _draw_looks(FAMILIES_OF_SPLIT, split, rng)
    width = rng.uniform(*HALF_WIDTH)
    shape = {
        "box": (width, width, rng.uniform(*HALF_EXTENTS["box"][2])),
        "cylinder": (width, width, rng.uniform(*HALF_EXTENTS["cylinder"][2])),
        "ball": (width, width, width),
        "stick": (rng.uniform(*HALF_EXTENTS["stick"][0]), width * 0.8, width * 0.8),
        "brick": (rng.uniform(*HALF_EXTENTS["brick"][0]), width, rng.uniform(*HALF_EXTENTS["brick"][2])),
        "egg": (rng.uniform(*HALF_EXTENTS["egg"][0]), width, width),
        "bead pair": (2 * width * 0.8, width * 0.9, width * 0.9),
    }[family]
    return Item(family, shape, jitter_colour(colour, rng), jitter_colour(accent, rng), pattern)


def draw_pushed_item(split: str, rng: np.random.Generator) -> Item:
    """Draw one item to push among those that belong to a split: see `draw_item`."""
    family, colour, accent, pattern = _draw_looks(PUSHED_FAMILIES_OF_SPLIT, split, rng)
    width, height = rng.uniform(*PUSHED_HALF_WIDTH), rng.uniform(*_PUSHED_HEIGHT)
    length = width * rng.uniform(1.2, 1.35) if family in ("plank", "cross") else width
    return Item(family, (length, width, height), jitter_colour(colour, rng), jitter_colour(accent, rng), pattern)


def draw_table_item(split: str, rng: np.random.Generator) -> Item:
    """Draw one item of the one table among those that belong to a split: see `draw_item`."""
    family, colour, accent, pattern = _draw_looks(TABLE_FAMILIES_OF_SPLIT, split, rng)
    width, height = rng.uniform(*TABLE_HALF_WIDTH), rng.uniform(*_TABLE_HEIGHT)
    length = width * rng.uniform(*_TABLE_LENGTH) if family in ("bar", "step") else width
    return Item(family, (length, width, height), jitter_colour(colour, rng), jitter_colour(accent, rng), pattern)


def draw_distinct(
    draw: Callable[[str, np.random.Generator], Item], split: str, count: int, rng: np.random.Generator
) -> tuple[Item, ...]:
    """Draw items whose colours differ by at least `MINIMUM_COLOUR_DIFFERENCE`.

    Args:
        draw: `draw_item`, `draw_pushed_item` or `draw_table_item`.
        split: One of `task.SPLITS`.
        count: How many.
        rng: Source of randomness.
    """
    chosen: list[Item] = []
    while len(chosen) < count:
        candidate = draw(split, rng)
        differences = [np.linalg.norm(np.subtract(candidate.colour, other.colour)) for other in chosen]
        if all(difference >= MINIMUM_COLOUR_DIFFERENCE for difference in differences):
            chosen.append(candidate)
    return tuple(chosen)


def _draw_looks(
    families: Mapping[str, tuple[str, ...]], split: str, rng: np.random.Generator
) -> tuple[str, str, str, str]:
    """Draw family, colour, accent and pattern of a combination that belongs to a split."""
    names = list(COLOURS)
    family = str(rng.choice(families[split]))
    while True:
        colour, accent, pattern = str(rng.choice(names)), str(rng.choice(names)), str(rng.choice(PATTERNS))
        if split != "train" and colour == accent:
            continue  # in one colour the pattern does not show, and the item may look like one of training
        held_out = family not in families["train"]
        if held_out or split_of(f"{family}/{colour}/{accent}/{pattern}") == split:
            return family, colour, accent, pattern
