"""`daml inspect`: what a video shows, drawn and in words, and what would spoil an adaptation to it."""

import math
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import tyro

from daml.app.videos.excerpt import Excerpt
from daml.demos import (
    FilmNotReadableError,
    Reading,
    contact_sheet,
    draw_reading,
    measure,
    read_video,
    write_picture,
)
from daml.storage.result_files import check_output_file, write_json
from daml.terminal.console import can_show, say

_BARS, _PLAIN_BARS = " ▁▂▃▄▅▆▇█", " .:-=+*#@"
"""Heights of a bar, where the terminal has such letters and where not."""

_N_BARS = 48
"""Columns of the picture of the motion."""


def inspect(
    video: Annotated[Path, tyro.conf.Positional],
    /,
    *,
    output: Path | None = None,
    json: Path | None = None,
    start: float = 0.0,
    end: float = math.inf,
) -> None:
    """Tell what a video shows: which item is moved, from where to where, when and how; and what would spoil it.

    Args:
        video: Video file or folder of images.
        output: Picture (.png) to write: what was read, or a contact sheet of a video that cannot be read.
        json: File (.json) to write what was read to.
        start: Second of the video at which the demonstration begins.
        end: Second of the video at which the demonstration ends.
    """
    if output is not None:
        check_output_file(output, suffixes=(".png",))
    if json is not None:
        check_output_file(json, suffixes=(".json",))
    demo = read_video(video, start_s=start, end_s=end)
    quality = measure(demo)
    height, width = demo.frames.shape[1:3]
    say(
        f"{video}: {quality.duration_s:.1f} s, {len(demo)} frames at {demo.frame_rate_hz:.1f} Hz, {width} x {height} px"
    )
    say(f"changed, of the picture: {_drawn(quality.motion)} at most {max(quality.motion):.1%}")
    for warning in quality.warnings:
        say(f"warning: {warning}")
    reading: Reading | None = None
    try:
        reading = Excerpt(start, end).read(video)
        _say_reading(reading)
    except FilmNotReadableError as error:
        say(str(error))
        content: dict[str, Any] = {"steps": [], "refused": str(error)}
    except (ImportError, FileNotFoundError) as error:
        if json is not None:
            raise
        say(f"what it shows is not read: {error}")
        content = {}
    else:
        content = reading.to_json()
    if json is not None:
        write_json(json, content)
        say(f"steps: {json}")
    if output is not None:
        write_picture(output, contact_sheet(demo) if reading is None else draw_reading(reading))
        say(f"{'contact sheet' if reading is None else 'reading'}: {output}")


def _say_reading(reading: Reading) -> None:
    """Tell each step in a line, and which part of the picture to look at."""
    for number, step in enumerate(reading.steps, 1):
        (x, y), (to_x, to_y) = step.item, step.destination
        say(
            f"step {number}: {step.kind} from ({x:.2f}, {y:.2f}) to ({to_x:.2f}, {to_y:.2f}), {step.start_s:.1f} to "
            f"{step.end_s:.1f} s, {step.hand} hand, {step.confidence:.0%} sure"
        )
    left, top, right, bottom = reading.crop
    say(f"all of it lies within {left:.2f} to {right:.2f} of the width and {top:.2f} to {bottom:.2f} of the height")
    height, width = reading.clean_first_frame.shape[:2]
    middle = min(height, width) / np.array([width, height]) / 2
    places = np.array([place for step in reading.steps for place in (step.item, step.destination)])
    if (np.abs(places - 0.5) > middle).any():
        say("warning: the middle of the picture, which an adaptation looks at, leaves some of it out; use --fit pad")


def _drawn(motion: tuple[float, ...]) -> str:
    """Draw the course of the motion as a line of bars, the highest of full height."""
    course = np.array([part.max() for part in np.array_split(np.array(motion), min(_N_BARS, len(motion)))])
    heights = np.ceil(course / max(course.max(), 1e-9) * (len(_BARS) - 1)).astype(int)
    bars = _BARS if can_show(_BARS) else _PLAIN_BARS
    return "".join(bars[height] for height in heights)
