"""`daml inspect`: what a video shows, and what would spoil an adaptation to it."""

import math
from pathlib import Path
from typing import Annotated

import numpy as np
import tyro

from daml.demos import contact_sheet, measure, read_video, write_picture
from daml.storage.result_files import check_output_file
from daml.terminal.console import say

_BARS = " ▁▂▃▄▅▆▇█"

_N_BARS = 48
"""Columns of the picture of the motion."""


def inspect(
    video: Annotated[Path, tyro.conf.Positional],
    /,
    *,
    output: Path | None = None,
    start: float = 0.0,
    end: float = math.inf,
) -> None:
    """Tell a video's length, rate and motion, and warn about what makes an adaptation to it fail.

    Args:
        video: Video file or folder of images.
        output: Picture (.png) to write: a contact sheet of the video.
        start: Second of the video at which the demonstration begins.
        end: Second of the video at which the demonstration ends.
    """
    if output is not None:
        check_output_file(output, suffixes=(".png",))
    demo = read_video(video, start_s=start, end_s=end)
    quality = measure(demo)
    height, width = demo.frames.shape[1:3]
    say(
        f"{video}: {quality.duration_s:.1f} s, {len(demo)} frames at {demo.frame_rate_hz:.1f} Hz, {width} x {height} px"
    )
    say(f"changed, of the picture: {_drawn(quality.motion)} at most {max(quality.motion):.1%}")
    for warning in quality.warnings:
        say(f"warning: {warning}")
    if not quality.warnings:
        say("nothing found that would spoil an adaptation")
    if output is not None:
        write_picture(output, contact_sheet(demo))
        say(f"contact sheet: {output}")


def _drawn(motion: tuple[float, ...]) -> str:
    """Draw the course of the motion as a line of bars, the highest of full height."""
    course = np.array([part.max() for part in np.array_split(np.array(motion), min(_N_BARS, len(motion)))])
    heights = np.ceil(course / max(course.max(), 1e-9) * (len(_BARS) - 1)).astype(int)
    return "".join(_BARS[height] for height in heights)
