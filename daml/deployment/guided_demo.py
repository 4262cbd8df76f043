"""A human video with the way of the hand that acts: what a reading makes of a film, framed as a policy looks at it."""

import numpy as np

from daml.demos import Frames, HumanDemo, Reading
from daml.demos.resizing import fitted
from daml.envs import READ_MARGIN_S

Crop = tuple[float, float, float, float]
"""Left, top, right and bottom of a part of a picture, as shares of its width and height."""


def guide(
    film: HumanDemo, reading: Reading, *, size: tuple[int, int], step: int = 0, start_s: float = 0.0
) -> HumanDemo:
    """Frame one step of a film by what was read of it: the workspace alone, the time around the step, a clean start.

    Args:
        film: The film, of any size.
        reading: What was read of it.
        size: Height and width of the frames to make [px].
        step: Number of the step.
        start_s: When the film's first frame is, in the reading's time [s].

    Returns:
        The clean first frame, then those around the step; of all, what lies in the reading's crop.

    Raises:
        ValueError: The film has no frames around the step.
    """
    shown = reading.steps[step]
    times_s = start_s + np.arange(len(film)) / film.frame_rate_hz
    begin, end = shown.start_s - READ_MARGIN_S, shown.end_s + READ_MARGIN_S
    is_kept = (times_s >= begin) & (times_s <= end)
    if is_kept.sum() < 2:
        raise ValueError(
            f"expected frames between {begin:.1f} and {end:.1f} s, where the film was read, got {is_kept.sum()}; "
            "read and adapt to the same film"
        )
    frames = cropped(film.frames[is_kept], reading.crop, size=size)
    first = cropped(reading.clean_first_frame[None], reading.crop, size=size)
    hand = reading.acting_hand
    x, y = (np.interp(times_s[is_kept], hand.times_s, hand.places[:, axis]) for axis in (0, 1))
    left, top, right, bottom = reading.crop
    places = 2 * (np.column_stack([x, y]) - (left, top)) / (right - left, bottom - top) - 1
    places = np.concatenate([np.full((1, 2), np.nan), places]).astype(np.float32)
    return HumanDemo(np.concatenate([first, frames]), film.frame_rate_hz, places)


def cropped(frames: Frames, crop: Crop, *, size: tuple[int, int]) -> Frames:
    """Cut a part out of frames, `(T, H, W, 3)`, and bring it to a size, `(T, *size, 3)`."""
    height, width = frames.shape[1:3]
    left, right = (round(share * width) for share in crop[::2])
    top, bottom = (round(share * height) for share in crop[1::2])
    part = frames[:, top : max(bottom, top + 1), left : max(right, left + 1)]
    return fitted(part, *size, fit="crop")
