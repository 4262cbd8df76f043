"""Which part of a film is read, and how much of it at most."""

import math
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much of a video is read at most."""

    max_frames: int
    """Frames decoded, whether kept or not: a bound on the time that it takes."""
    max_pixels: int
    """Height times width, as stored."""
    max_side: int
    """Longer sides are shrunk to this."""
    max_bytes: int
    """Memory of the pictures kept; a longer video is thinned evenly."""

    def check_n_frames(self, n_frames: int, *, path: Path) -> None:
        """Refuse a video that is too long."""
        if n_frames > self.max_frames:
            raise ValueError(f"{path}: more than {self.max_frames} frames; trim it to the demonstration")

    def check_size(self, width: int, height: int, *, path: Path) -> None:
        """Refuse a picture that is too large."""
        if width * height > self.max_pixels:
            raise ValueError(
                f"{path}: {width} x {height} px, but at most {self.max_pixels:,} pixels; export it smaller"
            )

    def shrunk(self, width: int, height: int) -> tuple[int, int]:
        """Width and height with the same aspect ratio whose longer side is at most `max_side`."""
        scale = min(1.0, self.max_side / max(width, height))
        return max(1, round(width * scale)), max(1, round(height * scale))


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Which part of a video is wanted, and how densely.

    Raises:
        ValueError: The times or the rate are impossible.
    """

    start_s: float = 0.0
    """Time of the first frame wanted [s], counted from the video's first."""
    end_s: float = math.inf
    """Time of the last frame wanted [s]."""
    max_rate_hz: float = math.inf
    """Frames per second wanted at most."""

    def __post_init__(self) -> None:
        """Validate."""
        if not 0 <= self.start_s < self.end_s:  # neither is NaN
            raise ValueError(
                f"from {self.start_s} s to {self.end_s} s: expected a start of at least 0 s and an end after it"
            )
        if not self.max_rate_hz > 0:
            raise ValueError(f"max_rate_hz: expected a positive number of frames per second, got {self.max_rate_hz}")
