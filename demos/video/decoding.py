"""One file decoded, picture by picture, into upright RGB, within limits."""

import io
import math
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.video.reformatter import VideoReformatter

from daml.demos.demo import MIN_FRAMES, Frames
from daml.demos.video.thinning import DEFAULT_RATE_HZ, ThinnedClip

_VIDEO_FORMATS = "apng,asf,avi,flv,gif,matroska,mov,mpeg,mpegts,ogg"
"""FFmpeg's names of the containers that are opened. Playlists are not among them: they name other files to read."""

_IMAGE_FORMATS = "bmp_pipe,jpeg_pipe,png_pipe,tiff_pipe,webp_pipe"

_MAX_DURATION_S = 3600.0
"""Longer videos show no one demonstration; mostly, their time stamps are broken."""

_ROUNDING_S = 1e-3
"""Containers round the times of frames to this."""


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
            if time >= stretch.start_s - _ROUNDING_S and kept.wants(time, number):
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
