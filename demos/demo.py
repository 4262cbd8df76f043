"""One demonstration held in memory: frames alone for a human, frames with states and actions for a robot."""

import math
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from daml.demos.motion import moving_span
from daml.demos.resizing import Fit, fitted, fitted_places

_Scalar = TypeVar("_Scalar", bound=np.generic)

Frames = NDArray[np.uint8]
"""RGB video, `(T, H, W, 3)`."""

MIN_FRAMES = 2
"""A single frame shows no motion, hence nothing that was done."""


def check_frames(frames: Frames, *, name: str, min_frames: int = MIN_FRAMES) -> None:
    """Refuse anything but an RGB video.

    Args:
        frames: RGB video, `(T, H, W, 3)`.
        name: What the error calls the array.
        min_frames: Smallest T that is accepted.

    Raises:
        TypeError: `frames` is not an array.
        ValueError: The dtype is not `uint8`, the shape is not `(T, H, W, 3)`, or there are too few frames.
    """
    if not isinstance(frames, np.ndarray):  # pyright: ignore[reportUnnecessaryIsInstance] - callers need not be typed
        raise TypeError(f"{name}: expected a numpy array, got {type(frames).__name__}; convert it with numpy.asarray")
    if frames.dtype != np.uint8:
        raise ValueError(
            f"{name}: expected uint8 in 0..255, got {frames.dtype}; scale to 0..255 and convert with astype"
        )
    if frames.ndim != 4 or frames.shape[3] != 3 or 0 in frames.shape[1:3]:
        raise ValueError(
            f"{name}: expected the shape (T, H, W, 3), got {frames.shape}; stack RGB images along the first axis"
        )
    if len(frames) < min_frames:
        raise ValueError(f"{name}: {len(frames)} frame(s), but at least {min_frames} are needed; record a longer video")


def check_frame_rate(frame_rate_hz: float, *, name: str) -> None:
    """Refuse a frame rate that is no positive finite number.

    Args:
        frame_rate_hz: Frames per second.
        name: What the error calls the number.

    Raises:
        ValueError: The rate is zero, negative, infinite or not a number.
    """
    if not (math.isfinite(frame_rate_hz) and frame_rate_hz > 0):
        raise ValueError(f"{name}: expected a positive number of frames per second, got {frame_rate_hz}")


_UNKNOWN = np.empty((0, 0), np.float32)
"""Stands for places of the hand, or goals, that are left out."""

_AS_TO_BE_TAKEN = np.empty((0, 0), np.float32)
"""Stands for executed actions that are left out."""


@dataclass(frozen=True, eq=False)
class HumanDemo:
    """What a camera saw of a person who did the task: no states, no actions.

    The frames are kept as a read-only view: nothing is copied, so that memory-mapped clips stay on disk.

    Raises:
        TypeError: `frames` is not an array.
        ValueError: `frames` is no `uint8` RGB video of at least 2 frames, the frame rate is not positive, or there is
            not one place of the hand for each frame.
    """

    frames: Frames
    """RGB, `(T, H, W, 3)`."""
    frame_rate_hz: float
    """Frames per second; frame t was seen at `t / frame_rate_hz`."""
    hand: NDArray[np.float32] = field(default_factory=lambda: _UNKNOWN)
    """Where the point between thumb and fingers of the acting hand is in each frame, x and y in [-1, 1] from edge to
    edge, `(T, 2)`: what a reading tells of a film. NaN where it is not known; everywhere where it is left out. A film
    that was read shows nobody in its first frame, and little else than the task."""

    def __post_init__(self) -> None:
        """Validate, and make the arrays read-only."""
        check_frames(self.frames, name="HumanDemo.frames")
        check_frame_rate(self.frame_rate_hz, name="HumanDemo.frame_rate_hz")
        hand = np.full((len(self), 2), np.nan, np.float32) if self.hand is _UNKNOWN else self.hand
        if hand.shape != (len(self), 2):
            raise ValueError(f"HumanDemo.hand: expected the shape ({len(self)}, 2), got {hand.shape}")
        object.__setattr__(self, "frames", _read_only(self.frames))
        object.__setattr__(self, "hand", _read_only(hand))
        object.__setattr__(self, "frame_rate_hz", float(self.frame_rate_hz))

    @property
    def knows_hand(self) -> bool:
        """Tell whether it is known in any frame where the hand is."""
        return bool(np.isfinite(self.hand).any())

    def acting_span(self) -> tuple[int, int]:
        """Return the first and last frame in which it is done: all but the first if it was read, else what moves."""
        return (1, len(self) - 1) if self.knows_hand else moving_span(self.frames)

    def __len__(self) -> int:
        """Count the frames, T."""
        return len(self.frames)

    @property
    def duration(self) -> float:
        """Time from the first frame to the last [s]."""
        return (len(self) - 1) / self.frame_rate_hz

    def resampled(self, n_frames: int) -> "HumanDemo":
        """Choose frames evenly spaced in time, the first and the last among them.

        Args:
            n_frames: How many frames to return, at least 2; more than there are repeats some.

        Returns:
            A demonstration of `n_frames` frames and the same duration.

        Raises:
            ValueError: `n_frames` is below 2.
        """
        if n_frames < MIN_FRAMES:
            raise ValueError(f"n_frames: expected at least {MIN_FRAMES}, the first and the last frame; got {n_frames}")
        chosen = np.rint(np.linspace(0, len(self) - 1, n_frames)).astype(np.intp)
        return HumanDemo(self.frames[chosen], (n_frames - 1) / self.duration, self.hand[chosen])

    def resized(self, height: int, width: int, *, fit: Fit = "crop") -> "HumanDemo":
        """Bring the frames to the aspect ratio asked for, then average over areas.

        Args:
            height: Height of the new frames, at least 1.
            width: Width of the new frames, at least 1.
            fit: `crop` keeps the centre; `pad` keeps everything and repeats the border around it.

        Returns:
            A demonstration of `(T, height, width, 3)` frames; itself if it has that size already.

        Raises:
            ValueError: The height or the width is below 1.
        """
        frames = fitted(self.frames, height, width, fit=fit)
        if frames is self.frames:
            return self
        hand = fitted_places(self.hand, self.frames.shape[1:3], height, width, fit=fit)
        return HumanDemo(frames, self.frame_rate_hz, hand)


@dataclass(frozen=True, eq=False, kw_only=True)
class RobotDemo:
    """What a robot saw, felt and did: row t holds what was observed at t and the action to take then.

    The arrays are kept as read-only views: nothing is copied.

    Raises:
        TypeError: `frames` is not an array.
        ValueError: An array has the wrong dtype or number of axes, the lengths differ, a state or an action is not
            finite, or the frame rate is not positive.
    """

    frames: Frames
    """RGB, `(T, H, W, 3)`."""
    states: NDArray[np.float32]
    """State of the robot, `(T, S)`."""
    actions: NDArray[np.float32]
    """Action to take, `(T, A)`: what is imitated."""
    frame_rate_hz: float
    """Control steps per second; row t belongs to time `t / frame_rate_hz`."""
    executed: NDArray[np.float32] = field(default_factory=lambda: _AS_TO_BE_TAKEN)
    """Action taken, `(T, A)`; another one where a demonstrator was disturbed or corrects. `actions` when left out."""
    goals: NDArray[np.float32] = field(default_factory=lambda: _UNKNOWN)
    """True goal at each step: where the item and its destination are, in metres, `(T, W)`; see `daml.envs.tasks.goal`.
    `(T, 0)`, as by default, where it is not known: outside a simulator."""

    def __post_init__(self) -> None:
        """Validate, and make the arrays read-only."""
        check_frames(self.frames, name="RobotDemo.frames")
        check_frame_rate(self.frame_rate_hz, name="RobotDemo.frame_rate_hz")
        _check_steps(self.states, n_steps=len(self.frames), name="RobotDemo.states")
        _check_steps(self.actions, n_steps=len(self.frames), name="RobotDemo.actions")
        executed = self.actions if self.executed is _AS_TO_BE_TAKEN else self.executed
        _check_steps(executed, n_steps=len(self.frames), name="RobotDemo.executed")
        if executed.shape != self.actions.shape:
            raise ValueError(f"RobotDemo.executed: expected {self.actions.shape} as actions, got {executed.shape}")
        goals = np.empty((len(self.frames), 0), np.float32) if self.goals is _UNKNOWN else self.goals
        _check_steps(goals, n_steps=len(self.frames), name="RobotDemo.goals")
        object.__setattr__(self, "goals", _read_only(goals))
        object.__setattr__(self, "frames", _read_only(self.frames))
        object.__setattr__(self, "states", _read_only(self.states))
        object.__setattr__(self, "actions", _read_only(self.actions))
        object.__setattr__(self, "executed", _read_only(executed))
        object.__setattr__(self, "frame_rate_hz", float(self.frame_rate_hz))

    def __len__(self) -> int:
        """Count the steps, T."""
        return len(self.frames)

    @property
    def duration(self) -> float:
        """Time from the first frame to the last [s]."""
        return (len(self) - 1) / self.frame_rate_hz


def _check_steps(values: NDArray[np.float32], *, n_steps: int, name: str) -> None:
    """Refuse anything but one finite float32 row per frame."""
    if values.dtype != np.float32 or values.ndim != 2:
        raise ValueError(f"{name}: expected float32 with the shape (T, dimensions), got {values.dtype} {values.shape}")
    if len(values) != n_steps:
        raise ValueError(f"{name}: {len(values)} rows for {n_steps} frames; give one row per frame")
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values).all(axis=1))[0])
        raise ValueError(
            f"{name}: row {row} is not finite: {values[row].tolist()}; drop the clip or repair the recording"
        )


def _read_only(array: NDArray[_Scalar]) -> NDArray[_Scalar]:
    """View an array without the right to write."""
    view = array.view()
    view.setflags(write=False)
    return view
