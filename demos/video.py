"""Video files and folders of images, read into a human demonstration and written from frames."""

import io
import math
import os
import re
from bisect import bisect_right
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

from demos.decoding import Limits, decode
from demos.demo import MIN_FRAMES, Frames, HumanDemo, check_frame_rate, check_frames

VIDEO_SUFFIXES = (".avi", ".gif", ".m4v", ".mkv", ".mov", ".mp4", ".webm")
IMAGE_SUFFIXES = (".jpeg", ".jpg", ".png")

MAX_FRAMES = 2000
"""More than a minute at 30 frames per second: a demonstration of one task is far shorter."""
MAX_PIXELS = 4096 * 2304
"""The largest picture that phones film; beyond it a single frame takes a noticeable part of the memory."""
MAX_SIDE = 640
"""Longer sides are shrunk while decoding; policies look at about a hundred pixels."""

_LATE = 0.25
"""A frame stamped this part of the usual period late still counts as on time: webm and mkv round to milliseconds."""
_WRITABLE_RATES_HZ = (0.01, 1000.0)
"""What every container can state exactly enough."""
_MAX_GIF_RATE_HZ = 50.0
"""GIF counts hundredths of a second, and browsers slow down anything shorter than two of them."""

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
    max_frames: int = MAX_FRAMES,
    max_pixels: int = MAX_PIXELS,
    max_side: int = MAX_SIDE,
    frame_rate_hz: float = 10.0,
) -> HumanDemo:
    """Read a video file, or a folder of images in natural order (`2.png` before `10.png`).

    Rotation metadata is applied, so that a phone's video stands upright. Frames of a variable frame rate are put on an
    even time grid: slot t shows the last frame seen by then, at the average rate. Alpha is dropped, grey becomes RGB.

    Args:
        path: A file (.avi, .gif, .m4v, .mkv, .mov, .mp4, .webm) or a folder of .png and .jpg images.
        max_frames: Refuse a longer video.
        max_pixels: Refuse a larger picture (height times width).
        max_side: Shrink frames whose longer side exceeds this, so that memory stays bounded.
        frame_rate_hz: Frame rate of a folder of images; a video file states its own.

    Returns:
        The demonstration; its frames have at most `max_side` pixels on the longer side.

    Raises:
        FileNotFoundError: There is no such file or folder.
        ValueError: The file is empty, corrupt, no video, shorter than 2 frames, too long or too large.
    """
    path = Path(path)
    limits = Limits(max_frames=max_frames, max_pixels=max_pixels, max_side=max_side)
    if path.is_dir():
        return _read_folder(path, limits, frame_rate_hz)
    if not path.exists():
        raise FileNotFoundError(
            f"{path}: no such file; expected a video ({', '.join(VIDEO_SUFFIXES)}) or a folder of images"
        )
    if path.suffix.lower() not in VIDEO_SUFFIXES:
        raise ValueError(f"{path}: unknown kind of file; expected {', '.join(VIDEO_SUFFIXES)} or a folder of images")
    if path.stat().st_size == 0:
        raise ValueError(f"{path}: empty file; record or copy it again")
    # "file:" keeps FFmpeg from taking a colon in the name for a network protocol.
    decoded = decode(f"file:{path.resolve()}", path=path, limits=limits)
    frames = decoded.frames
    if len(frames) < MIN_FRAMES:
        raise ValueError(f"{path}: {len(frames)} frame(s), but at least {MIN_FRAMES} are needed; record a longer video")
    slots, rate_hz = _even_grid(decoded.times, decoded.declared_rate_hz)
    return HumanDemo(_gather(frames, slots), rate_hz)


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
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.stem}.{os.getpid()}.part{suffix}")
    try:
        _encode(part, frames, Fraction(frame_rate_hz).limit_denominator(10_000), _ENCODINGS[suffix])
        part.replace(path)
    except FFmpegError as error:
        raise OSError(
            f"{path}: could not be written ({error.strerror}); check the free space and the frame size"
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _read_folder(folder: Path, limits: Limits, frame_rate_hz: float) -> HumanDemo:
    """Read the images of a folder in natural order."""
    paths = sorted(
        (p for p in folder.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES and not p.name.startswith(".")),
        key=lambda p: [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", p.name)],
    )
    if len(paths) < MIN_FRAMES:
        raise ValueError(
            f"{folder}: {len(paths)} image(s) ({', '.join(IMAGE_SUFFIXES)}), but at least {MIN_FRAMES} are needed"
        )
    limits.check_n_frames(len(paths), path=folder)
    check_frame_rate(frame_rate_hz, name=f"{folder}: frame_rate_hz")
    frames: list[Frames] = []
    for path in paths:
        # Read here and passed as bytes: FFmpeg would take a % in the name for a numbered sequence.
        pictures = decode(io.BytesIO(path.read_bytes()), path=path, limits=limits).frames
        if not pictures:
            raise ValueError(f"{path}: no picture in the file; export it again")
        frames.append(pictures[0])
        if frames[-1].shape != frames[0].shape:
            (height, width), (first_height, first_width) = frames[-1].shape[:2], frames[0].shape[:2]
            raise ValueError(
                f"{path}: {width} x {height} px, but {paths[0].name} has {first_width} x {first_height}; "
                "give images of one size"
            )
    return HumanDemo(np.stack(frames), frame_rate_hz)


def _even_grid(times: list[float | None], declared_rate_hz: float | None) -> tuple[list[int], float]:
    """Choose for each slot of an even time grid the last frame seen by then.

    Containers without usable times (.avi with reordered frames) count as evenly spaced at the declared rate.

    Args:
        times: Time of each frame [s], at least 2.
        declared_rate_hz: Frame rate that the file states.

    Returns:
        The index of the frame in each slot, ascending, as many as frames; and the grid's rate [Hz].
    """
    seconds = np.array([math.nan if time is None else time for time in times], np.float64)
    if not (np.diff(seconds) > 0).all():
        return list(range(len(times))), declared_rate_hz or 25.0  # 25: what FFmpeg itself assumes
    rate_hz = float((len(times) - 1) / (seconds[-1] - seconds[0]))
    usual_period = float(np.median(np.diff(seconds)))
    slots = [float(seconds[0]) + slot / rate_hz + _LATE * usual_period for slot in range(len(times))]
    return [bisect_right(seconds, slot) - 1 for slot in slots], rate_hz


def _gather(frames: list[Frames], slots: list[int]) -> Frames:
    """Stack the chosen frames, `(T, H, W, 3)`, letting go of each once it was copied: the clip is in memory once."""
    gathered = np.empty((len(slots), *frames[0].shape), np.uint8)
    gone = frames[0][:0]
    for slot, (chosen, following) in enumerate(zip(slots, [*slots[1:], len(frames)], strict=True)):
        gathered[slot] = frames[chosen]
        frames[chosen:following] = [gone] * (following - chosen)
    return gathered


def _encode(path: Path, frames: Frames, rate: Fraction, encoding: _Encoding) -> None:
    """Encode `(T, H, W, 3)` frames into a new file."""
    if encoding.pixel_format == "yuv420p":
        frames = np.pad(frames, ((0, 0), (0, frames.shape[1] % 2), (0, frames.shape[2] % 2), (0, 0)), mode="edge")
    # PyAV leaves keyword arguments and packets without types.
    with av.open(path, "w") as container:
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
