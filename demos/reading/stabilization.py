"""A camera's own motion, found from corners that stand still in the scene, and taken out of the pictures."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.demos.demo import Frames
from daml.demos.reading.hand_paths import Mask

_N_CORNERS, _QUALITY, _SPACING = 300, 0.01, 0.02
"""Corners looked for; how good they are to be; and their distance in shorter sides."""
_FEWEST = 10
"""With fewer corners the picture is too plain to tell whether the camera moved."""
_FOUND_AGAIN_PX = 1.0
"""A corner counts as found when following it there and back leads this close to where it was."""
_STILL_PX = 0.7
"""A corner that moved less stands still."""
_STILL_SHARE = 0.3
"""When this share of the corners stands still, as many as agree on a motion may be those of a shirt: the camera did
not move."""
_PERSPECTIVE_FROM, _PERSPECTIVE_GAIN = 30, 1.15
"""From this many corners on, and when this much better, a change of perspective is taken for the motion."""
_WINDOW, _LEVELS = (15, 15), 3
_GLANCE = 4
"""Whether a camera stands still at all is looked up in every picture of so many: a hand that holds one moves it for
longer."""
_ALWAYS, _OFTEN, _SPREAD = 0.8, 0.3, 0.5
"""A corner that stands still in so large a share of the pictures that show it, and is shown in so many, is one of the
scene. When those spread over the picture at least this many times as far as all corners do, the camera stands still,
and whatever else moves is a person, who may fill most of the picture. In ten real clips of a still camera they spread
0.7 to 1.2 times as far; in the one of a camera that drifts there are none."""
_RANSAC_PX = 1.0

Transform = NDArray[np.float64]
"""From places of the first picture to those of another, in homogeneous coordinates, `(3, 3)`."""


@dataclass(frozen=True, eq=False)
class CameraMotion:
    """How a camera moved over a film."""

    transforms: NDArray[np.float64]
    """For each picture, from places of the first to its own, `(T, 3, 3)`."""
    extent: float
    """Largest way of a corner of the picture, in shorter sides."""
    lost: float
    """Share of the pictures in which too few of the first one's corners were found to tell."""


def camera_motion(frames: Frames, hidden: Mask) -> CameraMotion:
    """Follow the corners of the first picture through a film.

    Args:
        frames: RGB, `(T, H, W, 3)`.
        hidden: What hands hide, `(T, H, W)`.

    Returns:
        The motion; none for pictures too plain to tell.
    """
    height, width = frames.shape[1:3]
    greys = [np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), np.uint8) for frame in frames]
    spacing = max(3, round(_SPACING * min(height, width)))
    free = (~hidden[0]).astype(np.uint8)
    found = cv2.goodFeaturesToTrack(greys[0], _N_CORNERS, _QUALITY, spacing, mask=free)
    # OpenCV returns None when there are none, which its types do not say.
    corners = np.asarray(found, np.float32).reshape(-1, 2) if np.size(found) > 1 else np.zeros((0, 2), np.float32)
    transforms = np.tile(np.eye(3), (len(frames), 1, 1))
    if len(corners) < _FEWEST:
        return CameraMotion(transforms, 0.0, 0.0)
    glances = range(1, len(frames), _GLANCE)
    if _stands_still([_follow(greys[0], greys[n], corners, np.eye(3), hidden[n]) for n in glances], corners):
        return CameraMotion(transforms, 0.0, 0.0)
    n_lost = 0
    for number in range(1, len(frames)):
        moved = _motion(greys[0], greys[number], corners, transforms[number - 1], hidden[number])
        n_lost += moved is None
        transforms[number] = transforms[number - 1] if moved is None else moved
    edges = np.array([[[0, 0], [width, 0], [0, height], [width, height]]], np.float64)
    ways = [np.abs(cv2.perspectiveTransform(edges, transform) - edges).max() for transform in transforms]
    return CameraMotion(transforms, float(max(ways)) / min(height, width), n_lost / len(frames))


def _stands_still(glances: list[tuple[NDArray[np.float32], Mask]], corners: NDArray[np.float32]) -> bool:
    """Tell whether corners all over the picture stay where they are."""
    held = np.stack([found for _, found in glances])
    is_still = np.stack([np.linalg.norm(there - corners, axis=1) < _STILL_PX for there, _ in glances]) & held
    n_shown = held.sum(axis=0)
    is_scene = (n_shown >= _OFTEN * len(glances)) & (is_still.sum(axis=0) >= np.maximum(_ALWAYS * n_shown, 1))
    if is_scene.sum() < _FEWEST:
        return False
    spread: NDArray[np.float64] = np.asarray(corners[is_scene].std(axis=0) / corners.std(axis=0), np.float64)
    return float(np.sqrt(spread[0] * spread[1])) >= _SPREAD


def _follow(
    first: NDArray[np.uint8], other: NDArray[np.uint8], corners: NDArray[np.float32], guess: Transform, hidden: Mask
) -> tuple[NDArray[np.float32], Mask]:
    """Follow corners from the first picture to another: where they are there, `(n, 2)`, and which were found."""
    height, width = first.shape
    start = corners.reshape(-1, 1, 2)
    expected = cv2.perspectiveTransform(start, guess).astype(np.float32)
    flags = cv2.OPTFLOW_USE_INITIAL_FLOW
    there, found, _ = cv2.calcOpticalFlowPyrLK(
        first, other, start, expected, winSize=_WINDOW, maxLevel=_LEVELS, flags=flags
    )
    back, found_back, _ = cv2.calcOpticalFlowPyrLK(
        other, first, there, start.copy(), winSize=_WINDOW, maxLevel=_LEVELS, flags=flags
    )
    there, back = np.asarray(there, np.float32)[:, 0], np.asarray(back)[:, 0]
    x, y = np.clip(np.nan_to_num(np.round(there)), 0, [width - 1, height - 1]).astype(int).T
    held = (np.asarray(found)[:, 0] == 1) & (np.asarray(found_back)[:, 0] == 1) & ~hidden[y, x]
    return there, held & (np.linalg.norm(back - corners, axis=1) < _FOUND_AGAIN_PX)


def _motion(
    first: NDArray[np.uint8], other: NDArray[np.uint8], corners: NDArray[np.float32], guess: Transform, hidden: Mask
) -> Transform | None:
    """Find the motion from the first picture to another; None when too few corners are found again."""
    there, held = _follow(first, other, corners, guess, hidden)
    if held.sum() < _FEWEST:
        return None
    one, two = corners[held], there[held]
    n_still = int((np.linalg.norm(one - two, axis=1) < _STILL_PX).sum())
    affine, followers = cv2.estimateAffinePartial2D(one, two, method=cv2.RANSAC, ransacReprojThreshold=_RANSAC_PX)
    if n_still >= max(_FEWEST, _STILL_SHARE * len(one)):
        return np.eye(3)
    if np.size(affine) != 6:  # None when nothing fits
        return None
    n_followers = int(np.sum(followers))
    if n_followers >= _PERSPECTIVE_FROM:
        perspective, seconders = cv2.findHomography(one, two, cv2.RANSAC, _RANSAC_PX)
        if np.size(perspective) == 9 and np.sum(seconders) > _PERSPECTIVE_GAIN * n_followers:
            return np.asarray(perspective, np.float64)
    return np.vstack([affine, [0.0, 0.0, 1.0]])


def stabilized(frames: Frames, motion: CameraMotion) -> tuple[Frames, Mask]:
    """Bring the pictures of a film to where the first one was taken from.

    Args:
        frames: RGB, `(T, H, W, 3)`.
        motion: How the camera moved.

    Returns:
        The pictures, and which of their pixels lie outside of what was filmed, `(T, H, W)`.
    """
    height, width = frames.shape[1:3]
    still = frames.copy()
    outside = np.zeros(frames.shape[:3], np.bool_)
    whole = np.ones((height, width), np.uint8)
    for number, transform in enumerate(motion.transforms):
        if np.allclose(transform, np.eye(3)):
            continue
        back = cv2.WARP_INVERSE_MAP
        still[number] = cv2.warpPerspective(
            frames[number], transform, (width, height), flags=cv2.INTER_LINEAR | back, borderMode=cv2.BORDER_REPLICATE
        )
        inside = cv2.warpPerspective(whole, transform, (width, height), flags=cv2.INTER_NEAREST | back)
        outside[number] = np.asarray(inside) == 0
    return still, outside
