"""How one episode looks: table and floor textures, and lights."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from daml.envs.objects.palette import Rgb, as_rgb

TEXTURE_SIZE = 64
"""Side of the table's and the floor's texture, in texels."""

TABLE_TONES = (
    (0.72, 0.56, 0.38),
    (0.55, 0.38, 0.24),
    (0.82, 0.79, 0.72),
    (0.45, 0.46, 0.48),
    (0.30, 0.34, 0.38),
    (0.62, 0.68, 0.66),
)
"""Mean colours of tables: light and dark wood, laminate, slate, steel, painted."""


@dataclass(frozen=True)
class Appearance:
    """The looks of a scene that no task depends on.

    Args:
        table: Table texture, RGB, `(TEXTURE_SIZE, TEXTURE_SIZE, 3)`.
        floor: Floor texture, likewise.
        light_position: Position of the main light, in metres.
        light_diffuse: Its RGB intensity.
        ambient: RGB intensity of the light from everywhere.
    """

    table: NDArray[np.uint8]
    floor: NDArray[np.uint8]
    light_position: tuple[float, float, float]
    light_diffuse: Rgb
    ambient: Rgb


def draw_appearance(rng: np.random.Generator) -> Appearance:
    """Draw the looks of one episode."""
    tone = np.array(TABLE_TONES[rng.integers(len(TABLE_TONES))]) + rng.uniform(-0.08, 0.08, 3)
    floor_tone = rng.uniform(0.25, 0.75) + rng.uniform(-0.08, 0.08, 3)
    brightness = rng.uniform(0.45, 0.75)
    tint = 1 + rng.uniform(-0.06, 0.06, 3)
    ambient = rng.uniform(0.25, 0.40) * (1 + rng.uniform(-0.04, 0.04, 3))
    return Appearance(
        table=_draw_texture(tone, rng),
        floor=_draw_texture(floor_tone, rng),
        light_position=(rng.uniform(0.2, 1.2), rng.uniform(-0.9, 0.9), rng.uniform(1.4, 2.2)),
        light_diffuse=as_rgb(brightness * tint),
        ambient=as_rgb(ambient),
    )


def _draw_texture(tone: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Paint wood grain, mottle or a plain surface around a mean colour."""
    style = rng.integers(3)
    strength = rng.uniform(0.02, 0.07)
    if style == 0:  # grain: long streaks
        grain = np.repeat(rng.normal(size=(TEXTURE_SIZE, TEXTURE_SIZE // 16)), 16, axis=1)
    elif style == 1:  # mottle: blotches of 4 texels
        grain = np.kron(rng.normal(size=(TEXTURE_SIZE // 4, TEXTURE_SIZE // 4)), np.ones((4, 4)))
    else:
        grain = 0.3 * rng.normal(size=(TEXTURE_SIZE, TEXTURE_SIZE))
    image = np.clip(tone + strength * grain[..., None], 0.0, 1.0)
    return (image * 255).astype(np.uint8)
