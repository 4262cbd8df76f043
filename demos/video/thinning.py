"""Pictures kept from a stream at bounded memory, and put on an even time grid."""

import math
from bisect import bisect_right

import numpy as np

from daml.demos.demo import MIN_FRAMES, Frames

LATE = 0.25
"""A frame stamped this part of the usual period late still counts as on time: webm and mkv round to milliseconds."""

_GAPS = 0.8
"""An average rate below this share of the usual one tells of pauses without frames, as in the films of a screen."""


class ThinnedClip:
    """Pictures of a stream of unknown length: whenever they outgrow the memory, every second one is let go.

    Args:
        max_bytes: Memory that the pictures may take.
        max_rate_hz: Pictures wanted per second of the stream at most; infinity for all of them.
    """

    def __init__(self, *, max_bytes: int, max_rate_hz: float) -> None:
        self.times: list[float] = []
        """When each is shown [s]."""
        self.numbers: list[int] = []
        """Its number in the stream, from 0."""
        self.stride = 1
        """Every how many wanted pictures one is kept; above 1 the memory was too small for all of them."""
        self._max_bytes = max_bytes
        self._max_rate_hz = max_rate_hz
        self._slots: list[int] = []
        # Reserved as a whole: memory that is never written to is never taken. The first place is for `begin_with`.
        self._buffer = np.empty((1, 0, 0, 3), np.uint8)
        self._begun_s: float | None = None

    @property
    def frames(self) -> Frames:
        """The pictures kept so far, RGB, `(T, H, W, 3)`."""
        return self._buffer[1 : 1 + len(self.times)]

    @property
    def n_pictures(self) -> int:
        """How many pictures there are, with the one that was shown when the clip began."""
        return len(self.times) + (self._begun_s is not None)

    def wants(self, time: float, number: int) -> bool:
        """Tell whether a picture is to be added: at a high rate most need not even be converted.

        Args:
            time: When it is shown [s].
            number: Its number in the stream, from 0.

        Returns:
            Whether enough time has gone by since the last one kept.
        """
        return not self._slots or self._slot(time, number) - self._slots[-1] >= self.stride

    def add(self, picture: Frames, *, time: float, number: int) -> None:
        """Keep a picture.

        Args:
            picture: RGB, `(H, W, 3)`, of the size of the first.
            time: When it is shown [s]; later than the one before.
            number: Its number in the stream, from 0.
        """
        self._reserve(picture)
        if len(self.times) == len(self._buffer) - 1:
            for place, kept in enumerate(range(0, len(self.times), 2), start=1):
                self._buffer[place] = self._buffer[1 + kept]
            for numbers in (self._slots, self.times, self.numbers):
                del numbers[1::2]
            self.stride *= 2
            if not self.wants(time, number):
                return
        self._buffer[1 + len(self.times)] = picture
        self._slots.append(self._slot(time, number))
        self.times.append(time)
        self.numbers.append(number)

    def begin_with(self, picture: Frames, *, time: float) -> None:
        """Tell what was shown when the clip began; it is kept if the next picture came more than a period later.

        Args:
            picture: RGB, `(H, W, 3)`.
            time: When the clip began [s]; earlier than any picture to be added.
        """
        self._reserve(picture)
        self._buffer[0] = picture
        self._begun_s = time

    def gathered(self, *, until: float = -math.inf) -> tuple[Frames, float]:
        """Put the pictures on an even time grid: each slot shows the last one seen by then.

        Args:
            until: How long the last picture is shown at least [s].

        Returns:
            Frames, `(T, H, W, 3)`, and the grid's rate [Hz].
        """
        times, frames = np.array(self.times), self.frames
        begins_in_pause = self._begun_s is not None and (
            len(times) < MIN_FRAMES or times[0] - self._begun_s > float(np.median(np.diff(times)))
        )
        if self._begun_s is not None and begins_in_pause:
            times, frames = np.append(self._begun_s, times), self._buffer[: 1 + len(self.times)]
        slots, rate_hz = even_grid(times, max_rate_hz=self._max_rate_hz, max_slots=len(self._buffer) - 1, until=until)
        return frames if slots == list(range(len(times))) else frames[slots], rate_hz

    def _reserve(self, picture: Frames) -> None:
        """Reserve memory for pictures of one size."""
        if not self.n_pictures:
            n_places = 1 + max(MIN_FRAMES, self._max_bytes // picture.nbytes)
            self._buffer = np.empty((n_places, *picture.shape), np.uint8)

    def _slot(self, time: float, number: int) -> int:
        """Count the wanted pictures up to a time; the first is at 0."""
        if math.isinf(self._max_rate_hz):
            return number
        return math.floor((time - (self.times[0] if self.times else time)) * self._max_rate_hz + LATE)


def even_grid(
    times: np.ndarray, *, max_rate_hz: float, max_slots: int, until: float = -math.inf
) -> tuple[list[int], float]:
    """Choose for each slot of an even time grid the last frame seen by then.

    The grid has the frames' average rate; where there are pauses without frames, the usual rate between pauses, so
    that what happened between them is not lost.

    Args:
        times: Time of each frame [s], rising, at least 2.
        max_rate_hz: Highest rate of the grid.
        max_slots: Largest number of slots.
        until: How long the last frame is shown at least [s].

    Returns:
        The index of the frame in each slot, never falling; and the grid's rate [Hz].
    """
    duration = float(times[-1] - times[0])
    usual_period = float(np.median(np.diff(times)))
    average_hz = (len(times) - 1) / duration
    natural_hz = average_hz if average_hz > _GAPS / usual_period else 1 / usual_period
    duration = max(duration, until - float(times[0]))
    rate_hz = min(natural_hz, max_rate_hz, (max_slots - 1) / duration)
    n_slots = max(MIN_FRAMES, math.floor(duration * rate_hz + LATE) + 1)
    seen_by = [float(times[0]) + slot / rate_hz + LATE * min(usual_period, 1 / rate_hz) for slot in range(n_slots)]
    return [bisect_right(times, time) - 1 for time in seen_by], rate_hz
