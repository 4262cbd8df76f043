"""One file decoded, picture by picture, into upright RGB, within limits."""

import io
import math
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.video.reformatter import VideoReformatter

from daml.demos.demo import MIN_FRAMES, Frames
from daml.demos.video.limits import Limits, Stretch
from daml.demos.video.thinning import DEFAULT_RATE_HZ, ThinnedClip

_VIDEO_FORMATS = "apng,asf,avi,flv,gif,matroska,mov,mpeg,mpegts,ogg"
"""FFmpeg's names of the containers that are opened. Playlists are not among them: they name other files to read."""

_IMAGE_FORMATS = "bmp_pipe,jpeg_pipe,png_pipe,tiff_pipe,webp_pipe"

_MAX_DURATION_S = 3600.0
"""Longer videos show no one demonstration; mostly, their time stamps are broken."""

_FFMPEG_TICKS_PER_S = 1_000_000
"""What FFmpeg counts the length of a file in."""

_EARLY = 0.05
"""A frame stamped this part of the wanted period early still counts as on time."""

_ROUNDING_S = 1e-3
"""Containers round the times of frames to this."""


def decode_video(path: Path, *, limits: Limits, stretch: Stretch) -> tuple[Frames, float]:
    """Decode a stretch of a video file, without ever holding more than the limits allow.

    Args:
        path: The file.
        limits: How much is read at most.
        stretch: What is wanted of it.

    Returns:
        Frames, `(T, H, W, 3)`, upright and shrunk, on an even time grid; and its rate [Hz].

    Raises:
        ValueError: The file is corrupt, incomplete, holds fewer than 2 frames there, or exceeds the limits.
    """
    kept = ThinnedClip(max_bytes=limits.max_bytes, max_rate_hz=stretch.max_rate_hz)
    clock = _Clock()
    pictures = _Pictures(limits)
    # "file:" keeps FFmpeg from taking a colon in the name for a network protocol.
    with _opened(f"file:{path.resolve()}", path=path, formats=_VIDEO_FORMATS, limits=limits) as container:
        stream = container.streams.video[0]
        rate = stream.average_rate or stream.guessed_rate
        for number, time, frame in _frames_of(container, clock, path=path, limits=limits, stretch=stretch):
            if kept.wants(time, number):
                kept.add(pictures.convert(frame), time=time, number=number)
    if len(kept.times) < MIN_FRAMES:
        where = (
            ""
            if stretch.start_s == 0 and math.isinf(stretch.end_s)
            else (f" between {stretch.start_s:g} s and {min(stretch.end_s, clock.now_s):g} s of {clock.now_s:.2f} s")
        )
        raise ValueError(
            f"{path}: {len(kept.times)} frame(s){where}, but at least {MIN_FRAMES} are needed; record a longer video"
        )
    return kept.gathered(declared_rate_hz=float(rate) if rate else None, times_hold=clock.holds)


def stream_video(path: Path, *, limits: Limits) -> Iterator[tuple[float, Frames]]:
    """Decode a video file frame by frame.

    Args:
        path: The file.
        limits: How large its pictures may be, and how many there are; nothing is kept.

    Yields:
        When each frame is shown [s], counted from the file's zero, and its picture, RGB `(H, W, 3)`.

    Raises:
        ValueError: The file is corrupt, incomplete, states no times, or exceeds the limits.
    """
    pictures = _Pictures(limits)
    with _opened(f"file:{path.resolve()}", path=path, formats=_VIDEO_FORMATS, limits=limits) as container:
        for number, frame in enumerate(_decoded(container, path=path)):
            limits.check_n_frames(number + 1, path=path)
            limits.check_size(frame.width, frame.height, path=path)
            if frame.pts is None:
                raise ValueError(f"{path}: frame {number} has no time; export the video again")
            yield float(frame.time), pictures.convert(frame)


def stream_stretch(path: Path, *, limits: Limits, stretch: Stretch) -> Iterator[tuple[float, Frames]]:
    """Decode a stretch of a video file picture by picture; what is not wanted is not even converted.

    Args:
        path: The file.
        limits: How large its pictures may be, and how many there are; nothing is kept.
        stretch: What is wanted of it.

    Yields:
        When each picture is shown [s], counted from the first of the file, and the picture, RGB `(H, W, 3)`.

    Raises:
        ValueError: The file is corrupt, incomplete, or exceeds the limits.
    """
    clock = _Clock()
    pictures = _Pictures(limits)
    last = -1
    with _opened(f"file:{path.resolve()}", path=path, formats=_VIDEO_FORMATS, limits=limits) as container:
        for number, time, frame in _frames_of(container, clock, path=path, limits=limits, stretch=stretch):
            slot = number
            if not math.isinf(stretch.max_rate_hz):
                slot = math.floor((time - stretch.start_s) * stretch.max_rate_hz + _EARLY)
            if slot > last:
                last = slot
                yield time, pictures.convert(frame)


def stated_timing(path: Path, *, limits: Limits) -> tuple[float | None, float | None]:
    """Return how long a video file says that it is [s], and its average rate [Hz]; None for what it does not say.

    Raises:
        ValueError: The file is corrupt or no video.
    """
    with _opened(f"file:{path.resolve()}", path=path, formats=_VIDEO_FORMATS, limits=limits) as container:
        stream = container.streams.video[0]
        stated = [
            float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0,
            container.duration / _FFMPEG_TICKS_PER_S if container.duration else 0.0,
        ]
        duration_s = next((duration for duration in stated if 0 < duration <= _MAX_DURATION_S), None)
        return duration_s, float(stream.average_rate) if stream.average_rate else None


def decode_image(content: bytes, *, path: Path, limits: Limits) -> Frames:
    """Decode an image.

    Args:
        content: Content of the file.
        path: What errors call the file.
        limits: How much is read at most.

    Returns:
        RGB, `(H, W, 3)`, upright and shrunk.

    Raises:
        ValueError: The file is corrupt, no image, or exceeds the limits.
    """
    # Passed as bytes: FFmpeg would take a % in the name for a numbered sequence.
    with _opened(io.BytesIO(content), path=path, formats=_IMAGE_FORMATS, limits=limits) as container:
        for frame in _decoded(container, path=path):
            limits.check_size(frame.width, frame.height, path=path)
            return _Pictures(limits).convert(frame)
    raise ValueError(f"{path}: no picture in the file; export it again")


def _frames_of(
    container: InputContainer, clock: "_Clock", *, path: Path, limits: Limits, stretch: Stretch
) -> Iterator[tuple[int, float, av.VideoFrame]]:
    """Decode the frames of a stretch one by one, each with its number in the file and its time [s]."""
    stream = container.streams.video[0]
    rate = stream.average_rate or stream.guessed_rate
    clock.period_s = 1 / float(rate) if rate else 1 / DEFAULT_RATE_HZ
    if math.isinf(stretch.end_s):
        limits.check_n_frames(stream.frames, path=path)
    for number, frame in enumerate(_decoded(container, path=path)):
        limits.check_n_frames(number + 1, path=path)
        limits.check_size(frame.width, frame.height, path=path)
        time = clock.tell(frame.time if frame.pts is not None else None)
        if time > _MAX_DURATION_S:
            raise ValueError(
                f"{path}: a frame at {time:.0f} s, but at most {_MAX_DURATION_S:.0f} s are read; its time stamps "
                "are broken, or it is to be trimmed to the demonstration"
            )
        if time > stretch.end_s + _ROUNDING_S:
            break
        if time >= stretch.start_s - _ROUNDING_S:
            yield number, time, frame


class _Clock:
    """Tells the time of each frame from what the file says, and keeps count where that makes no sense."""

    def __init__(self) -> None:
        self.period_s = 1 / DEFAULT_RATE_HZ
        self.holds = True
        """Whether every time so far was later than the one before."""
        self.now_s = 0.0
        """Time of the last frame [s]; that of the first is 0."""
        self._first_s: float | None = None
        self._is_first = True

    def tell(self, stated_s: float | None) -> float:
        """Return the time of the next frame [s], counted from the first."""
        if self._is_first:
            self._is_first, self._first_s, self.holds = False, stated_s, stated_s is not None
            return self.now_s
        told_s = None if stated_s is None or self._first_s is None else stated_s - self._first_s
        self.holds = self.holds and told_s is not None and told_s > self.now_s
        self.now_s = told_s if self.holds and told_s is not None else self.now_s + self.period_s
        return self.now_s


class _Pictures:
    """Turns decoded frames upright and shrinks them, all to the size of the first."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._reformatter = VideoReformatter()  # one for the whole clip: it keeps its tables
        self._size: tuple[int, int] | None = None
        self._rotation = 0

    def convert(self, frame: av.VideoFrame) -> Frames:
        """Convert a frame to RGB, `(H, W, 3)`."""
        if self._size is None:
            # A film whose pictures change their size or turn half-way would otherwise be no array.
            self._size, self._rotation = self._limits.shrunk(frame.width, frame.height), frame.rotation
        picture = self._reformatter.reformat(frame, *self._size, "rgb24", interpolation="AREA").to_ndarray()
        # The display matrix's angle is counter-clockwise [degrees]; to the nearest quarter turn.
        return np.rot90(picture.astype(np.uint8, copy=False), round(self._rotation / 90))


@contextmanager
def _opened(source: str | io.BytesIO, *, path: Path, formats: str, limits: Limits) -> Generator[InputContainer]:
    """Open a file that has a video stream of a bearable size; the decoder's errors become one line each."""
    options = {"protocol_whitelist": "file", "format_whitelist": formats}
    with _ffmpeg_errors(path), av.open(source, "r", options=options) as container:
        if not container.streams.video:
            raise ValueError(f"{path}: no video stream; expected a file with pictures, not sound alone")
        stream = container.streams.video[0]
        if not hasattr(stream, "width"):
            raise ValueError(f"{path}: no decoder for this kind of video; export it again as H.264")
        limits.check_size(stream.width, stream.height, path=path)
        yield container


def _decoded(container: InputContainer, *, path: Path) -> Iterator[av.VideoFrame]:
    """Decode the frames of the first video stream one by one."""
    stream = container.streams.video[0]
    n_frames = 0
    for packet in container.demux(stream):
        if packet.is_corrupt:
            raise ValueError(
                f"{path}: cut off after {n_frames} frames; the file is incomplete: record or copy it again"
            )
        for frame in stream.decode(packet):  # pyright: ignore[reportUnknownMemberType] - PyAV's packets are generic without a parameter
            n_frames += 1
            yield frame


@contextmanager
def _ffmpeg_errors(path: Path) -> Generator[None]:
    """Translate the decoder's own errors into one line that names the file."""
    try:
        yield
    except (FFmpegError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, FFmpegError) else "unreadable metadata"
        raise ValueError(
            f"{path}: could not be decoded ({reason}); the file is corrupt or no video: record or export it again"
        ) from error
