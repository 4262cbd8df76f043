"""Files decoded into upright RGB within limits: a stretch of a film on an even time grid, all its frames, an image."""

import math
from collections.abc import Iterator
from pathlib import Path

import av

from daml.demos.demo import MIN_FRAMES, Frames
from daml.demos.video import orientation
from daml.demos.video.film import Film, opened_film, opened_image
from daml.demos.video.limits import Limits, Meter, Stretch
from daml.demos.video.thinning import LATE, ThinnedClip
from daml.demos.video.timing import rising_times

_MAX_DURATION_S = 3600.0
"""Longer videos show no one demonstration; mostly, their time stamps are broken."""

_ROUNDING_S = 1e-3
"""Containers round the times of frames to this."""


def decode_video(path: Path, *, limits: Limits, stretch: Stretch) -> tuple[Frames, float]:
    """Decode a stretch of a video file, without ever holding more than the limits allow.

    Where the stretch begins or ends in a pause, it begins with the picture shown then, and lasts until its end.

    Args:
        path: The file.
        limits: How much is read at most.
        stretch: What is wanted of it.

    Returns:
        Frames, `(T, H, W, 3)`, upright and shrunk, on an even time grid; and its rate [Hz].

    Raises:
        OSError: There is no such file, or it may not be read.
        ValueError: The file is corrupt, incomplete, holds fewer than 2 frames there, or exceeds the limits.
    """
    kept = ThinnedClip(max_bytes=limits.max_bytes, max_rate_hz=stretch.max_rate_hz)
    time, until = 0.0, -math.inf
    shown_before: av.VideoFrame | None = None
    with opened_film(path, limits=limits) as film:
        for number, time, frame in _until_past(stretch, film, path=path):
            if time > stretch.end_s + _ROUNDING_S:
                until = stretch.end_s
            elif time < stretch.start_s - _ROUNDING_S:
                shown_before = frame
            elif kept.wants(time, number):
                if shown_before is not None and time > stretch.start_s + _ROUNDING_S:
                    kept.begin_with(film.convert(shown_before), time=stretch.start_s)
                shown_before = None
                kept.add(film.convert(frame), time=time, number=number)
    if kept.n_pictures < MIN_FRAMES:
        where = (
            ""
            if stretch.start_s == 0 and math.isinf(stretch.end_s)
            else (f" between {stretch.start_s:g} s and {min(stretch.end_s, time):g} s of {time:.2f} s")
        )
        raise ValueError(
            f"{path}: {kept.n_pictures} frame(s){where}, but at least {MIN_FRAMES} are needed; record a longer video"
        )
    return kept.gathered(until=until)


def stream_video(path: Path, *, limits: Limits) -> Iterator[tuple[float, Frames]]:
    """Decode all frames of a video file one by one: none is left out, none repeated.

    Args:
        path: The file.
        limits: How large its pictures may be, and how many there are; nothing is kept.

    Yields:
        When each frame is shown [s], counted from the first; and its picture, RGB `(H, W, 3)`, upright and shrunk.

    Raises:
        OSError: There is no such file, or it may not be read.
        ValueError: The file is corrupt, incomplete, or exceeds the limits.
    """
    with opened_film(path, limits=limits) as film:
        film.check_stated_length()
        for time, frame in _timed(film):
            yield time, film.convert(frame)
        film.check_complete()


def stream_stretch(path: Path, *, limits: Limits, stretch: Stretch) -> Iterator[tuple[float, Frames]]:
    """Decode a stretch of a video file picture by picture; what is not wanted is not even converted.

    Args:
        path: The file.
        limits: How large its pictures may be, and how many there are; nothing is kept.
        stretch: What is wanted of it; where it begins in a pause, the picture shown then comes first.

    Yields:
        When each picture is shown [s], counted from the first of the file, and the picture, RGB `(H, W, 3)`.

    Raises:
        OSError: There is no such file, or it may not be read.
        ValueError: The file is corrupt, incomplete, or exceeds the limits.
    """
    last_slot = -1
    shown_before: av.VideoFrame | None = None
    with opened_film(path, limits=limits) as film:
        for number, time, frame in _until_past(stretch, film, path=path):
            if time > stretch.end_s + _ROUNDING_S:
                return
            if time < stretch.start_s - _ROUNDING_S:
                shown_before = frame
                continue
            if shown_before is not None and time > stretch.start_s + film.period_s:
                last_slot = 0
                yield stretch.start_s, film.convert(shown_before)
            shown_before = None
            slot = number
            if not math.isinf(stretch.max_rate_hz):
                slot = math.floor((time - stretch.start_s) * stretch.max_rate_hz + LATE)
            if slot > last_slot:
                last_slot = slot
                yield time, film.convert(frame)


def stated_timing(path: Path, *, limits: Limits) -> tuple[float | None, float | None]:
    """Tell what a video file says of its length and rate, without decoding it.

    Args:
        path: The file.
        limits: How large its pictures may be.

    Returns:
        Its length [s] and its average rate [Hz]; None for what it does not say.

    Raises:
        OSError: There is no such file, or it may not be read.
        ValueError: The file is corrupt or no video.
    """
    with opened_film(path, limits=limits) as film:
        duration_s = film.stated_duration_s
        is_bearable = duration_s is not None and 0 < duration_s <= _MAX_DURATION_S
        return duration_s if is_bearable else None, film.stated_rate_hz


def decode_image(content: bytes, *, path: Path, limits: Limits, meter: Meter) -> Frames:
    """Decode an image.

    Args:
        content: Content of the file.
        path: What errors call the file.
        limits: How much is read at most.
        meter: Counts what is decoded, of this image and of others.

    Returns:
        RGB, `(H, W, 3)`, upright and shrunk.

    Raises:
        ValueError: The file is corrupt, no image, or exceeds the limits.
    """
    with opened_image(content, path=path, limits=limits, meter=meter) as film:
        for frame in film.frames():
            return film.convert_image(frame, orientation.of_image(content))
    raise ValueError(f"{path}: no picture in the file; export it again")


def _timed(film: Film) -> Iterator[tuple[float, av.VideoFrame]]:
    """Decode a film's frames, each with its time [s], counted from the first and always rising."""
    stated = ((frame.time if frame.pts is not None else None, frame) for frame in film.frames())
    return rising_times(stated, period_s=film.period_s)


def _until_past(stretch: Stretch, film: Film, *, path: Path) -> Iterator[tuple[int, float, av.VideoFrame]]:
    """Decode a film's frames up to the first one after a stretch: its number, its time [s], and the frame."""
    if math.isinf(stretch.end_s):
        film.check_stated_length()
    for number, (time, frame) in enumerate(_timed(film)):
        if time > _MAX_DURATION_S:
            raise ValueError(
                f"{path}: a frame at {time:.0f} s, but at most {_MAX_DURATION_S:.0f} s are read; its time stamps "
                "are broken, or it is to be trimmed to the demonstration"
            )
        yield number, time, frame
        if time > stretch.end_s + _ROUNDING_S:
            return
    film.check_complete()
