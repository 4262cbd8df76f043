"""Video files and folders of images, read into a human demonstration and written from frames."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Literal

import av
import numpy as np
from av.error import FFmpegError
from PIL import Image

from daml.demos.demo import Frames, HumanDemo, check_frame_rate, check_frames
from daml.demos.disk import NotWrittenError, written_whole
from daml.demos.video.decoding import decode_video
from daml.demos.video.film_writing import new_film
from daml.demos.video.image_folder import read_image_folder
from daml.demos.video.limits import Limits, Stretch

VIDEO_SUFFIXES = (
    *(".3gp", ".apng", ".avi", ".flv", ".gif", ".m2ts", ".m4v", ".mkv", ".mov"),
    *(".mp4", ".mpeg", ".mpg", ".mts", ".ogv", ".png", ".ts", ".webm", ".wmv"),
)

MAX_FRAMES = 40_000
"""Ten minutes at 60 frames per second: a bound on the time that decoding takes, since memory has its own."""
MAX_PIXELS = 4096 * 2304
"""The largest picture that phones film; beyond it a single frame takes a noticeable part of the memory."""
MAX_SIDE = 640
"""Longer sides are shrunk while decoding; policies look at about a hundred pixels."""
MAX_BYTES = 160_000_000
"""Memory of the frames kept: 19 s at 12 frames per second of the largest side. Longer videos are thinned evenly."""

_WRITABLE_RATES_HZ = (0.01, 1000.0)
"""What every container can state exactly enough."""
_MAX_GIF_RATE_HZ = 50.0
"""GIF counts hundredths of a second, and browsers slow down anything shorter than two of them."""

DEFAULT_LIMITS = Limits(max_frames=MAX_FRAMES, max_pixels=MAX_PIXELS, max_side=MAX_SIDE, max_bytes=MAX_BYTES)
"""What suits a machine of any size."""

_PALETTE_SAMPLE = 200_000
"""Pixels that a GIF's colours are chosen from: more take longer and choose no better."""
_BT601, _LIMITED_RANGE = 6, 1
"""How FFmpeg turns RGB into YUV unless told otherwise; unstated, browsers guess another matrix for large pictures."""


@dataclass(frozen=True)
class _Encoding:
    codec: Literal["libx264", "libvpx-vp9", "gif"]
    pixel_format: str
    options: dict[str, str]


_ENCODINGS = {
    ".mp4": _Encoding("libx264", "yuv420p", {"crf": "18", "preset": "veryfast"}),  # the one that every browser plays
    ".webm": _Encoding("libvpx-vp9", "yuv420p", {"crf": "24", "deadline": "good", "cpu-used": "4"}),
    ".gif": _Encoding("gif", "pal8", {}),
}


def read_video(
    path: str | Path,
    *,
    start_s: float = 0.0,
    end_s: float = math.inf,
    max_rate_hz: float = math.inf,
    frame_rate_hz: float = 10.0,
    limits: Limits = DEFAULT_LIMITS,
) -> HumanDemo:
    """Read a video file, or a folder of images in natural order (`2.png` before `10.png`).

    Rotation metadata is applied, so that a phone's video stands upright. Frames of a variable frame rate are put on an
    even time grid: slot t shows the last frame seen by then. Alpha is dropped, grey becomes RGB, sound is not read.
    The file is decoded frame by frame, and what would not fit in the memory allowed is thinned evenly in time: the
    rate of the demonstration says what was kept.

    Args:
        path: A video file (one of `VIDEO_SUFFIXES`) or a folder of images.
        start_s: Time of the first frame to keep [s], counted from the first frame.
        end_s: Time of the last frame to keep [s].
        max_rate_hz: Keep at most so many frames per second.
        frame_rate_hz: Frame rate of a folder of images; a video file states its own.
        limits: How much is read at most.

    Returns:
        The demonstration; its frames have at most `limits.max_side` pixels on the longer side.

    Raises:
        FileNotFoundError: There is no such file or folder.
        ValueError: The file is empty, corrupt, no video, shorter than 2 frames, too long or too large; or the times
            or a rate are impossible.
    """
    path = Path(path)
    stretch = Stretch(start_s=start_s, end_s=end_s, max_rate_hz=max_rate_hz)
    if path.is_dir():
        return read_image_folder(path, limits=limits, stretch=stretch, frame_rate_hz=frame_rate_hz)
    check_video_file(path)
    return HumanDemo(*decode_video(path, limits=limits, stretch=stretch))


def check_video_file(path: Path) -> None:
    """Refuse what cannot be a video file.

    Args:
        path: The file.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is empty, or of another kind.
    """
    if not path.exists():
        raise FileNotFoundError(
            f"{path}: no such file; expected a video ({', '.join(VIDEO_SUFFIXES)}) or a folder of images"
        )
    if path.suffix.lower() not in VIDEO_SUFFIXES:
        raise ValueError(f"{path}: unknown kind of file; expected {', '.join(VIDEO_SUFFIXES)} or a folder of images")
    if path.is_file() and path.stat().st_size == 0:
        raise ValueError(f"{path}: empty file; record or copy it again")


def write_video(path: str | Path, frames: Frames, *, frame_rate_hz: float) -> None:
    """Write frames as a video that browsers play: .mp4 (H.264), .webm (VP9) or .gif.

    The file appears under its name only when it is complete; the folder is created. Sides of odd length are padded by
    repeating the last row or column (not in a .gif), since the codecs store colour at half the resolution.

    Args:
        path: Where to write; the suffix chooses the format. An existing file is replaced.
        frames: RGB, `(T, H, W, 3)`, at least one frame.
        frame_rate_hz: Frames per second.

    Raises:
        TypeError: `frames` is not an array.
        ValueError: Unknown suffix, frames that are no `uint8` RGB video, or a frame rate that the format cannot hold.
        OSError: The file cannot be written.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in _ENCODINGS:
        raise ValueError(
            f"{path}: cannot write {suffix or 'a file without suffix'}; expected one of {', '.join(_ENCODINGS)}"
        )
    check_frames(frames, name=f"{path}: frames", min_frames=1)
    check_frame_rate(frame_rate_hz, name=f"{path}: frame_rate_hz")
    slowest, fastest = _WRITABLE_RATES_HZ[0], _MAX_GIF_RATE_HZ if suffix == ".gif" else _WRITABLE_RATES_HZ[1]
    if not slowest <= frame_rate_hz <= fastest:
        raise ValueError(
            f"{path}: {frame_rate_hz} Hz, but {suffix} holds {slowest} to {fastest} Hz; write fewer frames"
        )
    try:
        with written_whole(path) as part:
            _encode(part, frames, Fraction(frame_rate_hz).limit_denominator(10_000), _ENCODINGS[suffix])
    except FFmpegError as error:
        raise NotWrittenError(
            f"{path}: could not be written ({error.strerror}); check the free space and the frame size"
        ) from error


def _encode(path: Path, frames: Frames, rate: Fraction, encoding: _Encoding) -> None:
    """Encode `(T, H, W, 3)` frames into a new file."""
    if encoding.pixel_format == "yuv420p":
        frames = np.pad(frames, ((0, 0), (0, frames.shape[1] % 2), (0, frames.shape[2] % 2), (0, 0)), mode="edge")
    # PyAV leaves keyword arguments and packets without types.
    with new_film(path) as container:
        stream = container.add_stream(encoding.codec, rate=rate, options=encoding.options)  # pyright: ignore[reportUnknownMemberType]
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = encoding.pixel_format
        stream.bit_rate = 0  # quality is held constant instead
        if encoding.pixel_format == "yuv420p":
            stream.colorspace, stream.color_range = _BT601, _LIMITED_RANGE
        for picture in chain(_pictures(frames, rate, encoding), [None]):
            container.mux(stream.encode(picture))  # pyright: ignore[reportUnknownMemberType]


def _pictures(frames: Frames, rate: Fraction, encoding: _Encoding) -> Iterator[av.VideoFrame]:
    """Turn each of `(T, H, W, 3)` frames into a picture that knows its time."""
    palette = _palette(frames) if encoding.pixel_format == "pal8" else None
    for index, frame in enumerate(frames):
        if palette is None:
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
        else:
            picture = _paletted(frame, palette)
        picture.pts, picture.time_base = index, 1 / rate
        yield picture


def _palette(frames: Frames) -> Image.Image:
    """Choose the 256 colours that suit a sample of the whole clip: one palette, so that still parts do not flicker."""
    step = max(1, math.ceil((frames[..., 0].size / _PALETTE_SAMPLE) ** (1 / 3)))
    sample = np.ascontiguousarray(frames[::step, ::step, ::step]).reshape(1, -1, 3)
    return Image.fromarray(sample).quantize(256)


def _paletted(frame: Frames, palette: Image.Image) -> av.VideoFrame:
    """Reduce `(H, W, 3)` to a palette, spreading the error over neighbours."""
    chosen = np.asarray(Image.fromarray(frame).quantize(palette=palette))  # (H, W)
    rgb = np.asarray(palette.getpalette("RGB"), np.uint8).reshape(-1, 3)
    argb = np.full((256, 4), 255, np.uint8)
    argb[: len(rgb), 1:] = rgb
    # The stubs leave out that a paletted picture is given as a pair.
    return av.VideoFrame.from_ndarray((chosen, argb), format="pal8")  # pyright: ignore[reportArgumentType]
