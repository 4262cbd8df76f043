"""What is measured about a demonstration before anything learns from it, and what is known to spoil one.

Everything is compared with the first frame, because the policies do so too: a hand that is there from the start, or a
camera that moves, is what they would take for the table.
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
MOST_CAMERA_MOTION = 0.02
"""Way that the background may go, as a share of the longer side: more than a pixel of a picture of 64."""
LARGEST_START = 0.025
"""Share of the picture that something reaching in from the border may cover in the first frame: less than a hand, more
than the edge of the shadow of one that comes in later."""
MOST_HIDDEN = 0.75
"""Area still covered in the last frame as a share of the largest: a hand that has withdrawn half-way covers less."""

_SIDE = 128
"""Longer side that is measured at: enough for a fingertip, and noise is averaged away."""
_CHANGED = 24
"""Difference of a colour channel [0 to 255] that counts as a change: above sensor noise and compression."""
_TRACKING_SIDE = 256
_N_POINTS, _N_TRACKED_FRAMES = 150, 8
_FEWEST_POINTS = 12
"""With fewer corners the picture is too plain to tell whether the camera moved."""
_LEAST_TRACKED = 0.3
"""When fewer corners are found again than this share, they say nothing about the camera."""
_NEW_SCENE = 0.6
"""When so large a share of the picture has changed and no corners are found again, it shows another place."""


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
    camera_motion: float | None
    """Largest way of the background from its first place, as a share of the longer side; None for a plain picture."""
    covered_at_start: float
    """Share of the picture in the first frame that something covers which comes in from the border and leaves."""
    covered_at_end: float
    """Area that is covered in the last frame, as a share of the largest area covered."""

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
        if self.camera_motion is not None and self.camera_motion > MOST_CAMERA_MOTION:
            found.append(
                f"the camera moved by {self.camera_motion:.0%} of the picture; put it on something that stands still"
            )
            return tuple(found)  # what covers what cannot be told then
        if self.covered_at_start > LARGEST_START:  # then the last frame differs because the hand has left
            found.append(
                f"the first frame already shows a hand ({self.covered_at_start:.0%} of the picture); "
                "begin with the table alone, or cut the beginning off with --start"
            )
        elif self.covered_at_end > MOST_HIDDEN:
            found.append("the target is still covered at the end; let go and take your hand away")
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
        camera_motion=_camera_motion(demo.frames, motion),
        covered_at_start=_covered_at_start(small, changed),
        covered_at_end=float(motion[-1] / motion.max()) if motion.max() > 0 else 0.0,
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


def _covered_at_start(frames: Frames, changed: NDArray[np.bool_]) -> float:
    """Measure what reaches in from the border in the first frame and is gone in the last, as a share of the picture.

    What differs between first and last frame may as well be a hand that is there in the last. An arm that goes in
    covers the border first, and one that goes out uncovers the border last; so each connected part is judged by whether
    the change comes to the border before or after it comes to what is further in.

    Args:
        frames: RGB video, `(T, H, W, 3)`.
        changed: Where each frame differs from the first, `(T, H, W)`.
    """
    unlike_last = np.stack([_changed(frame, frames[-1]) for frame in frames])
    began = np.argmax(changed, axis=0)  # the first frame unlike the first of all, (H, W)
    ended = len(frames) - np.argmax(unlike_last[::-1], axis=0)  # the first from which on all are like the last, (H, W)
    parts, n_parts = _connected(changed[-1])
    border = np.zeros(parts.shape, np.bool_)
    border[[0, -1]] = border[:, [0, -1]] = True
    share = 0.0
    for number in range(1, n_parts + 1):
        part = parts == number
        if not (part & border).any():
            continue  # what was brought and left
        from_border = np.argwhere(part) - np.argwhere(part & border).mean(axis=0)
        inwards = np.linalg.norm(from_border, axis=1)
        inwards -= inwards.mean()
        if float(inwards @ (began[part] + ended[part])) < 0:
            share += float(part.mean())
    return share


def _connected(mask: NDArray[np.bool_]) -> tuple[NDArray[np.int32], int]:
    """Number the connected parts of a mask from 1, `(H, W)`; and how many there are."""
    parts = np.zeros(mask.shape, np.int32)
    n_numbers, _ = cv2.connectedComponents(mask.astype(np.uint8), parts, connectivity=8)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - OpenCV leaves this one untyped
    return parts, int(n_numbers) - 1  # pyright: ignore[reportUnknownArgumentType]


def _camera_motion(frames: Frames, motion: NDArray[np.float64]) -> float | None:
    """Follow corners of the first frame through the film; half of them or more move only when the camera does."""
    chosen = np.linspace(0, len(frames) - 1, min(len(frames), _N_TRACKED_FRAMES + 1)).round().astype(int)
    shrunk = _shrunk(frames[chosen], _TRACKING_SIDE)
    greys = [np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), np.uint8) for frame in shrunk]
    corners = cv2.goodFeaturesToTrack(greys[0], _N_POINTS, 0.02, 5)
    # OpenCV returns None when there are none, which its types do not say.
    points = np.asarray(corners, np.float32).reshape(-1, 1, 2) if np.size(corners) > 1 else np.zeros((0, 1, 2))
    if len(points) < _FEWEST_POINTS:
        return None
    largest = 0.0
    for number, grey in zip(chosen[1:], greys[1:], strict=True):
        there, _, _ = cv2.calcOpticalFlowPyrLK(greys[0], grey, points, points.copy())
        back, found, _ = cv2.calcOpticalFlowPyrLK(grey, greys[0], there, points.copy())
        missed = np.linalg.norm(np.asarray(back) - points, axis=2)[:, 0]
        held = (np.asarray(found)[:, 0] == 1) & (missed < 1)  # found again, and found back from there
        if held.mean() < _LEAST_TRACKED:
            if motion[number] > _NEW_SCENE:
                return 1.0
            continue  # a hand and its shadow hide most corners for a moment
        ways = np.linalg.norm(np.asarray(there) - points, axis=2)[held, 0]
        largest = max(largest, float(np.median(ways)) / max(grey.shape))
    return largest
