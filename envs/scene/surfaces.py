"""Table tops and floors unlike those of training: printed cloths and tiles in full colours."""

import numpy as np
from numpy.typing import NDArray

from daml.envs.objects.palette import Rgb
from daml.envs.scene.appearance import TEXTURE_SIZE

CLOTH_COLOURS: tuple[Rgb, ...] = (
    (0.72, 0.13, 0.20),
    (0.13, 0.30, 0.70),
    (0.10, 0.48, 0.26),
    (0.86, 0.70, 0.14),
    (0.45, 0.20, 0.58),
    (0.90, 0.45, 0.55),
    (0.10, 0.60, 0.64),
    (0.95, 0.95, 0.94),
)
"""Of a cloth's ground and figure: all but white more saturated than any table or floor of training."""

LEAST_CONTRAST = 0.4
"""Least Euclidean RGB distance (channels in [0, 1]) of ground and figure; in training it is 0.35 in a few texels."""

CELLS = (4, 8)
"""Sides of a printed cell, in texels: 6 to 16 cm on the table."""

STYLES = ("checks", "stripes", "dots", "gingham")


def draw_surface(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Paint a printed surface, RGB, `(TEXTURE_SIZE, TEXTURE_SIZE, 3)`."""
    ground, figure = _draw_colours(rng)
    style, cell = str(rng.choice(STYLES)), int(rng.choice(CELLS))
    rows, columns = np.mgrid[:TEXTURE_SIZE, :TEXTURE_SIZE]
    across, down = columns // cell % 2, rows // cell % 2
    middle = (2 * cell - 1) / 2
    distance = np.hypot(rows % (2 * cell) - middle, columns % (2 * cell) - middle)
    share: NDArray[np.float64] = {
        "checks": (across + down) % 2 * 1.0,
        "stripes": across * 1.0,
        "dots": (distance < 0.6 * cell) * 1.0,
        "gingham": (across + down) / 2,
    }[style]
    image = ground + share[..., None] * (figure - ground)
    return (image * 255).astype(np.uint8)


def _draw_colours(rng: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw two colours that can be told apart."""
    while True:
        ground, figure = np.array(CLOTH_COLOURS)[rng.choice(len(CLOTH_COLOURS), size=2, replace=False)]
        if np.linalg.norm(figure - ground) >= LEAST_CONTRAST:
            return ground, figure
