"""How much of a video is read: which stretch of it is wanted, and where reading ends whatever the file holds."""

import math
import time
from dataclasses import dataclass
from pathlib import Path

_SECONDS_PER_BYTE = 1e-6
"""Computing time allowed for each byte of a file. The film of a camera takes a fifth of that: 4K in HEVC decodes in
about a second per 5 MB. A picture that is said to repeat ten thousand times takes no bytes at all."""


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
    max_decoded: int = 100_000_000_000
    """Pixels of all frames decoded: 200 s of 4K at 60 frames per second."""
    max_seconds: float = 15.0
    """Computing time, besides what the size of the file allows for."""

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

    def check_decoded(self, n_pixels: int, *, path: Path) -> None:
        """Refuse pictures that are too large for how many there are."""
        if n_pixels > self.max_decoded:
            raise ValueError(
                f"{path}: more than {self.max_decoded:,} pixels in all frames together; trim it to the demonstration, "
                "or export it smaller"
            )

    def shrunk(self, width: float, height: float) -> tuple[int, int]:
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


class Meter:
    """Counts what is decoded of a file, and stops once it exceeds the limits.

    Args:
        limits: How much is read at most.
        path: What errors call the file.
        n_bytes: Size of the file.
    """

    def __init__(self, limits: Limits, *, path: Path, n_bytes: int) -> None:
        self.n_frames = 0
        """Frames decoded so far."""
        self._limits = limits
        self._path = path
        self._n_pixels = 0
        self._max_seconds = limits.max_seconds + n_bytes * _SECONDS_PER_BYTE
        self._spent_s = 0.0
        self._begun_s: float | None = None

    def count(self, width: int, height: int) -> None:
        """Count one more frame.

        Args:
            width: Width as stored, in pixels.
            height: Height as stored, in pixels.

        Raises:
            ValueError: There are too many frames, this one is too large, or decoding takes too long.
        """
        self.n_frames += 1
        self._n_pixels += width * height
        self._limits.check_n_frames(self.n_frames, path=self._path)
        self._limits.check_size(width, height, path=self._path)
        self._limits.check_decoded(self._n_pixels, path=self._path)
        if self._seconds() > self._max_seconds:
            raise ValueError(
                f"{self._path}: not decoded within {self._max_seconds:.0f} s of computing, after {self.n_frames} "
                "frames; trim it to the demonstration, or export it smaller"
            )

    def begin(self) -> None:
        """Count computing time from now on: not that of the wall, since a busy machine is no film's fault."""
        self._begun_s = time.process_time()

    def pause(self) -> None:
        """Count no time until `begin`: what somebody does with a picture may take as long as it likes."""
        self._spent_s, self._begun_s = self._seconds(), None

    def _seconds(self) -> float:
        """Computing time so far."""
        return self._spent_s + (0.0 if self._begun_s is None else time.process_time() - self._begun_s)
