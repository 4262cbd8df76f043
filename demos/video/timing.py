"""When each frame of a film is shown: what the file says, mended where that makes no sense."""

import math
from collections.abc import Iterable, Iterator
from typing import TypeVar

_Frame = TypeVar("_Frame")

_CROWD = 8
"""So many frames of one stamp are taken for hasty ones; with more of them the stamps are taken to have stopped."""


def rising_times(stated: Iterable[tuple[float | None, _Frame]], *, period_s: float) -> Iterator[tuple[float, _Frame]]:
    """Give each frame a time later than that of the one before.

    A stamp that is missing, repeated or out of order is replaced by the middle between its neighbours, so that one bad
    stamp moves one frame. Where the stamps go back by more than a period (two films in one file), the film goes on one
    period later.

    Args:
        stated: When each frame is shown [s], or None where the file does not say; and the frame.
        period_s: Time between frames where no stamps say it.

    Yields:
        The time of each frame [s], counted from the first, always rising; and the frame. Each comes once the next one
        is known.
    """
    frames = iter(stated)
    following = next(frames, None)
    now, offset = -math.inf, None
    while following is not None:
        (stamp, frame), following = following, next(frames, None)
        upcoming = None if following is None else following[0]
        if offset is None:
            now = 0.0
            offset = -(stamp if stamp is not None else upcoming - period_s if upcoming is not None else 0.0)
            yield now, frame
            continue
        time = None if stamp is None else stamp + offset
        then = None if upcoming is None else upcoming + offset
        if time is None or time <= now or (then is not None and now < then < time):
            if then is not None and then > now:
                time = (now + then) / 2
            elif time is not None and now - time < period_s:  # one of several at the same time
                time = now + period_s / _CROWD
            else:
                time = now + period_s
                offset = offset if stamp is None else time - stamp
        now = time if time > now else math.nextafter(now, math.inf)
        yield now, frame
