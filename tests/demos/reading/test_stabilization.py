"""Laws of taking a camera's motion out."""

import cv2
import numpy as np
import pytest

from daml.demos.reading.stabilization import camera_motion, stabilized


def scene(shifts: list[tuple[float, float]]) -> np.ndarray:
    rng = np.random.default_rng(0)
    wide = cv2.resize(rng.integers(0, 255, (40, 50, 3), np.uint8), (300, 240), interpolation=cv2.INTER_CUBIC)
    return np.stack(
        [cv2.warpAffine(wide, np.array([[1, 0, x - 30.0], [0, 1, y - 30.0]]), (240, 180)) for x, y in shifts]
    )


def test_a_camera_that_stands_still_is_left_alone():
    frames = scene([(0, 0)] * 4)
    noisy = np.clip(frames + np.random.default_rng(1).normal(0, 4, frames.shape), 0, 255).astype(np.uint8)
    motion = camera_motion(noisy, np.zeros(frames.shape[:3], bool))
    assert motion.extent == 0
    assert motion.lost == 0
    assert np.array_equal(stabilized(noisy, motion)[0], noisy)


def test_a_camera_that_moves_is_followed_and_its_motion_taken_out():
    frames = scene([(0, 0), (4, 1), (8, 3), (12, 4)])
    motion = camera_motion(frames, np.zeros(frames.shape[:3], bool))
    assert motion.extent == pytest.approx(12 / 180, abs=0.005)
    still, outside = stabilized(frames, motion)
    seen = ~outside[3]
    assert 0.9 < seen.mean() < 1
    assert np.abs(still[3].astype(int) - frames[0])[seen].mean() < 6


def test_a_thing_that_moves_alone_does_not_move_the_camera():
    frames = scene([(0, 0)] * 4)
    patch = np.random.default_rng(2).integers(0, 255, (60, 60, 3), np.uint8)
    for number, frame in enumerate(frames):
        frame[40:100, 20 + 10 * number : 80 + 10 * number] = patch
    assert camera_motion(frames, np.zeros(frames.shape[:3], bool)).extent == 0


def test_a_cut_to_another_scene_is_no_small_motion():
    rng = np.random.default_rng(4)
    frames = np.stack([cv2.resize(rng.integers(0, 255, (18, 24, 3), np.uint8), (240, 180)) for _ in range(6)])
    motion = camera_motion(frames, np.zeros(frames.shape[:3], bool))
    assert motion.lost > 0.5 or motion.extent > 0.6


def test_a_plain_picture_tells_nothing():
    assert camera_motion(np.full((3, 60, 80, 3), 128, np.uint8), np.zeros((3, 60, 80), bool)).extent == 0


def test_a_person_who_fills_most_of_the_picture_is_no_camera_that_moves():
    rng = np.random.default_rng(5)
    shirt = cv2.resize(rng.integers(0, 255, (30, 30, 3)).astype(np.uint8), (150, 170), interpolation=cv2.INTER_CUBIC)
    frames = scene([(0, 0)] * 16)
    for number in range(len(frames)):
        x = 40 + 2 * number
        frames[number, 10:180, x : x + 150] = shirt
    assert camera_motion(frames, np.zeros(frames.shape[:3], bool)).extent == 0
