"""Colours and patterns of procedural objects, and the rule that keeps the splits apart."""

import zlib

import numpy as np
from numpy.typing import NDArray

Rgb = tuple[float, float, float]
"""Red, green and blue, in [0, 1] where nothing else is said."""

COLOURS: dict[str, Rgb] = {
    "red": (0.80, 0.12, 0.12),
    "orange": (0.92, 0.47, 0.08),
    "yellow": (0.92, 0.82, 0.16),
    "lime": (0.55, 0.80, 0.20),
    "green": (0.10, 0.52, 0.20),
    "teal": (0.08, 0.55, 0.55),
    "sky": (0.40, 0.72, 0.92),
    "blue": (0.14, 0.26, 0.78),
    "purple": (0.46, 0.20, 0.62),
    "pink": (0.94, 0.52, 0.68),
    "brown": (0.42, 0.25, 0.13),
    "white": (0.93, 0.93, 0.91),
    "grey": (0.50, 0.51, 0.53),
    "black": (0.09, 0.09, 0.10),
}
PATTERNS = ("plain", "stripes", "checker", "dot", "ring")

COLOUR_JITTER = 0.05
"""Half-width of the uniform jitter of each channel around its named colour."""

TEXTURE_SIZE = 32
"""Side of a face's texture in texels: finer than any camera here resolves."""

SPLIT_SHARES = {"train": 8, "validation": 1, "test": 1}
"""Shares, of ten, of the shape-colour-texture combinations that belong to each split."""


def split_of(combination: str) -> str:
    """Return the split that owns a combination of shape, colours and texture, by a hash of its name.

    Args:
        combination: Name of the combination, such as `bowl/red/white/stripes`.

    Returns:
        The split's name: every combination belongs to exactly one.
    """
    slot = zlib.crc32(combination.encode()) % sum(SPLIT_SHARES.values())
    for split, share in SPLIT_SHARES.items():
        if slot < share:
            return split
        slot -= share
    raise AssertionError("unreachable: the shares cover every slot")


def as_rgb(channels: NDArray[np.float64]) -> Rgb:
    """Return three channels, `(3,)`, as a plain tuple."""
    red, green, blue = channels
    return (float(red), float(green), float(blue))


def jitter_colour(name: str, rng: np.random.Generator) -> Rgb:
    """Draw an RGB colour in [0, 1] near a named one.

    Args:
        name: Key of `COLOURS`.
        rng: Source of randomness.
    """
    return as_rgb(np.clip(np.array(COLOURS[name]) + rng.uniform(-COLOUR_JITTER, COLOUR_JITTER, 3), 0.0, 1.0))


def draw_pattern(pattern: str, main: Rgb, accent: Rgb) -> NDArray[np.uint8]:
    """Paint one texture face.

    Args:
        pattern: One of `PATTERNS`.
        main: RGB in [0, 1] of the ground.
        accent: RGB in [0, 1] of the figure.

    Returns:
        RGB image, `(TEXTURE_SIZE, TEXTURE_SIZE, 3)`.

    Raises:
        ValueError: The pattern is not known.
    """
    rows, columns = np.mgrid[:TEXTURE_SIZE, :TEXTURE_SIZE]
    radius = np.hypot(rows - TEXTURE_SIZE / 2 + 0.5, columns - TEXTURE_SIZE / 2 + 0.5) / (TEXTURE_SIZE / 2)
    quarter = TEXTURE_SIZE // 4
    figures: dict[str, NDArray[np.bool_]] = {
        "plain": np.zeros_like(radius, dtype=bool),
        "stripes": (columns // quarter) % 2 == 1,
        "checker": (rows // (2 * quarter) + columns // (2 * quarter)) % 2 == 1,
        "dot": radius < 0.5,
        "ring": (radius > 0.4) & (radius < 0.75),
    }
    if pattern not in figures:
        raise ValueError(f"pattern {pattern!r} is unknown; valid patterns: {', '.join(PATTERNS)}")
    image = np.where(figures[pattern][..., None], np.array(accent), np.array(main))
    return (image * 255).astype(np.uint8)
