"""Tracks of hands over a film, independent of how they were found."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WRIST, THUMB_TIP, INDEX_TIP, MIDDLE_ROOT = 0, 4, 8, 9
"""Numbers of landmarks, in MediaPipe's order."""
FINGERTIPS = [8, 12, 16, 20]
"""Of all fingers but the thumb."""
N_LANDMARKS = 21


@dataclass(frozen=True, eq=False)
class HandTrack:
    """One hand, from where it is first seen to where it is last seen.

    Raises:
        ValueError: The arrays do not fit together, or the times do not rise.
    """

    times_s: NDArray[np.float64]
    """When it was seen [s], rising, `(n,)`."""
    landmarks: NDArray[np.float64]
    """Its landmarks, as shares of the picture's width and height, `(n, 21, 2)`."""
    rightness: float = 0.5
    """How sure it is that this is a right hand, from 0 (a left one) to 1."""

    def __post_init__(self) -> None:
        """Validate."""
        if self.landmarks.shape != (len(self.times_s), N_LANDMARKS, 2) or not len(self.times_s):
            raise ValueError(
                f"HandTrack: {len(self.times_s)} times and landmarks of shape {self.landmarks.shape}; "
                f"expected (n, {N_LANDMARKS}, 2), n at least 1"
            )
        if (np.diff(self.times_s) <= 0).any():
            raise ValueError("HandTrack.times_s: expected rising times")

    def at(self, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the landmarks at other times, `(T, 21, 2)`: in between by interpolation, not a number outside."""
        flat = self.landmarks.reshape(len(self.times_s), -1)
        columns = [np.interp(times_s, self.times_s, column, left=np.nan, right=np.nan) for column in flat.T]
        return np.stack(columns, axis=1).reshape(len(times_s), N_LANDMARKS, 2)

    def is_seen_at(self, times_s: NDArray[np.float64], *, within_s: float) -> NDArray[np.bool_]:
        """Tell at which times the hand was seen, rather than interpolated, `(T,)`."""
        after = np.searchsorted(self.times_s, times_s).clip(0, len(self.times_s) - 1)
        gaps = [np.abs(self.times_s[near] - times_s) for near in (after, np.maximum(after - 1, 0))]
        return np.minimum(*gaps) <= within_s

    @property
    def pinch_points(self) -> NDArray[np.float64]:
        """The middle between the tips of thumb and index finger, as shares, `(n, 2)`."""
        return pinch_points(self.landmarks)


@dataclass(frozen=True, eq=False)
class HandTracks:
    """All hands of a film."""

    times_s: NDArray[np.float64]
    """When hands were looked for [s], `(T,)`."""
    tracks: tuple[HandTrack, ...]


def pinch_points(landmarks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the middle between the tips of thumb and index finger, `(..., 2)`, of landmarks `(..., 21, 2)`."""
    return (landmarks[..., THUMB_TIP, :] + landmarks[..., INDEX_TIP, :]) / 2
