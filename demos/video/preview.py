"""What a person sees and presses while a camera films: a window where there is a display, and the Enter key."""

import os
import select
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

import cv2
import numpy as np

from daml.demos.demo import Frames

_TITLE = "daml record (q stops)"
_STOP_KEYS = {ord("q"), ord("Q"), 27, 13, 32}
"""q, Escape, Enter and the space bar."""


@contextmanager
def live_preview() -> Generator[Callable[[Frames], bool]]:
    """Show frames as they are filmed, where there is a display and an OpenCV that can open windows.

    Yields:
        To be called with each frame, RGB `(H, W, 3)`: shows it, not mirrored, and returns True once the person has
        pressed q in the window or Enter in the terminal.
    """
    has_window = _open_window()

    def show(frame: Frames) -> bool:
        pressed = _enter_was_pressed()
        if has_window:
            cv2.imshow(_TITLE, np.ascontiguousarray(frame[..., ::-1]))
            pressed = pressed or (cv2.waitKey(1) & 0xFF) in _STOP_KEYS
        return pressed

    try:
        yield show
    finally:
        if has_window:
            cv2.destroyWindow(_TITLE)


def _open_window() -> bool:
    """Open the window; return whether there is one."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    try:
        cv2.namedWindow(_TITLE)
    except cv2.error:  # the headless build of OpenCV opens none
        return False
    return True


def _enter_was_pressed() -> bool:
    """Tell whether a line was typed in the terminal; False without one."""
    try:
        if not sys.stdin.isatty() or not select.select([sys.stdin], [], [], 0)[0]:
            return False
    except (OSError, ValueError):  # a closed or replaced standard input
        return False
    sys.stdin.readline()
    return True
