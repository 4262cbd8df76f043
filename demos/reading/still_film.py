"""A film made ready to be read: small, its camera's motion taken out, with what its hands hide."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.demos.colors import color_distance
from daml.demos.demo import Frames, HumanDemo
from daml.demos.hands.tracks import HandTracks
from daml.demos.reading.hand_paths import HandPath, Mask, hand_masks, hand_paths
from daml.demos.reading.stabilization import CameraMotion, camera_motion, stabilized

WORKING_SIDE = 256
"""Longer side of the pictures that are read [px]: a thing of a tenth of the shorter side has 14."""
_USUAL_PALM, _UNIT_RANGE = 0.11, (0.8, 2.0)
"""Length of a palm in shorter sides, from the wrist to the middle finger's root, as in most films; and how much nearer
or farther than usual a film is taken to be, at the most."""
_CORNER_MARGIN, _HAND_MARGIN = 0.08, 0.05
"""Hidden around hands, in shorter sides: wider where corners are looked for, so that none lies on a moving arm."""
_UNMOVED = 0.004
"""A camera that moved less, in shorter sides, counts as still: half a pixel."""
_BRIGHT, _MOST_GAIN, _BRIGHTEST = 225, 3.0, 0.98
"""A dark film is brightened until this share of its pixels is below this value, by the gain at most: what counts as a
change of colour is then the same in all films."""
_N_MEASURED = 8
_EXPOSED, _SPARSE = (20, 235), 4
"""Exposures are compared at pixels between black and white [0 to 255], in every such row and column."""
_STEADY_NOISE, _NOISE_GAIN, _MOST_NOISE = 9.0, 2.0, 24.0
"""Differences of colour [0 to 255] up to the first, and up to so many times the median difference between the first and
the last picture, mean nothing: shades of people who move, and what compression leaves. At the most the third."""
_BLUR = 0.006
"""Blur against noise, in shorter sides."""


@dataclass(frozen=True, eq=False)
class StillFilm:
    """A film as it is read: all its pictures as from where the first was taken."""

    frames: Frames
    """RGB, blurred against noise, `(T, H, W, 3)`."""
    times_s: NDArray[np.float64]
    """`(T,)`."""
    hands: list[HandPath]
    hidden: Mask
    """Where hands, or what lies outside of the filmed, hide the scene, `(T, H, W)`."""
    camera: CameraMotion
    unit: float
    """What lengths are measured in [px]: the shorter side of a picture in which hands have the usual size. Items are
    hand-sized, whether filmed from near or far."""

    noise: float
    """A difference of colour [0 to 255] that is seldom larger where nothing changed."""

    @property
    def period_s(self) -> float:
        """Time between pictures [s]."""
        return float(np.median(np.diff(self.times_s)))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height [px]."""
        return self.frames.shape[2], self.frames.shape[1]


def prepare(film: HumanDemo, hands: HandTracks) -> StillFilm:
    """Make a film ready to be read.

    Args:
        film: The film, of any size.
        hands: Its hands; times count from the film's first picture.

    Returns:
        The film.
    """
    height, width = film.frames.shape[1:3]
    scale = min(1.0, WORKING_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    frames = np.stack(
        [np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8) for frame in film.frames]
    )
    frames = _brightened(frames)
    times_s = np.arange(len(frames)) / film.frame_rate_hz
    paths = hand_paths(hands, times_s, size=size)
    shape, unit = frames.shape[:3], float(min(size))
    unit *= float(np.clip(_palm_length(paths) / unit / _USUAL_PALM, *_UNIT_RANGE))
    camera = camera_motion(frames, hand_masks(paths, shape, margin=_CORNER_MARGIN * unit))
    outside = np.zeros(shape, np.bool_)
    if camera.extent > _UNMOVED:
        frames, outside = stabilized(frames, camera)
        paths = [_stabilized_path(path, camera) for path in paths]
    hidden = hand_masks(paths, shape, margin=_HAND_MARGIN * unit) | outside
    frames = evenly_exposed(frames, hidden)
    sigma = _BLUR * unit
    smooth = np.stack([np.asarray(cv2.GaussianBlur(frame, (0, 0), sigma), np.uint8) for frame in frames])
    return StillFilm(smooth, times_s, paths, hidden, camera, unit, _noise(smooth, hidden))


def _noise(frames: Frames, hidden: Mask) -> float:
    """Measure how much of a difference between the first and the last picture means nothing [0 to 255]."""
    is_seen = ~(hidden[0] | hidden[-1])
    usual = float(np.median(color_distance(frames[0], frames[-1])[is_seen])) if is_seen.any() else 0.0
    return min(_STEADY_NOISE + _NOISE_GAIN * usual, _MOST_NOISE)


def evenly_exposed(frames: Frames, hidden: Mask) -> Frames:
    """Take out how a camera's exposure and white balance wander, as they do when a hand comes in.

    Args:
        frames: RGB, as from one place, `(T, H, W, 3)`.
        hidden: What hides the scene, `(T, H, W)`.

    Returns:
        The pictures, each channel multiplied so that what stands still looks as in the median picture.
    """
    small = frames[:, ::_SPARSE, ::_SPARSE].astype(np.float32)
    is_seen = ~hidden[:, ::_SPARSE, ::_SPARSE]
    usual = np.median(small[:: max(1, len(frames) // (2 * _N_MEASURED))], axis=0)
    low, high = _EXPOSED
    is_exposed = ((usual > low) & (usual < high)).all(axis=2)
    evened = np.empty_like(frames)
    for number, picture in enumerate(small):
        compared = is_exposed & is_seen[number]
        gain = np.ones(3)
        if compared.any():
            gain = np.median(usual[compared] / np.maximum(picture[compared], 1), axis=0)
        table = np.clip(np.arange(256)[:, None] * gain, 0, 255).round().astype(np.uint8)
        evened[number] = cv2.LUT(frames[number], table[None])
    return evened


def _stabilized_path(path: HandPath, camera: CameraMotion) -> HandPath:
    """Move a hand's landmarks with the pictures; its speed stays that of the film."""
    landmarks = np.stack(
        [
            cv2.perspectiveTransform(places[None], np.linalg.inv(camera.transforms[number]))[0]
            for number, places in zip(path.pictures, path.landmarks, strict=True)
        ]
    )
    return HandPath(path.pictures, landmarks, path.is_seen, path.speed, path.rightness)


def _palm_length(paths: list[HandPath]) -> float:
    """Return the median length of palms [px]; 0 without hands."""
    return float(np.median(np.concatenate([path.palm for path in paths]))) if paths else 0.0


def _brightened(frames: Frames) -> Frames:
    """Brighten a dark film, all pictures alike."""
    measured = frames[:: max(1, len(frames) // _N_MEASURED)].max(axis=3)
    gain = float(np.clip(_BRIGHT / max(float(np.quantile(measured, _BRIGHTEST)), 1.0), 1.0, _MOST_GAIN))
    if gain == 1:
        return frames
    return np.stack([np.asarray(cv2.convertScaleAbs(frame, alpha=gain), np.uint8) for frame in frames])
