"""Where things are at the start of an episode: drawn apart from each other, from the episode's seed."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

START_REGION = ((0.38, -0.16, 0.21), (0.50, 0.16, 0.28))
"""Corners of the box that the gripper starts in, in metres: where the arm hides no object from the camera."""

START_CLEARANCE = 0.04
"""Gap between the gripper's start and every rim, in metres: letting go at once puts the item in no container."""

_START_CANDIDATES = 64
"""Starts that are drawn; where none is clear of all containers, the one with the widest gap is taken."""

_TRIES = 40
"""Places that are drawn for one thing before all others are moved as well."""

MOST_ROUNDS = 2000
"""Times that places are drawn for all things anew before there counts as no room: forty times what tasks ever need."""

Rectangle = tuple[tuple[float, float], tuple[float, float]]
"""Two opposite corners on the table, in metres."""


def _nowhere() -> NDArray[np.float64]:
    return np.zeros((0, 2))


def _unturned() -> NDArray[np.float64]:
    return np.zeros(0)


@dataclass(frozen=True)
class Layout:
    """Where things are at the start of an episode.

    Args:
        gripper: Position of the point between the fingertips, `(3,)`, in metres.
        item_positions: Item centres on the table, `(n, 2)`, in metres.
        item_yaws: Turns of the items about the vertical, `(n,)`, in radians.
        container_positions: Container centres on the table, `(m, 2)`, in metres.
        container_yaws: Turns of the containers, `(m,)`, in radians.
        zone_position: Middle of the goal zone, `(2,)`, in metres; the origin where there is none.
        zone_yaw: Turn of the goal zone, in radians.
    """

    gripper: NDArray[np.float64]
    item_positions: NDArray[np.float64] = field(default_factory=_nowhere)
    item_yaws: NDArray[np.float64] = field(default_factory=_unturned)
    container_positions: NDArray[np.float64] = field(default_factory=_nowhere)
    container_yaws: NDArray[np.float64] = field(default_factory=_unturned)
    zone_position: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))
    zone_yaw: float = 0.0


def scatter(regions: Sequence[Rectangle], gaps: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw places, apart from each other.

    Args:
        regions: Rectangle that each thing is centred in.
        gaps: Least distance between the centres of each two things, `(n, n)`, in metres.
        rng: Source of randomness.

    Returns:
        Places, `(n, 2)`, in metres.

    Raises:
        ValueError: There is no room for all things so far apart, or hardly any.
    """
    for _ in range(MOST_ROUNDS):
        places: list[NDArray[np.float64]] = []
        for number, region in enumerate(regions):
            candidates = rng.uniform(*region, size=(_TRIES, 2))
            others = np.array(places).reshape(-1, 2)
            distances = np.linalg.norm(candidates[:, None] - others, axis=2)  # (tries, placed)
            clear = np.flatnonzero((distances >= gaps[number, : len(places)]).all(axis=1))
            if not len(clear):
                break
            places.append(candidates[clear[0]])
        else:
            return np.stack(places)
    raise ValueError(f"the table has no room for {len(regions)} things this large; take fewer or smaller ones")


def draw_start(
    positions: NDArray[np.float64], reaches: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draw where the gripper starts: not over a container.

    Args:
        positions: Container centres, `(m, 2)`, in metres.
        reaches: Radii of the circles around their rims, `(m,)`, in metres.
        rng: Source of randomness.

    Returns:
        Position of the point between the fingertips, `(3,)`, in metres.
    """
    candidates = rng.uniform(*START_REGION, size=(_START_CANDIDATES, 3))
    distances = np.linalg.norm(candidates[:, None, :2] - positions, axis=2)  # (candidates, containers)
    gaps = (distances - reaches).min(axis=1, initial=np.inf)
    clear = np.flatnonzero(gaps >= START_CLEARANCE)
    return candidates[clear[0] if len(clear) else int(np.argmax(gaps))]
