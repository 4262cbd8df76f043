"""A visitor's film on its way in: received within a size, examined before it is decoded, and made playable."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
from anyio import to_thread
from numpy.typing import NDArray
from starlette.requests import ClientDisconnect, Request

from daml.demos import HumanDemo, measure, read_video, write_picture, write_video
from daml.demos.resizing import fitted
from daml.demos.video.decoding import stated_timing
from daml.demos.video.limits import Limits
from daml.demos.video.video_file import MAX_BYTES, MAX_PIXELS, VIDEO_SUFFIXES

MOST_BYTES = 100_000_000
"""Size of a film: a minute of a phone's 1080p takes 60 to 130 MB, and a demonstration takes ten seconds."""
LONGEST_S = 60.0
"""Length of a film, in seconds."""
LONGEST_RECORDING_S = 20
"""Time after which the page itself stops filming, in seconds."""
_MOST_FRAMES = 7_500
"""A minute at 120 frames per second, and a little more."""
_SHOWN_RATE_HZ, _SHOWN_SIDE = 15.0, 640
"""The copy that the page plays: any browser shows it, and can jump in it."""
_N_STRIP, _STRIP_HEIGHT = 10, 64
"""Pictures of the strip that a film is trimmed on, and their height in pixels."""
_FREE_BYTES = 2_000_000_000
"""Room on the disk that films leave to others."""

LIMITS = Limits(max_frames=_MOST_FRAMES, max_pixels=MAX_PIXELS, max_side=_SHOWN_SIDE, max_bytes=MAX_BYTES)


async def receive_film(request: Request, folder: Path, *, most_bytes: int = MOST_BYTES) -> str:
    """Write the body of a request into a visit's folder, as `film` with the suffix that the request states.

    The visitor's own name for the film is neither sent nor kept.

    Args:
        request: A request with the film as its body, and `suffix` among its parameters.
        folder: The visit's folder.
        most_bytes: Size beyond which nothing more is read.

    Returns:
        What is wrong, in words; nothing where the film was received.
    """
    suffix = f".{request.query_params.get('suffix', '').lower()}"
    if suffix not in VIDEO_SUFFIXES:
        return f"this kind of file is not known; expected a video: {', '.join(VIDEO_SUFFIXES)}"
    if shutil.disk_usage(folder).free < _FREE_BYTES:
        return "the machine's disk is full; come back in an hour"
    part = folder / "film.part"
    try:
        n_bytes = await _receive(request, part, most_bytes=most_bytes)
        if n_bytes > most_bytes:
            return f"this film is larger than {most_bytes / 1e6:g} MB; export it smaller, or trim it"
        if n_bytes == 0:
            return "this file is empty; record or copy it again"
        await to_thread.run_sync(_put_in_place, part, suffix)
    except ClientDisconnect:
        return "the connection was lost"
    else:
        return ""
    finally:
        part.unlink(missing_ok=True)


async def _receive(request: Request, part: Path, *, most_bytes: int) -> int:
    """Write the body of a request to a file; return its size, or more than the most where it is larger."""
    stated = request.headers.get("content-length", "0")
    if not stated.isdecimal() or int(stated) > most_bytes:
        return most_bytes + 1
    n_bytes = 0
    with part.open("wb") as file:
        async for piece in request.stream():
            n_bytes += len(piece)
            if n_bytes > most_bytes:
                break
            file.write(piece)
    return n_bytes


def _put_in_place(part: Path, suffix: str) -> None:
    """Make a received film that of its visit; an earlier one goes."""
    remove_film(part.parent, spared=part)
    part.replace(part.with_name(f"film{suffix}"))


def remove_film(folder: Path, *, spared: Path | None = None) -> None:
    """Remove a visit's film, and what was read in it."""
    for path in [*folder.glob("film.*"), *folder.glob("reading.*")]:
        if path != spared:
            path.unlink()


def find_film(folder: Path) -> Path:
    """Return a visit's film.

    Raises:
        ValueError: There is none.
    """
    film = next((path for path in sorted(folder.glob("film.*")) if path.suffix in VIDEO_SUFFIXES), None)
    if film is None:
        raise ValueError("there is no film yet; film yourself, choose a file, or take an example")
    return film


def examine_film(folder: Path) -> dict[str, Any]:
    """Check a film's stated length and size, then decode it, and write a copy that every browser plays.

    Args:
        folder: The visit's folder, which gets `shown.mp4` and `strip.jpg`.

    Returns:
        Length in seconds, width, height, and what may spoil the reading of it.

    Raises:
        ValueError: It is no film, or one that exceeds the limits.
    """
    path = find_film(folder)
    length_s, _ = stated_timing(path, limits=LIMITS)
    if length_s is not None and length_s > LONGEST_S:
        raise ValueError(f"this film takes {length_s:.0f} s, but at most {LONGEST_S:.0f} s are taken; trim it")
    demo = read_video(path, max_rate_hz=_SHOWN_RATE_HZ, limits=LIMITS)
    if demo.duration > LONGEST_S:
        raise ValueError(f"this film takes {demo.duration:.0f} s, but at most {LONGEST_S:.0f} s are taken; trim it")
    write_video(folder / "shown.mp4", demo.frames, frame_rate_hz=demo.frame_rate_hz)
    write_picture(folder / "strip.png", draw_strip(demo))
    height, width = demo.frames.shape[1:3]
    return {
        "duration": round(demo.duration, 2),
        "width": width,
        "height": height,
        "warnings": list(measure(demo).warnings),
    }


def draw_strip(demo: HumanDemo) -> NDArray[np.uint8]:
    """Put pictures of a film, evenly spaced in time, beside each other, RGB `(H, W, 3)`."""
    chosen = demo.resampled(_N_STRIP).frames
    height, width = chosen.shape[1:3]
    small = fitted(chosen, _STRIP_HEIGHT, max(1, round(width * _STRIP_HEIGHT / height)), fit="crop")
    return np.concatenate(list(small), axis=1)
