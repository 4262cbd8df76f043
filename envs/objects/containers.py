"""Procedural containers: polygonal floors with real walls, in families that differ between the splits.

Destinations without walls are containers, too: solids that an item is put upon, and flat ones, which it is put or
pushed onto.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from daml.envs.objects.palette import COLOURS, PATTERNS, Rgb, jitter_colour, split_of

FLOOR_THICKNESS = 0.006
"""Thickness of a container's floor, in metres."""

WALL_THICKNESS = 0.005
"""Thickness of a wall, in metres: thick enough that a dropped object cannot tunnel in one timestep."""

MOST_TILTED = 0.02
"""Height of the point under an object's centre over what it lies upon, in metres: more lies upon something else."""

MINIMUM_COLOUR_DIFFERENCE = 0.40
"""Least Euclidean RGB distance (channels in [0, 1]) of two containers of a task, in their walls or their floors."""


@dataclass(frozen=True)
class ContainerFamily:
    """Ranges that the containers of one family are drawn from; lengths in metres, angles in radians."""

    sides: int
    radius: tuple[float, float]
    aspect: tuple[float, float]
    height: tuple[float, float]
    flare: tuple[float, float] = (0.0, 0.0)
    sort: str = "walled"
    """One of `SORTS`."""


SORTS = ("walled", "solid", "flat", "marked")
"""What an item is put into, upon or onto; marked ones are flat, and only their edge is drawn."""

FLAT_SORTS = ("flat", "marked")
"""What an item can be pushed onto: nothing of it is in the way."""

FLAT_HEIGHT = (0.0015, 0.0025)
"""Thickness of what is flat, in metres: seen, but no obstacle (it has no contact either)."""

MARK_WIDTH = 0.008
"""Width of the tape along the edge of a marked place, in metres: two pixels of 96."""


FAMILIES: dict[str, ContainerFamily] = {
    "bowl": ContainerFamily(10, (0.050, 0.060), (1.0, 1.0), (0.040, 0.055), (0.35, 0.55)),
    "tray": ContainerFamily(4, (0.078, 0.090), (1.0, 1.35), (0.020, 0.030), (0.0, 0.25)),
    "cup": ContainerFamily(9, (0.048, 0.054), (1.0, 1.0), (0.060, 0.075), (0.0, 0.10)),
    "plate": ContainerFamily(12, (0.058, 0.068), (1.0, 1.0), (0.014, 0.020), (0.6, 0.8)),
    "box": ContainerFamily(4, (0.070, 0.080), (1.0, 1.0), (0.045, 0.065), (0.0, 0.0)),
    "hexagonal dish": ContainerFamily(6, (0.056, 0.066), (1.0, 1.0), (0.030, 0.042), (0.1, 0.3)),
    "oval basin": ContainerFamily(12, (0.052, 0.058), (1.25, 1.45), (0.034, 0.048), (0.15, 0.3)),
    "trough": ContainerFamily(4, (0.068, 0.074), (1.5, 1.7), (0.036, 0.050), (0.2, 0.35)),
    "pan": ContainerFamily(12, (0.054, 0.064), (1.0, 1.0), (0.020, 0.030), (0.05, 0.25)),
    "basket": ContainerFamily(4, (0.070, 0.080), (1.0, 1.35), (0.045, 0.065), (0.10, 0.25)),
    "tin": ContainerFamily(12, (0.044, 0.054), (1.0, 1.0), (0.022, 0.040), sort="solid"),
    "book": ContainerFamily(4, (0.066, 0.076), (1.1, 1.4), (0.014, 0.032), sort="solid"),
    "hexagonal stand": ContainerFamily(6, (0.050, 0.058), (1.0, 1.0), (0.020, 0.036), sort="solid"),
    "oval stand": ContainerFamily(12, (0.044, 0.050), (1.2, 1.4), (0.020, 0.036), sort="solid"),
    "mat": ContainerFamily(4, (0.074, 0.086), (1.0, 1.3), FLAT_HEIGHT, sort="flat"),
    "coaster": ContainerFamily(14, (0.054, 0.064), (1.0, 1.0), FLAT_HEIGHT, sort="flat"),
    "hexagonal mat": ContainerFamily(6, (0.056, 0.066), (1.0, 1.0), FLAT_HEIGHT, sort="flat"),
    "oval mat": ContainerFamily(14, (0.052, 0.058), (1.2, 1.35), FLAT_HEIGHT, sort="flat"),
    "taped square": ContainerFamily(4, (0.074, 0.086), (1.0, 1.2), FLAT_HEIGHT, sort="marked"),
    "taped circle": ContainerFamily(14, (0.054, 0.064), (1.0, 1.0), FLAT_HEIGHT, sort="marked"),
    "taped hexagon": ContainerFamily(6, (0.056, 0.066), (1.0, 1.0), FLAT_HEIGHT, sort="marked"),
}
"""Every family, some of them of scene files alone.

`radius` is the floor polygon's circumradius across, `aspect` stretches it lengthwise.
"""

FAMILIES_OF_SPLIT: dict[str, tuple[str, ...]] = {
    "train": ("bowl", "tray", "cup", "plate", "box"),
    "validation": ("bowl", "tray", "cup", "plate", "box", "hexagonal dish", "hexagonal dish", "hexagonal dish"),
    "test": ("bowl", "tray", "cup", "plate", "box", "oval basin", "trough", "oval basin", "trough"),
}
"""Families by split; the families that training never saw are repeated so that they are drawn more often."""

TALL_FAMILIES_OF_SPLIT: dict[str, tuple[str, ...]] = {
    "train": ("bowl", "cup", "plate", "box", "tin", "book"),
    "validation": ("bowl", "cup", "plate", "box", "tin", "book", *["hexagonal dish", "hexagonal stand"] * 2),
    "test": ("bowl", "cup", "plate", "box", "tin", "book", *["oval basin", "oval stand"] * 2),
}
"""Families on the one table that an item can only be carried to, by split, likewise."""

FLAT_FAMILIES_OF_SPLIT: dict[str, tuple[str, ...]] = {
    "train": ("mat", "coaster", "taped square", "taped circle"),
    "validation": ("mat", "coaster", "taped square", "taped circle", *["hexagonal mat"] * 3),
    "test": ("mat", "coaster", "taped square", "taped circle", *["oval mat", "taped hexagon"] * 2),
}
"""Families on the one table that an item can be carried to and pushed to, by split, likewise."""


@dataclass(frozen=True)
class Container:
    """Shape and looks of a container, or of a destination without walls.

    Args:
        family: Key of `FAMILIES`.
        half_extents: Circumradii of the floor polygon along x and y, in metres.
        height: Height of the rim, or of the top, above the table, in metres.
        flare: Angle by which the walls lean outwards, in radians.
        wall_colour: RGB in [0, 1], also of the pattern and of a marked place's edge.
        floor_colour: RGB in [0, 1].
        pattern: Texture of the floor, in the wall's colour on the floor's.
        texture: File of a picture that covers the floor, seen from above; empty for none.
    """

    family: str
    half_extents: tuple[float, float]
    height: float
    flare: float
    wall_colour: Rgb
    floor_colour: Rgb
    pattern: str
    texture: str = ""

    @property
    def sort(self) -> str:
        """Return what it is, one of `SORTS`."""
        return FAMILIES[self.family].sort

    @property
    def floor_height(self) -> float:
        """Height above the table of what an item comes to lie upon, in metres."""
        return FLOOR_THICKNESS if self.sort == "walled" else self.height

    @property
    def is_flat(self) -> bool:
        """Whether an item can be pushed onto it."""
        return self.sort in FLAT_SORTS

    def polygon(self, height: float = 0.0) -> NDArray[np.float64]:
        """Return the inner outline at a height above the floor, counter-clockwise, `(sides, 2)` in metres."""
        sides = FAMILIES[self.family].sides
        angles = 2 * np.pi * (np.arange(sides) + 0.5) / sides
        outline = np.stack([self.half_extents[0] * np.cos(angles), self.half_extents[1] * np.sin(angles)], axis=1)
        following = np.roll(outline, -1, axis=0)
        apothem = float(np.min(np.linalg.norm((outline + following) / 2, axis=1)))
        return outline * (1 + height * np.tan(self.flare) / apothem)

    def reach(self) -> float:
        """Return the radius of the circle around the rim, in metres."""
        return float(np.max(np.linalg.norm(self.polygon(self.height), axis=1)))

    def contains(self, position: NDArray[np.float64], clearance: float) -> bool:
        """Tell whether an object's centre lies within the walls and its underside below the rim, or upon the top.

        Args:
            position: Centre of the object in the container's frame (origin on the table), `(3,)` in metres.
            clearance: Distance from the object's centre to its underside, in metres.
        """
        # At the height of the centre: under a wall that leans outwards is not inside.
        outline = self.polygon(float(np.clip(position[2], 0.0, self.height)))
        edges = np.roll(outline, -1, axis=0) - outline
        offsets = position[:2] - outline
        inside = np.all(edges[:, 0] * offsets[:, 1] - edges[:, 1] * offsets[:, 0] > 0)
        underside = position[2] - clearance
        if self.sort != "walled":
            return bool(inside and -0.01 < underside - self.floor_height < MOST_TILTED)
        return bool(inside and -0.01 < underside < FLOOR_THICKNESS + 0.6 * self.height)


def colour_difference(first: Container, second: Container) -> float:
    """Return the larger of the wall and floor colour distances of two containers (Euclidean RGB)."""
    walls = np.linalg.norm(np.subtract(first.wall_colour, second.wall_colour))
    floors = np.linalg.norm(np.subtract(first.floor_colour, second.floor_colour))
    return float(max(walls, floors))


def draw_container(
    split: str, rng: np.random.Generator, *, families: Mapping[str, tuple[str, ...]] = FAMILIES_OF_SPLIT
) -> Container:
    """Draw one container among those that belong to a split.

    Args:
        split: One of `task.SPLITS`.
        rng: Source of randomness.
        families: Names of families to choose from, by split.
    """
    names = list(COLOURS)
    family_name = str(rng.choice(families[split]))
    while True:
        wall, floor, pattern = str(rng.choice(names)), str(rng.choice(names)), str(rng.choice(PATTERNS))
        if split != "train" and wall == floor:
            continue  # in one colour the pattern hardly shows, and the container may look like one of training
        held_out = family_name not in families["train"]
        if held_out or split_of(f"{family_name}/{wall}/{floor}/{pattern}") == split:
            break
    family = FAMILIES[family_name]
    across = rng.uniform(*family.radius)
    return Container(
        family=family_name,
        half_extents=(across, across * rng.uniform(*family.aspect)),
        height=rng.uniform(*family.height),
        flare=rng.uniform(*family.flare),
        wall_colour=jitter_colour(wall, rng),
        floor_colour=jitter_colour(floor, rng),
        pattern=pattern,
    )


def draw_containers(split: str, count: int, rng: np.random.Generator) -> tuple[Container, ...]:
    """Draw containers of one task, each pair at least `MINIMUM_COLOUR_DIFFERENCE` apart.

    Args:
        split: One of `task.SPLITS`.
        count: How many.
        rng: Source of randomness.
    """
    chosen: list[Container] = []
    while len(chosen) < count:
        candidate = draw_container(split, rng)
        if all(colour_difference(candidate, other) >= MINIMUM_COLOUR_DIFFERENCE for other in chosen):
            chosen.append(candidate)
    return tuple(chosen)
