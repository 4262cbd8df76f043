import os
import sys

import cv2
import numpy as np
import pytest

from daml.demos.video.preview import live_preview

FRAME = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)


def test_without_a_display_nothing_is_shown_and_nothing_stops(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with live_preview() as show:
        assert not show(FRAME)


def test_an_opencv_without_windows_is_no_error(monkeypatch: pytest.MonkeyPatch):
    def fail(_title: str):
        raise cv2.error

    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(cv2, "namedWindow", fail)
    with live_preview() as show:
        assert not show(FRAME)


def test_the_window_shows_the_frame_unmirrored_until_a_key_is_pressed(monkeypatch: pytest.MonkeyPatch):
    shown, keys, closed = [], iter([-1, ord("x"), ord("q")]), []
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(cv2, "namedWindow", lambda _title: None)
    monkeypatch.setattr(cv2, "imshow", lambda _title, picture: shown.append(picture))
    monkeypatch.setattr(cv2, "waitKey", lambda _delay: next(keys))
    monkeypatch.setattr(cv2, "destroyWindow", closed.append)
    with live_preview() as show:
        assert [show(FRAME) for _ in range(3)] == [False, False, True]
    assert len(closed) == 1
    np.testing.assert_array_equal(shown[0], FRAME[..., ::-1])  # OpenCV's order of colours, the sides as they were


def test_enter_in_the_terminal_stops(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    theirs, ours = os.openpty()
    with os.fdopen(ours) as terminal, live_preview() as show:
        monkeypatch.setattr(sys, "stdin", terminal)
        assert not show(FRAME)
        os.write(theirs, b"\n")
        assert any(show(FRAME) for _ in range(1000))
    os.close(theirs)
