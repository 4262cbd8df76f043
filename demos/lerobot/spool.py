"""Frames of a film that holds many episodes, waiting on the disk until their task is written."""

import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from daml.demos.demo import Frames
from daml.demos.disk import naming
from daml.demos.resizing import Fit, fitted
from daml.demos.video.film import opened_film
from daml.demos.video.limits import Limits
from daml.demos.video.video_file import MAX_PIXELS, MAX_SIDE

LIMITS = Limits(
    max_frames=10_000_000,
    max_pixels=MAX_PIXELS,
    max_side=MAX_SIDE,
    max_bytes=0,
    max_decoded=10_000_000_000_000,
    max_seconds=600.0,
)
"""A file holds many episodes, which are read one after another: five hours of 640 x 480 at 30 Hz, and more."""


class Spool:
    """A nameless file for the small frames of one film: the operating system removes it however the process ends.

    Args:
        folder: Where on the disk it takes room.
        size: Height and width of the frames.
        fit: How they are brought to the aspect ratio.
    """

    def __init__(self, folder: Path, *, size: tuple[int, int], fit: Fit) -> None:
        self._folder = folder
        self._size = size
        self._fit: Fit = fit
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by __exit__
        self._places: dict[int, tuple[int, int]] = {}

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file: its room is free once no frames of it are in use."""
        with suppress(OSError):  # on a full disk, once more: `fill` has said so
            self._file.close()

    def fill(self, video: Path, spans: Mapping[int, tuple[int, int]]) -> None:
        """Decode a film once, and keep what is wanted of it.

        Args:
            video: The film.
            spans: For each part wanted, by a number of its own: its first frame, and the one after its last.

        Raises:
            OSError: The disk does not take the frames.
            ValueError: The film is corrupt, exceeds the limits, or has too few frames.
        """
        end = max((last for _, last in spans.values()), default=0)
        is_wanted = np.zeros(end + 1, np.bool_)
        for first, last in spans.values():
            is_wanted[first:last] = True
        kept_before = np.cumsum(is_wanted) - is_wanted
        self._places = {
            number: (int(kept_before[first]), int(kept_before[last - 1]) + 1) for number, (first, last) in spans.items()
        }
        n_found = 0
        with opened_film(video, limits=LIMITS) as film:
            for frame in film.frames():
                if n_found == end:
                    break
                if is_wanted[n_found]:
                    picture = fitted(film.convert(frame)[None], *self._size, fit=self._fit)
                    with naming(self._folder):
                        self._file.write(picture.tobytes())
                n_found += 1
        with naming(self._folder):
            self._file.flush()
        if n_found < end:
            raise ValueError(f"{video}: {n_found} frames could be decoded, but its episodes need {end}; copy it again")

    def take(self, number: int) -> Frames:
        """Return the frames of a part, `(T, H, W, 3)`, and let go of the file with the last of them.

        Args:
            number: That of the part; it can be taken once.
        """
        first, last = self._places.pop(number)
        shape = (last - first, *self._size, 3)
        n_bytes = self._size[0] * self._size[1] * 3
        frames = np.memmap(self._file, np.uint8, "r", offset=first * n_bytes, shape=shape)
        if not self._places:
            self._file.close()
        return frames
