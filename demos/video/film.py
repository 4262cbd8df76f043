"""One open file of pictures: its stream, its frames one by one, and each of them as upright RGB."""

import io
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from daml.demos.demo import Frames
from daml.demos.disk import opened_file
from daml.demos.video import orientation
from daml.demos.video.completeness import is_cut_off
from daml.demos.video.limits import Limits, Meter
from daml.demos.video.orientation import Orientation

_VIDEO_FORMATS = "apng,asf,avi,flv,gif,matroska,mov,mpeg,mpegts,ogg"
"""FFmpeg's names of the containers that are opened. Playlists are not among them: they name other files to read."""

_IMAGE_FORMATS = "bmp_pipe,jpeg_pipe,png_pipe,tiff_pipe,webp_pipe"

_SQUARE_PIXELS = ("gif", "apng")
"""Formats whose viewers show square pixels, whatever the file says."""

_MOST_STRETCHED = 4
"""Pixels are at most so many times as wide as high, or as high as wide: all formats are within; beyond is damage."""

_DEFAULT_PERIOD_S = 1 / 25
"""What FFmpeg itself assumes of a file that states neither times nor a rate."""

_TICKS_PER_S = 1_000_000
"""What FFmpeg counts the length of a file in."""


class Film:
    """The stream of pictures of an open file that a player would show.

    Args:
        container: The open file.
        path: What errors call it.
        limits: How much is read at most.
        meter: Counts what is decoded.

    Raises:
        ValueError: The file holds no pictures, none that can be decoded, or too large ones.
    """

    def __init__(self, container: InputContainer, *, path: Path, limits: Limits, meter: Meter) -> None:
        self._container = container
        self._path = path
        self._limits = limits
        self._meter = meter
        self._stream = _shown_stream(container, path=path)
        limits.check_size(self._stream.width, self._stream.height, path=path)
        average = self._stream.average_rate
        self.stated_rate_hz = float(average) if average else None
        """Average rate that the file states [Hz]."""
        rate = average or self._stream.guessed_rate
        self.period_s = 1 / float(rate) if rate else _DEFAULT_PERIOD_S
        """Time between frames on average, as far as the file tells [s]."""
        self._reformatter = VideoReformatter()  # one for the whole clip: it keeps its tables
        self._size: tuple[int, int] | None = None
        self._orientation = Orientation()

    @property
    def n_frames(self) -> int:
        """How many frames were decoded so far."""
        return self._meter.n_frames

    @property
    def stated_duration_s(self) -> float | None:
        """How long the file says that it is [s]."""
        if self._stream.duration and self._stream.time_base:
            return float(self._stream.duration * self._stream.time_base)
        return self._container.duration / _TICKS_PER_S if self._container.duration else None

    def check_stated_length(self) -> None:
        """Refuse a film that says of itself that it has too many frames, before any is decoded.

        Raises:
            ValueError: It has more frames, or more pixels in all of them, than the limits allow.
        """
        n_frames = self._stream.frames
        self._limits.check_n_frames(n_frames, path=self._path)
        self._limits.check_decoded(n_frames * self._stream.width * self._stream.height, path=self._path)

    def frames(self) -> Iterator[av.VideoFrame]:
        """Decode the frames one by one.

        Yields:
            Each frame, in the order in which they are shown.

        Raises:
            ValueError: The file is cut off, or exceeds the limits.
        """
        self._meter.begin()
        for packet in self._container.demux(self._stream):
            if packet.is_corrupt:
                raise ValueError(_cut_off(self._path, self.n_frames))
            for frame in self._stream.decode(packet):  # pyright: ignore[reportUnknownMemberType] - PyAV's packets are generic without a parameter
                self._meter.count(frame.width, frame.height)
                self._meter.pause()
                yield frame
                self._meter.begin()
        self._meter.pause()

    def stamps(self) -> list[float]:
        """List when the frames are shown, without decoding any; nothing can be decoded afterwards.

        Returns:
            Times in rising order [s], counted from the file's zero.

        Raises:
            ValueError: A frame has no time, or there are too many.
        """
        times: list[float] = []
        for packet in self._container.demux(self._stream):
            if packet.size == 0 or packet.is_discard:
                continue
            if packet.pts is None:
                raise ValueError(f"{self._path}: frame {len(times)} has no time; export the video again")
            times.append(float(packet.pts * packet.time_base))
            self._limits.check_n_frames(len(times), path=self._path)
        return sorted(times)

    def convert(self, frame: av.VideoFrame) -> Frames:
        """Turn a frame into RGB, upright and shrunk, `(H, W, 3)`; all have the size and orientation of the first."""
        if self._size is None:
            # A film whose pictures change their size or turn half-way would otherwise be no array.
            self._orientation = orientation.of_frame(frame)
            self._size = self._limits.shrunk(*_display_size(frame, self._pixel_aspect()))
        return self._orientation.apply(self._converted(frame, self._size))

    def convert_image(self, frame: av.VideoFrame, upright: Orientation) -> Frames:
        """Turn the one frame of an image into RGB, shrunk, `(H, W, 3)`; images have square pixels."""
        return upright.apply(self._converted(frame, self._limits.shrunk(frame.width, frame.height)))

    def check_complete(self) -> None:
        """Refuse a film whose end is missing; to be called when all of it was decoded.

        Raises:
            ValueError: The file ends before its container says that it does.
        """
        if is_cut_off(self._path):
            raise ValueError(_cut_off(self._path, self.n_frames))

    def _converted(self, frame: av.VideoFrame, size: tuple[int, int]) -> Frames:
        self._meter.begin()
        picture = self._reformatter.reformat(frame, *size, "rgb24", interpolation="AREA").to_ndarray()
        self._meter.pause()
        return picture.astype(np.uint8, copy=False)

    def _pixel_aspect(self) -> float:
        """Width of a pixel as a share of its height."""
        aspect = float(self._stream.sample_aspect_ratio or 1)  # None where the file does not say
        is_likely = 1 / _MOST_STRETCHED <= aspect <= _MOST_STRETCHED
        return aspect if is_likely and self._container.format.name not in _SQUARE_PIXELS else 1.0


@contextmanager
def opened_film(path: Path, *, limits: Limits) -> Generator[Film]:
    """Open a video file; the decoder's errors, then and while it is open, become one line each.

    Args:
        path: The file.
        limits: How much is read at most.

    Yields:
        The film.

    Raises:
        OSError: There is no such file, or it may not be read.
        ValueError: It is no file, no video, corrupt or cut off, or exceeds the limits.
    """
    opened_file(path).close()
    meter = Meter(limits, path=path, n_bytes=path.stat().st_size)
    # "file:" keeps FFmpeg from taking a colon in the name for a network protocol.
    with _opened(f"file:{path.resolve()}", path=path, formats=_VIDEO_FORMATS, limits=limits, meter=meter) as film:
        try:
            yield film
        except (FFmpegError, UnicodeDecodeError) as error:
            if is_cut_off(path):
                raise ValueError(_cut_off(path, film.n_frames)) from error
            raise


@contextmanager
def opened_image(content: bytes, *, path: Path, limits: Limits, meter: Meter) -> Generator[Film]:
    """Open an image as a film of one frame.

    Args:
        content: Content of the file.
        path: What errors call the file.
        limits: How much is read at most.
        meter: Counts what is decoded, of this image and of others.

    Yields:
        The film.

    Raises:
        ValueError: It is corrupt, no image, or exceeds the limits.
    """
    # Passed as bytes: FFmpeg would take a % in the name for a numbered sequence.
    with _opened(io.BytesIO(content), path=path, formats=_IMAGE_FORMATS, limits=limits, meter=meter) as film:
        yield film


@contextmanager
def _opened(source: str | io.BytesIO, *, path: Path, formats: str, limits: Limits, meter: Meter) -> Generator[Film]:
    """Open a file of one of some formats; the decoder's errors become one line each."""
    options = {"protocol_whitelist": "file", "format_whitelist": formats}
    meter.begin()
    try:
        # Titles and comments are in any encoding; they are not looked at.
        with av.open(source, "r", options=options, metadata_errors="replace") as container:
            film = Film(container, path=path, limits=limits, meter=meter)
            meter.pause()
            yield film
    except (FFmpegError, UnicodeDecodeError) as error:
        if isinstance(source, str) and is_cut_off(path):
            raise ValueError(_cut_off(path, 0)) from error
        reason = error.strerror if isinstance(error, FFmpegError) else "unreadable metadata"
        raise ValueError(
            f"{path}: could not be decoded ({reason}); the file is corrupt or no video: record or export it again"
        ) from error


def _shown_stream(container: InputContainer, *, path: Path) -> VideoStream:
    """Choose the stream that a player shows: the one that is marked as default, or the best; never the cover."""
    films = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    if not films:
        raise ValueError(f"{path}: no video stream; expected a file with pictures, not sound alone")
    decodable = [stream for stream in films if hasattr(stream, "width")]
    if not decodable:
        raise ValueError(f"{path}: no decoder for this kind of video; export it again as H.264")
    best = container.streams.best("video")
    return next((stream for stream in decodable if best is not None and stream.index == best.index), decodable[0])


def _display_size(frame: av.VideoFrame, pixel_aspect: float) -> tuple[float, float]:
    """Width and height at which a frame is shown; pixels are stretched, so that nothing is lost."""
    if pixel_aspect >= 1:
        return frame.width * pixel_aspect, frame.height
    return frame.width, frame.height / pixel_aspect


def _cut_off(path: Path, n_frames: int) -> str:
    """Say that a film is cut off, and after how much of it."""
    return f"{path}: cut off after {n_frames} frames; the file is incomplete: record or copy it again"
