"""One file decoded into upright RGB pictures, within limits."""

import io
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.error import FFmpegError
from av.video.reformatter import VideoReformatter

from demos.demo import Frames


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much of a video is read at most."""

    max_frames: int
    max_pixels: int
    """Height times width, as stored."""
    max_side: int
    """Longer sides are shrunk to this."""

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
class Decoded:
    """The pictures of one file."""

    frames: list[Frames]
    """RGB, `(H, W, 3)` each, all of one size."""
    times: list[float | None]
    """When each is shown [s], where the file says so."""
    declared_rate_hz: float | None
    """Frame rate that the file states."""


def decode(source: str | io.BytesIO, *, path: Path, limits: Limits) -> Decoded:
    """Decode a video or an image.

    Args:
        source: What FFmpeg is to open: an address or the file's content.
        path: What errors call the file.
        limits: How much is read at most.

    Returns:
        Its pictures, turned upright and shrunk.

    Raises:
        ValueError: The file is corrupt, incomplete, holds no pictures, or exceeds the limits.
    """
    frames: list[Frames] = []
    times: list[float | None] = []
    reformatter = VideoReformatter()  # one for the whole clip: it keeps its tables
    size: tuple[int, int] | None = None
    with _ffmpeg_errors(path), av.open(source, "r", options={"protocol_whitelist": "file"}) as container:
        if not container.streams.video:
            raise ValueError(f"{path}: no video stream; expected a file with pictures, not sound alone")
        stream = container.streams.video[0]
        limits.check_n_frames(stream.frames, path=path)
        if not hasattr(stream, "width"):
            raise ValueError(f"{path}: no decoder for this kind of video; export it again as H.264")
        limits.check_size(stream.width, stream.height, path=path)
        for packet in container.demux(stream):
            if packet.is_corrupt:
                raise ValueError(
                    f"{path}: cut off after {len(frames)} frames; the file is incomplete: record or copy it again"
                )
            for frame in stream.decode(packet):  # pyright: ignore[reportUnknownMemberType] - PyAV's packets are generic without a parameter
                limits.check_size(frame.width, frame.height, path=path)
                size = size or limits.shrunk(frame.width, frame.height)
                picture = reformatter.reformat(frame, *size, "rgb24", interpolation="AREA").to_ndarray()
                frames.append(_upright(picture.astype(np.uint8, copy=False), frame.rotation))
                times.append(frame.time if frame.pts is not None else None)
                limits.check_n_frames(len(frames), path=path)
        rate = stream.average_rate or stream.guessed_rate
    return Decoded(frames=frames, times=times, declared_rate_hz=float(rate) if rate else None)


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


def _upright(picture: Frames, rotation: int) -> Frames:
    """Turn `(H, W, 3)` counter-clockwise by the display matrix's angle [degrees], to the nearest quarter turn."""
    return np.rot90(picture, round(rotation / 90))
