"""What is measured about any film before anything learns from it, and what is known to spoil one.

Whether hands, items or the camera stand in the way is for the reading to say (`daml.demos.reading`).
"""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.demos.demo import Frames, HumanDemo

SHORTEST_S = 1.0
"""The fastest simulated human takes 1.6 s; what is shorter is a cut-off film rather than a fast person."""
LONGEST_S = 20.0
"""Frames are chosen evenly over what moves: in a longer film few of them fall on the demonstration itself."""
DARKEST = 60.0
"""Brightness [0 to 255] that the brightest twentieth of the picture must reach: below it colours drown in noise."""
LEAST_MOTION = 0.005
"""Share of the picture that must differ from the first frame at some time: a fingertip is larger."""

_SIDE = 128
"""Longer side that is measured at: enough for a fingertip, and noise is averaged away."""
_CHANGED = 24
"""Difference of a colour channel [0 to 255] that counts as a change: above sensor noise and compression."""


@dataclass(frozen=True, kw_only=True)
class Quality:
    """What was measured about one demonstration."""

    n_frames: int
    frame_rate_hz: float
    duration_s: float
    """Time from the first frame to the last."""
    brightness: float
    """Brightness [0 to 255] that a twentieth of the pixels exceed, over the whole film."""
    motion: tuple[float, ...]
    """Share of the picture that differs from the first frame, for each frame; 0 for the first."""

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """What is likely to spoil an adaptation, each in one plain sentence with what to do about it."""
        found: list[str] = []
        if self.duration_s < SHORTEST_S:
            found.append(f"too short: {self.duration_s:.1f} s; show the whole movement, in two to four seconds")
        if self.duration_s > LONGEST_S:
            found.append(f"long: {self.duration_s:.0f} s; cut the demonstration out with --start and --end")
        if self.brightness < DARKEST:
            found.append(f"too dark: brightness {self.brightness:.0f} of 255; turn on a light")
        if max(self.motion) < LEAST_MOTION:
            found.append("no motion: nothing differs from the first frame; film your hand doing the task")
        return tuple(found)


def measure(demo: HumanDemo) -> Quality:
    """Measure what decides whether a policy can be adapted to a demonstration.

    Args:
        demo: Human video of any size and rate.

    Returns:
        The measurements; `Quality.warnings` judges them.
    """
    small = _shrunk(demo.frames, _SIDE)
    changed = np.stack([_changed(frame, small[0]) for frame in small])
    motion = changed.mean(axis=(1, 2))
    return Quality(
        n_frames=len(demo),
        frame_rate_hz=demo.frame_rate_hz,
        duration_s=demo.duration,
        brightness=float(np.quantile(small.max(axis=3), 0.95)),
        motion=tuple(float(share) for share in motion),
    )


def _shrunk(frames: Frames, side: int) -> Frames:
    """Shrink `(T, H, W, 3)` to a longer side, each new pixel the mean of its area; smaller frames stay as they are."""
    height, width = frames.shape[1:3]
    scale = min(1.0, side / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.stack([np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8) for frame in frames])


def _changed(frame: Frames, reference: Frames) -> NDArray[np.bool_]:
    """Tell which pixels of `(H, W, 3)` differ from another picture, whatever the exposure did, `(H, W)`."""
    exposure = float(np.median((reference + 1.0) / (frame + 1.0)))  # of the table, which is most of the picture
    corrected = np.clip(frame.astype(np.float32) * np.clip(exposure, 0.67, 1.5), 0, 255)
    return np.abs(corrected - reference).max(axis=2) > _CHANGED
