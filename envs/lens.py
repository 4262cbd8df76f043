"""What people's cameras do to a film: a shaking hand, white balance, exposure, blur, noise, compression, few frames."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from daml.envs.film_faults import compress

Frames = NDArray[np.uint8]
"""RGB video, `(T, H, W, 3)`."""

FRAME_RATES_HZ = (5.0, 60.0)
"""Rates of webcams in the dark, and of phones."""

WHITE_BALANCE, EXPOSURE, GAMMA = 0.10, 0.18, 0.15
"""Standard deviations of the logarithms of each channel's gain, of all channels' gain, and of the exponent."""

BLUR = (0.0, 0.008)
"""Standard deviation of a lens's blur, as a share of the picture's height: up to 0.8 pixels of 96."""

LEAST_BLUR = 0.2
"""Standard deviation of a blur that is not seen, in pixels."""

NOISE = (0.0, 0.03)
"""Standard deviation of each pixel's noise, in [0, 1]."""

QUANTIZERS = (18, 36)
"""H.264 quantisers, from what is taken for lossless to what video calls send."""

STEADY_SHARE = 0.5
"""Share of cameras that stand on something."""

SENSOR_HEIGHT = 288
"""Least height of what a camera films, in pixels: smaller pictures are shrunk from that, as are noise and compression.
Compressed at 96 pixels, a small thing would lose its colour, of which H.264 keeps half the pixels."""

SHAKE, SHAKE_DEG = 0.008, 0.5
"""Standard deviations of a hand's tremor: the picture's shift, as a share of its height, and its turn, in degrees."""

PERSISTENCE = 0.8
"""Share of a tremor that is left a frame later."""


@dataclass(frozen=True)
class Lens:
    """One camera.

    Args:
        gains: Factors on red, green and blue.
        gamma: Exponent of what the picture shows.
        blur: Standard deviation of its blur, as a share of the picture's height.
        noise: Standard deviation of each pixel's noise, in [0, 1].
        quantizer: Of its compression.
        frame_rate_hz: Its frames a second.
        shake: By how much it shakes, 0 if it stands on something.
    """

    gains: tuple[float, float, float]
    gamma: float
    blur: float
    noise: float
    quantizer: int
    frame_rate_hz: float
    shake: float


def draw_lens(rng: np.random.Generator) -> Lens:
    """Draw a camera as people have it."""
    red, green, blue = np.exp(rng.normal(0.0, WHITE_BALANCE, 3) + rng.normal(0.0, EXPOSURE))
    low, high = FRAME_RATES_HZ
    return Lens(
        gains=(float(red), float(green), float(blue)),
        gamma=float(np.exp(rng.normal(0.0, GAMMA))),
        blur=rng.uniform(*BLUR),
        noise=rng.uniform(*NOISE) * rng.random(),
        quantizer=int(rng.integers(QUANTIZERS[0], QUANTIZERS[1] + 1)),
        frame_rate_hz=float(low * (high / low) ** rng.random()),
        shake=0.0 if rng.random() < STEADY_SHARE else rng.uniform(0.2, 1.5),
    )


def shoot(frames: Frames, lens: Lens, rng: np.random.Generator, *, frame_rate_hz: float) -> Frames:
    """Return what a camera makes of a film, in as many frames at the same rate.

    A slower camera shows each of its frames for longer; a faster one's further frames are not in the film.

    Args:
        frames: What there is to be seen.
        lens: The camera.
        rng: Random numbers.
        frame_rate_hz: Rate of the frames.
    """
    held = frames_shown(len(frames), lens, frame_rate_hz=frame_rate_hz)
    shown, number = np.unique(held, return_inverse=True)
    height, width = frames.shape[1:3]
    scale = -(-SENSOR_HEIGHT // height)
    sharp = [_resized(frame, scale * width, scale * height) for frame in _shaken(frames[shown], lens.shake, rng)]
    film = compress(np.stack([_exposed(frame, lens, rng) for frame in sharp]), quantizer=lens.quantizer)
    return np.stack([_resized(frame, width, height) for frame in film])[number]


def frames_shown(n_frames: int, lens: Lens, *, frame_rate_hz: float) -> NDArray[np.int64]:
    """Return which of T frames, at a rate in Hz, each frame of a camera's film shows, `(T,)`."""
    numbers, rate = np.arange(n_frames), lens.frame_rate_hz / frame_rate_hz
    if rate >= 1:
        return numbers
    return np.floor(np.floor(numbers * rate) / rate).astype(np.int64)


def _resized(frame: Frames, width: int, height: int) -> Frames:
    """Enlarge a frame, `(H, W, 3)`, by interpolation, or shrink it by averaging."""
    if frame.shape[:2] == (height, width):
        return frame
    interpolation = cv2.INTER_LINEAR if height > len(frame) else cv2.INTER_AREA
    return cv2.resize(frame, (width, height), interpolation=interpolation).astype(np.uint8)


def _exposed(frame: Frames, lens: Lens, rng: np.random.Generator) -> Frames:
    """Blur, light and grain one frame, `(H, W, 3)`."""
    sigma = lens.blur * len(frame)
    seen = cv2.GaussianBlur(frame, (0, 0), sigma) if sigma > LEAST_BLUR else frame
    light = np.power(seen / 255.0, lens.gamma) * lens.gains + lens.noise * rng.normal(size=frame.shape)
    return np.rint(255 * np.clip(light, 0.0, 1.0)).astype(np.uint8)


def _shaken(frames: Frames, shake: float, rng: np.random.Generator) -> Frames:
    """Move and turn each frame a little, as a hand does; its edge is repeated."""
    if shake == 0.0:
        return frames
    height, width = frames.shape[1:3]
    tremor = np.zeros(3)
    moved: list[Frames] = []
    for frame in frames:
        tremor = PERSISTENCE * tremor + np.sqrt(1 - PERSISTENCE**2) * rng.normal(size=3)
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), float(shake * SHAKE_DEG * tremor[2]), 1.0)
        turn[:, 2] += shake * SHAKE * height * tremor[:2]
        shifted = cv2.warpAffine(frame, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
        moved.append(shifted.astype(np.uint8))
    return np.stack(moved)
