"""Films looked at picture by picture, whatever their length."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from daml.demos.demo import Frames
from daml.demos.video.decoding import stated_timing, stream_stretch
from daml.demos.video.limits import Stretch
from daml.demos.video.video_file import DEFAULT_LIMITS, check_video_file, read_video


def film_timing(path: Path) -> tuple[float | None, float | None]:
    """Return how long a film says that it is [s], and its rate [Hz]; None for what it does not say, as a folder.

    Raises:
        FileNotFoundError: There is no such file or folder.
        ValueError: The file is corrupt or no video.
    """
    if path.is_dir():
        return None, None
    check_video_file(path)
    return stated_timing(path, limits=DEFAULT_LIMITS)


def stream_film(path: Path, *, stretch: Stretch, longest_side: int) -> Iterator[tuple[float, Frames]]:
    """Go through the pictures of a film; of a video file, one picture at a time is in memory.

    Args:
        path: A video file or a folder of images.
        stretch: Which pictures are wanted.
        longest_side: Larger pictures are shrunk to this [px].

    Yields:
        When each picture is shown [s], counted from the film's first, and the picture, RGB `(H, W, 3)`.

    Raises:
        FileNotFoundError: There is no such file or folder.
        ValueError: The film cannot be decoded.
    """
    limits = replace(DEFAULT_LIMITS, max_side=longest_side)
    if not path.is_dir():
        check_video_file(path)
        yield from stream_stretch(path, limits=limits, stretch=stretch)
        return
    demo = read_video(
        path, start_s=stretch.start_s, end_s=stretch.end_s, max_rate_hz=stretch.max_rate_hz, limits=limits
    )
    for number, picture in enumerate(demo.frames):
        yield stretch.start_s + number / demo.frame_rate_hz, picture
