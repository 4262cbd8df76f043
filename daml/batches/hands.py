"""Hands as readings tell of them: where the simulator knows the hand to be, with a reader's errors."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from daml.storage.settings_check import check_least

_STEADY_SHARE = 0.5
"""Share of an error's variance that stays the same throughout a film: who pinches otherwise does so in all frames."""


@dataclass(frozen=True)
class HandErrors:
    """How far what is read of a hand is from the truth."""

    scale: float = 0.06
    """Standard deviation of each coordinate, 1 for half the picture: on real film the median distance is 3.4 of 96
    pixels."""
    missing: float = 0.12
    """Share of the frames in which it is missed; it is taken to be between where it was before and after."""
    unknown: float = 0.2
    """Share of the films of which nothing is read, so that what looks for it in the picture serves, too."""

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            ValueError: A number is negative.
        """
        check_least(self, {"scale": 0, "missing": 0, "unknown": 0})


def draw_read(hand: NDArray[np.float32], errors: HandErrors, rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw what might be read of a hand.

    Args:
        hand: Where it is in T frames, x and y in [-1, 1], `(T, 2)`; NaN where it is not in view.
        errors: How large errors are.
        rng: Source of randomness; not used where it is nowhere in view.

    Returns:
        Where it is read to be, likewise; NaN everywhere where nothing is read.
    """
    is_seen: NDArray[np.bool_] = np.all(np.isfinite(hand), axis=1)
    if not is_seen.any():
        return hand
    if rng.random() < errors.unknown:
        return np.full_like(hand, np.nan)
    steady, unsteady = np.sqrt([_STEADY_SHARE, 1 - _STEADY_SHARE])
    noise = steady * rng.normal(size=2) + unsteady * rng.normal(size=hand.shape)
    is_found = is_seen & (rng.random(len(hand)) >= errors.missing)
    if not is_found.any():
        return np.full_like(hand, np.nan)
    told = hand + errors.scale * noise
    numbers = np.arange(len(hand))
    read = np.full_like(hand, np.nan)
    for axis in range(2):
        read[is_seen, axis] = np.interp(numbers[is_seen], numbers[is_found], told[is_found, axis])
    return read
