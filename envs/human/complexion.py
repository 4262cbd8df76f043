"""The skin of an arm as a texture: tone, palms, knuckles, creases and nails, bare or in a glove."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from daml.envs.human.bodies import KNUCKLES_ALONG, WRIST_ALONG
from daml.envs.objects.palette import Rgb, as_rgb

WIDTH, HEIGHT = 256, 64
"""Of the texture, in texels: along the arm, and from palm to back and nails."""

MARGIN = 0.1
"""Share of the texture's height that is left at either end: textures are cyclic, and palms would show varnish."""

TONES: tuple[Rgb, ...] = (
    (0.88, 0.71, 0.62),
    (0.84, 0.65, 0.53),
    (0.78, 0.58, 0.45),
    (0.72, 0.51, 0.37),
    (0.56, 0.37, 0.26),
    (0.44, 0.29, 0.21),
    (0.33, 0.22, 0.17),
)
"""RGB of the back of the hand in daylight, from light to dark."""

GLOVES: tuple[Rgb, ...] = (
    (0.30, 0.50, 0.80),
    (0.22, 0.22, 0.23),
    (0.80, 0.80, 0.80),
    (0.55, 0.38, 0.24),
    (0.85, 0.72, 0.25),
    (0.28, 0.55, 0.36),
)
"""RGB of nitrile, knitted, cotton, leather, household and garden gloves."""

GLOVED = 0.04
"""Share of people in gloves."""

THIN_GLOVES = 0.5
"""Share of gloves that let the skin through."""

PAINTED_NAILS = 0.15
"""Share of people with varnish on their nails."""

CREASES = (0.655, 0.79, 0.89)
"""Where fingers bend, along the arm."""

_FINGER_SHADE = 0.5
"""How much darker fingers are between one another: light hardly gets there, and the renderer does not know."""


@dataclass(frozen=True)
class Complexion:
    """How an arm is coloured.

    Args:
        tone: RGB of the back of the hand.
        palm: RGB of its palm.
        nails: RGB of the nails.
        glove: RGB of a glove, if one is worn.
        seed: Of the fine structure.
    """

    tone: Rgb
    palm: Rgb
    nails: Rgb
    glove: Rgb | None
    seed: int


def draw_complexion(rng: np.random.Generator) -> Complexion:
    """Draw a tone between the named ones, and what goes with it."""
    at = rng.uniform(0, len(TONES) - 1)
    tones = np.array(TONES)
    tone = np.array([np.interp(at, np.arange(len(TONES)), tones[:, channel]) for channel in range(3)])
    tone = np.clip(tone * (1 + rng.uniform(-0.05, 0.05, 3)), 0, 1)
    # Palms are lighter and pinker, the more so the darker the back.
    palm = np.clip(tone + (np.array([0.93, 0.70, 0.60]) - tone) * rng.uniform(0.35, 0.6), 0, 1)
    varnished = rng.random() < PAINTED_NAILS
    nails = rng.uniform(0.05, 0.95, 3) if varnished else np.clip(0.75 * palm + 0.25 * np.array([1, 0.85, 0.82]), 0, 1)
    gloved = rng.random() < GLOVED
    glove = np.array(GLOVES[rng.integers(len(GLOVES))])
    if rng.random() < THIN_GLOVES:
        glove = tone + rng.uniform(0.3, 0.6) * (glove - tone)
    return Complexion(
        as_rgb(tone), as_rgb(palm), as_rgb(nails), as_rgb(glove) if gloved else None, int(rng.integers(2**31))
    )


def paint_arm(complexion: Complexion) -> NDArray[np.uint8]:
    """Paint the texture of an arm, RGB, `(HEIGHT, WIDTH, 3)`: row 0 is the palm's side, column 0 the shoulder."""
    rng = np.random.default_rng(complexion.seed)
    along = ((np.arange(WIDTH) + 0.5) / WIDTH)[None, :, None]
    across = np.interp((np.arange(HEIGHT) + 0.5) / HEIGHT, (MARGIN, 1 - MARGIN), (0.0, 1.0))[:, None, None]
    tone, palm = np.array(complexion.tone), np.array(complexion.palm)
    on_hand = _step(along, WRIST_ALONG - 0.01, 0.03)
    inside = (1 - _step(across, 0.38, 0.14)) * (0.25 + 0.75 * on_hand)
    colour = tone + inside * (palm - tone)
    for crease in CREASES:
        near = np.exp(-(((along - crease) / 0.012) ** 2))
        reddish = np.array([0.02, -0.05, -0.05]) * near * _step(across, 0.5, 0.1)
        colour = colour * (1 - 0.18 * np.exp(-(((along - crease) / 0.004) ** 2))) + reddish
    colour = colour + np.array([0.02, -0.03, -0.03]) * _step(along, 0.95, 0.03)
    colour = colour * (1 + 0.03 * rng.normal(size=(HEIGHT, WIDTH, 1)))
    if complexion.glove is not None:
        in_glove = _step(along, WRIST_ALONG - rng.uniform(0.0, 0.05), 0.002)
        seams = 1 - 0.1 * (np.arange(WIDTH) % 8 == 0)[None, :, None] * (rng.random() < 0.5)
        folds = 1 - sum(0.3 * np.exp(-(((along - crease) / 0.008) ** 2)) for crease in CREASES)
        colour = colour + in_glove * (np.array(complexion.glove) * seams * folds - colour)
    else:
        colour = colour + _step(across, 0.93, 0.02) * (np.array(complexion.nails) - colour)
    beside = np.exp(-(((across - 0.42) / 0.13) ** 2)) * _step(along, KNUCKLES_ALONG, 0.03)
    return (255 * np.clip(colour * (1 - _FINGER_SHADE * beside), 0, 1)).astype(np.uint8)


def texcoords(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return where places on an arm, `(V, 2)` (see `bodies.Anatomy`), are in its texture, `(V, 2)`."""
    along, across = places.T
    return np.column_stack([along, MARGIN + (1 - 2 * MARGIN) * across])


def _step(values: NDArray[np.float64], edge: float, width: float) -> NDArray[np.float64]:
    """Return a smooth step from 0 to 1."""
    return 1 / (1 + np.exp(np.clip(-(values - edge) / (0.25 * width), -50, 50)))
