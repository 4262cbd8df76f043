"""A live camera, recorded into a human demonstration."""

import dataclasses
import math
import os
import re
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import cv2
import numpy as np

from daml.demos.demo import MIN_FRAMES, Frames, HumanDemo, check_frame_rate
from daml.demos.video.decoding import stream_video
from daml.demos.video.video_file import DEFAULT_LIMITS, MAX_SIDE

MAX_FRAMES = 2000
"""More than three minutes at 10 frames per second: a demonstration of one task is far shorter."""
_WARM_UP_S = 0.5
"""A camera needs this long to find its exposure; the first frame matters, since policies remember it."""
_LARGEST_NUMBER = 99
"""OpenCV takes the hundreds of a camera's number for the kind of its driver, and negative ones for an invitation to
ask, at which some builds end the process."""
_DEVICE = re.compile(r"/dev/video[0-9]{1,2}")
"""What Linux calls cameras; names such as /dev/v4l/by-id/... are links to these."""
_EARLY = 0.01
"""A picture this part of a period early is on time: the clock of a file is a rounded quotient."""


def check_camera(camera: int | str) -> None:
    """Refuse what no camera is called, before anybody poses for it.

    Args:
        camera: Number of a camera, or its device; or the path of a video file that plays the camera's part.

    Raises:
        OSError: There is no such device or file.
        ValueError: The number is below 0 or above 99.
    """
    if isinstance(camera, int) and not 0 <= camera <= _LARGEST_NUMBER:
        raise ValueError(
            f"camera {camera}: expected a number from 0 to {_LARGEST_NUMBER}, or a device such as /dev/video0"
        )
    if isinstance(camera, str) and not Path(camera).exists():
        raise OSError(
            f"camera {camera}: cannot be opened; expected a number such as 0, or a device such as /dev/video0"
        )


def record_webcam(
    camera: int | str,
    *,
    duration_s: float,
    frame_rate_hz: float = 10.0,
    max_side: int = MAX_SIDE,
    on_frame: Callable[[Frames], bool] | None = None,
) -> HumanDemo:
    """Record a camera for a while.

    Frames are taken on an even time grid, whatever rate the camera delivers: a slow camera's frames are repeated, a
    fast one's are left out.

    Args:
        camera: Number of a camera from 0 to 99, 0 for the first, or its device (/dev/video0); or the path of a video
            file that plays the camera's part.
        duration_s: Time from the first frame to the last [s].
        frame_rate_hz: Frames per second to keep.
        max_side: Shrink frames whose longer side exceeds this.
        on_frame: Called with each frame kept, RGB `(H, W, 3)`; the recording ends early once it returns True.

    Returns:
        The demonstration; shorter than asked for if `on_frame` or the end of the file stopped it.

    Raises:
        OSError: The camera cannot be opened, or stops delivering.
        ValueError: The camera is no number, device or video file; the duration or the frame rate holds fewer than 2 or
            more than 2,000 frames, or fewer than 2 were recorded.
    """
    n_frames = _count_frames(duration_s, frame_rate_hz)
    check_camera(camera)
    is_live = isinstance(camera, int) or _DEVICE.fullmatch(os.path.realpath(camera)) is not None
    frames: list[Frames] = []
    stopped = False
    source = _filmed(camera, max_side) if is_live else _played(str(camera), max_side)
    with closing(source):
        for frame in _on_grid(source, frame_rate_hz):
            frames.append(frame)
            stopped = on_frame is not None and on_frame(frame)
            if stopped or len(frames) == n_frames:
                break
    if is_live and not stopped and len(frames) < n_frames:
        raise OSError(
            f"camera {camera}: stopped after {len(frames)} of {n_frames} frames; check the cable and try again"
        )
    if len(frames) < MIN_FRAMES:
        raise ValueError(
            f"camera {camera}: {len(frames)} frame(s), but at least {MIN_FRAMES} are needed; record for longer"
        )
    return HumanDemo(np.stack(frames), frame_rate_hz)


def _count_frames(duration_s: float, frame_rate_hz: float) -> int:
    """Count the frames of a recording, both ends included."""
    check_frame_rate(frame_rate_hz, name="frame_rate_hz")
    n_frames = round(duration_s * frame_rate_hz) + 1 if math.isfinite(duration_s) else 0
    if not MIN_FRAMES <= n_frames <= MAX_FRAMES:
        raise ValueError(
            f"duration_s: {duration_s} s at {frame_rate_hz} Hz, but a recording holds {MIN_FRAMES} to {MAX_FRAMES} "
            f"frames; choose between {1 / frame_rate_hz:g} and {(MAX_FRAMES - 1) / frame_rate_hz:g} s"
        )
    return n_frames


@contextmanager
def _opened(camera: int | str) -> Generator[cv2.VideoCapture]:
    """Open a camera, and release it however the recording ends."""
    level = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # it would report the failure once more
    try:
        capture = cv2.VideoCapture(camera)
    finally:
        cv2.utils.logging.setLogLevel(level)
    try:
        if not capture.isOpened():
            raise OSError(
                f"camera {camera}: cannot be opened; check that it is connected, free and permitted, or try 1"
            )
        yield capture
    finally:
        capture.release()


def _filmed(camera: int | str, max_side: int) -> Generator[tuple[float, Frames]]:
    """Yield what a camera delivers once it has found its exposure: time [s] and RGB picture `(H, W, 3)`."""
    with _opened(camera) as capture:
        opened = time.monotonic()
        while True:
            delivered, picture = capture.read()
            if not delivered:
                return
            seconds = time.monotonic() - opened
            if seconds >= _WARM_UP_S:
                yield seconds, _as_rgb(np.asarray(picture, dtype=np.uint8), max_side)


def _played(path: str, max_side: int) -> Generator[tuple[float, Frames]]:
    """Yield what a video file shows: time by its own clock [s] and RGB picture `(H, W, 3)`."""
    yield from stream_video(Path(path), limits=dataclasses.replace(DEFAULT_LIMITS, max_side=max_side))


def _on_grid(delivered: Iterator[tuple[float, Frames]], frame_rate_hz: float) -> Iterator[Frames]:
    """Yield one picture per slot of an even time grid that begins at the first: the newest when the slot is due."""
    slot = 0
    start: float | None = None
    for seconds, picture in delivered:
        start = seconds if start is None else start
        while slot <= (seconds - start) * frame_rate_hz + _EARLY:
            yield picture
            slot += 1


def _as_rgb(picture: Frames, max_side: int) -> Frames:
    """Turn BGR into RGB `(H, W, 3)`, its longer side at most `max_side`."""
    height, width = picture.shape[:2]
    scale = min(1.0, max_side / max(height, width))
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return np.ascontiguousarray(picture[..., ::-1])
