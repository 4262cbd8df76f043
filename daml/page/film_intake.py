"""A visitor's film that was received: examined before it is decoded, and made playable."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from daml.demos import HumanDemo, measure, read_video, write_picture, write_video
from daml.demos.resizing import fitted
from daml.demos.video.decoding import stated_timing
from daml.demos.video.limits import Limits
from daml.demos.video.video_file import MAX_BYTES, MAX_PIXELS, VIDEO_SUFFIXES

LONGEST_S = 60.0
"""Length of a film, in seconds."""
_MOST_FRAMES = 7_500
"""A minute at 120 frames per second, and a little more."""
_SHOWN_RATE_HZ, _SHOWN_SIDE = 15.0, 640
"""The copy that the page plays: any browser shows it, and can jump in it."""
_N_STRIP, _STRIP_HEIGHT = 10, 64
"""Pictures of the strip that a film is trimmed on, and their height in pixels."""

LIMITS = Limits(max_frames=_MOST_FRAMES, max_pixels=MAX_PIXELS, max_side=_SHOWN_SIDE, max_bytes=MAX_BYTES)


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
