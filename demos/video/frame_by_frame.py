"""A film read by its frames: none left out, none repeated, whatever its times say. So are films of a robot read."""

from pathlib import Path

import numpy as np

from daml.demos.demo import Frames
from daml.demos.resizing import Fit, fitted
from daml.demos.video.decoding import stream_video
from daml.demos.video.limits import Limits
from daml.demos.video.video_file import DEFAULT_LIMITS

LARGEST_CLIP = 2_000_000_000
"""Bytes of the frames of one clip once they have their size: an hour at 20 Hz of pictures of 96 px."""


def read_frames(
    path: str | Path, n_frames: int, *, size: tuple[int, int], fit: Fit, limits: Limits = DEFAULT_LIMITS
) -> Frames:
    """Read all frames of a film that has a known number of them.

    Each is brought to its size before the next is decoded, so that memory holds the small ones alone.

    Args:
        path: A video file.
        n_frames: How many frames it must have.
        size: Height and width of the frames to return.
        fit: How they are brought to the aspect ratio.
        limits: How much is read at most; the memory of what is kept is bounded by `LARGEST_CLIP` instead.

    Returns:
        RGB, upright, `(n_frames, *size, 3)`.

    Raises:
        OSError: There is no such file, or it may not be read.
        ValueError: The film has another number of frames, is corrupt or incomplete, or exceeds the limits.
    """
    path = Path(path)
    n_bytes = n_frames * size[0] * size[1] * 3
    if n_bytes > LARGEST_CLIP:
        raise ValueError(
            f"{path}: {n_frames} frames of {size[1]} x {size[0]} px take {n_bytes:,} bytes, but at most "
            f"{LARGEST_CLIP:,}; choose a smaller image size, or cut the recording into shorter clips"
        )
    frames = np.empty((n_frames, *size, 3), np.uint8)
    n_found = 0
    for _, picture in stream_video(path, limits=limits):
        if n_found < n_frames:
            frames[n_found] = fitted(picture[None], *size, fit=fit)[0]
        n_found += 1
    if n_found != n_frames:
        raise ValueError(f"{path}: {n_found} frames, but there are {n_frames} rows of numbers; give one row per frame")
    return frames
