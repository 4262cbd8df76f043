"""What can go wrong with a film between the scene and its viewer: somebody in the way, noise, strong compression."""

import io

import av
import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.uint8]
"""RGB video, `(T, H, W, 3)`."""

N_PASSERS = 2
"""Times that somebody passes in front of the camera."""

PASSING_SHARE = (0.12, 0.20)
"""Share of the frames that one passing takes: both together a quarter to four tenths of them."""

PASSER_WIDTH = (0.45, 0.70)
"""Share of the picture's width that who passes covers in the middle of it."""

SENSOR_NOISE = (0.05, 0.09)
"""Standard deviation of each pixel's noise, in [0, 1]: in training it is 0.02."""

QUANTIZER = (40, 45)
"""H.264 quantisers: 18 is taken for lossless, 28 for acceptable, 51 is the worst there is."""


def occlude(frames: Frames, rng: np.random.Generator) -> Frames:
    """Let somebody pass in front of the camera, twice; the first frame stays clear.

    Args:
        frames: The film.
        rng: Source of randomness.

    Returns:
        The film with a dark column that sweeps over the whole height of some frames, from one side to the other.
    """
    occluded, n_frames, width = frames.copy(), len(frames), int(frames.shape[2])
    for passer in range(N_PASSERS):
        length = max(2, round(rng.uniform(*PASSING_SHARE) * n_frames))
        # Each has its own part of the film, so that they do not meet.
        first, last = (1 + part * (n_frames - 1) // N_PASSERS for part in (passer, passer + 1))
        start = int(rng.integers(first, max(first + 1, last - length + 1)))
        colour = rng.uniform(0.02, 0.35) * 255 * (1 + rng.uniform(-0.3, 0.3, 3))
        column = rng.uniform(*PASSER_WIDTH) * width
        direction = rng.choice([-1, 1])
        for number, frame in enumerate(range(start, min(start + length, n_frames))):
            middle = width / 2 + direction * (number / (length - 1) - 0.5) * width
            left, right = np.clip(np.rint([middle - column / 2, middle + column / 2]), 0, width).astype(int)
            occluded[frame, :, left:right] = colour.astype(np.uint8)
    return occluded


def degrade(frames: Frames, rng: np.random.Generator) -> Frames:
    """Add a poor sensor's noise, then compress the film with H.264 until blocks and smears show.

    Args:
        frames: The film.
        rng: Source of randomness.

    Returns:
        What a player shows of it.
    """
    noise = rng.normal(0.0, rng.uniform(*SENSOR_NOISE) * 255, frames.shape)
    noisy = np.clip(np.rint(frames + noise), 0, 255).astype(np.uint8)
    return compress(noisy, quantizer=int(rng.integers(QUANTIZER[0], QUANTIZER[1] + 1)))


def compress(frames: Frames, *, quantizer: int) -> Frames:
    """Encode frames in memory and decode them again; sides of odd length are padded for the codec and cut again.

    Args:
        frames: The film.
        quantizer: H.264's, from 0 to 51.

    Returns:
        What a player shows of it.
    """
    _, height, width, _ = frames.shape
    padded = np.pad(frames, ((0, 0), (0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    pictures = [av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24") for frame in padded]
    file, options = io.BytesIO(), {"qp": str(quantizer), "preset": "veryfast"}
    # PyAV leaves keyword arguments and packets without types.
    with av.open(file, "w", format="mp4") as written:
        stream = written.add_stream("libx264", rate=12, options=options)  # pyright: ignore[reportUnknownMemberType]
        stream.height, stream.width = padded.shape[1:3]
        stream.pix_fmt = "yuv420p"
        stream.thread_count = 1  # the same bits on every machine
        for picture in (*pictures, None):
            written.mux(stream.encode(picture))  # pyright: ignore[reportUnknownMemberType]
    file.seek(0)
    with av.open(file, "r") as read:
        shown = [frame.to_ndarray(format="rgb24").astype(np.uint8) for frame in read.decode(video=0)]
    return np.stack(shown)[:, :height, :width]
