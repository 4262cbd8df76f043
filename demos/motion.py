"""When something moves in a video: still ends say nothing about the task."""

import numpy as np
from numpy.typing import NDArray

_STILL_SHARE = 0.03
"""Share of the total motion that may lie before, and after, the moving span."""

_NOISE_MARGIN = 1.5
"""Motion below this multiple of the quietest frames' is noise."""

_MIN_SPAN = 6
"""A shorter span is taken for a fault of the measure, and the whole video is used."""


def moving_span(frames: NDArray[np.uint8]) -> tuple[int, int]:
    """Find the part of a video in which something moves.

    Args:
        frames: RGB video, `(T, H, W, 3)`.

    Returns:
        Index of the first and of the last frame of the part; those of the video when nothing stands out.
    """
    last = len(frames) - 1
    motion = np.abs(np.diff(frames.astype(np.int16), axis=0)).mean(axis=(1, 2, 3))  # (T - 1,)
    motion = np.maximum(motion - _NOISE_MARGIN * np.quantile(motion, 0.1), 0.0)
    total = motion.sum()
    if total <= 0:
        return 0, last
    share = np.cumsum(motion) / total
    start = int(np.searchsorted(share, _STILL_SHARE))
    end = min(int(np.searchsorted(share, 1 - _STILL_SHARE)) + 1, last)
    return (start, end) if end - start >= _MIN_SPAN else (0, last)


def key_places(span: tuple[int, int], n_wanted: int) -> np.ndarray:
    """Place the frames that a video is adapted to: its first frame, then evenly over the moving span.

    Args:
        span: First and last frame of the moving span.
        n_wanted: Frames to choose; at least 2.

    Returns:
        Places in rising order, not rounded, `(n_wanted,)`; the first is 0.
    """
    return np.concatenate([[0.0], np.linspace(span[0], span[1], n_wanted - 1)])


def shift_frames(frames: NDArray[np.uint8], *, down: int, right: int) -> NDArray[np.uint8]:
    """Move all frames, `(T, H, W, 3)`, by some pixels, repeating the border."""
    height, width = int(frames.shape[1]), int(frames.shape[2])
    rows = np.clip(np.arange(-down, height - down), 0, height - 1)
    columns = np.clip(np.arange(-right, width - right), 0, width - 1)
    return frames.take(rows, axis=1).take(columns, axis=2)  # an index array would lay the frames out pixel by pixel


def shift_places(places: NDArray[np.float32], size: tuple[int, int], *, down: int, right: int) -> NDArray[np.float32]:
    """Move places of frames of a height and width, x and y in [-1, 1], as `shift_frames` moves what they show."""
    return places + np.array([2 * right / size[1], 2 * down / size[0]], np.float32)
