"""Frames brought to another size and aspect ratio, each new pixel the mean of the area that it covers."""

from functools import lru_cache
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Fit = Literal["crop", "pad"]
"""How frames are brought to another aspect ratio: what is outside is cut off, or what is missing is filled."""


def fitted(frames: NDArray[np.uint8], height: int, width: int, *, fit: Fit) -> NDArray[np.uint8]:
    """Bring frames to the aspect ratio asked for, then average over areas.

    Args:
        frames: RGB, `(T, H, W, 3)`.
        height: Height of the new frames, at least 1.
        width: Width of the new frames, at least 1.
        fit: `crop` keeps the centre; `pad` keeps everything and repeats the border around it.

    Returns:
        RGB, `(T, height, width, 3)`; the frames themselves if they have that size already.

    Raises:
        ValueError: The height or the width is below 1.
    """
    if min(height, width) < 1:
        raise ValueError(f"expected a height and a width of at least 1, got {height} x {width}")
    if frames.shape[1:3] == (height, width):
        return frames
    if fit == "crop":
        return _area_resized(_centre_crop(frames, height, width), height, width)
    return _padded(frames, height, width)


def fitted_places(
    places: NDArray[np.float32], size: tuple[int, int], height: int, width: int, *, fit: Fit
) -> NDArray[np.float32]:
    """Tell where places of frames are once `fitted` has brought these to another size.

    Args:
        places: x to the right and y down, each in [-1, 1] from edge to edge, `(n, 2)`.
        size: Height and width of the frames.
        height: Height of the new frames.
        width: Width of the new frames.
        fit: As for `fitted`.

    Returns:
        The places in the new frames, likewise, `(n, 2)`; beyond [-1, 1] where they are cut off.
    """
    shares = np.array([size[1] / width, size[0] / height])  # of the new picture's pixels to the old one's
    scale = shares.min() if fit == "crop" else shares.max()
    return (places * shares / scale).astype(np.float32)


def _centre_crop(frames: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """View the largest centred part of `(T, H, W, 3)` frames that has the aspect ratio `width / height`."""
    source_height, source_width = frames.shape[1:3]
    crop_height = min(source_height, max(1, round(source_width * height / width)))
    crop_width = min(source_width, max(1, round(source_height * width / height)))
    top, left = (source_height - crop_height) // 2, (source_width - crop_width) // 2
    return frames[:, top : top + crop_height, left : left + crop_width]


def _padded(frames: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Resize `(T, H, W, 3)` to fit in `(T, height, width, 3)`, the border repeated on both sides of what it leaves."""
    scale = min(height / frames.shape[1], width / frames.shape[2])
    inner_height = min(height, max(1, round(frames.shape[1] * scale)))
    inner_width = min(width, max(1, round(frames.shape[2] * scale)))
    top, left = (height - inner_height) // 2, (width - inner_width) // 2
    margins = ((0, 0), (top, height - inner_height - top), (left, width - inner_width - left), (0, 0))
    return np.pad(_area_resized(frames, inner_height, inner_width), margins, mode="edge")


def _area_resized(frames: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Resize `(T, H, W, 3)` to `(T, height, width, 3)`: each new pixel is the mean of the area that it covers."""
    resized = np.empty((len(frames), height, width, 3), np.uint8)
    if height <= frames.shape[1] and width <= frames.shape[2]:  # OpenCV enlarges in another way
        for frame, new in zip(frames, resized, strict=True):
            cv2.resize(frame, (width, height), dst=new, interpolation=cv2.INTER_AREA)
        return resized
    rows = _area_weights(frames.shape[1], height)
    columns = _area_weights(frames.shape[2], width)
    for frame, new in zip(frames, resized, strict=True):  # one by one: a long clip in float32 would not fit in memory
        squeezed = (rows @ frame.reshape(len(frame), -1).astype(np.float32)).reshape(height, -1, 3)  # (height, W, 3)
        new[:] = np.rint(np.matmul(columns, squeezed)).clip(0, 255)  # (height, width, 3)
    return resized


@lru_cache(maxsize=16)
def _area_weights(source: int, target: int) -> NDArray[np.float32]:
    """Weigh `source` cells of a line for each of `target` cells by their overlap, `(target, source)`; rows sum to 1."""
    edges = np.linspace(0, source, target + 1)[:, None]
    cells = np.arange(source)
    overlap = np.clip(np.minimum(edges[1:], cells + 1) - np.maximum(edges[:-1], cells), 0, None)
    return (overlap / overlap.sum(axis=1, keepdims=True)).astype(np.float32)
