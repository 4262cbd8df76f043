"""What people wear: a shirt with sleeves of any length and width, a watch; and the colour of their hair."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from daml.envs.human.bodies import ELBOW_ALONG, WRIST_ALONG
from daml.envs.objects.palette import COLOURS, Rgb, as_rgb, jitter_colour

TEXTURE_SIZE = 64
"""Side of a cloth's texture, in texels."""

HAIR: tuple[Rgb, ...] = (
    (0.06, 0.05, 0.05),
    (0.16, 0.10, 0.07),
    (0.35, 0.22, 0.13),
    (0.70, 0.55, 0.33),
    (0.55, 0.25, 0.12),
    (0.72, 0.72, 0.72),
)
"""RGB: black, dark brown, brown, blond, red, grey."""

SLEEVE_ENDS = {"short": (0.10, 0.21), "rolled": (0.28, 0.38), "long": (0.44, 0.495), "over the wrist": (0.50, 0.53)}
"""Where sleeves end on the way from shoulder to fingertips."""

SLEEVE_SHARES = {"short": 0.35, "rolled": 0.15, "long": 0.42, "over the wrist": 0.08}

WATCHES = 0.25
"""Share of people with a watch or a bracelet on the acting arm."""

PATTERNS = ("plain", "stripes", "checks", "dots", "mottled")


@dataclass(frozen=True, eq=False)
class Watch:
    """A watch or a bracelet.

    Args:
        along: Where on the arm.
        width: Of its band, on the same scale.
        band: RGB.
        dial: RGB of the dial, if it has one.
        size: Radius of the dial, in metres.
    """

    along: float
    width: float
    band: Rgb
    dial: Rgb | None
    size: float


@dataclass(frozen=True, eq=False)
class Clothes:
    """What one person wears.

    Args:
        cloth: Texture of the shirt, RGB, `(TEXTURE_SIZE, TEXTURE_SIZE, 3)`.
        sleeve_end: Where the sleeves end, on the way from shoulder, 0, to fingertips, 1.
        width: Distance of the cloth from the skin, in metres.
        wrinkles: Depth of its folds, in metres.
        phase: Where the folds are, in radians.
        hair: RGB.
        watch: On the acting arm, if there is one.
    """

    cloth: NDArray[np.uint8]
    sleeve_end: float
    width: float
    wrinkles: float
    phase: float
    hair: Rgb
    watch: Watch | None

    def thickness(self, along: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the distance of a sleeve from the skin at places along the arm, in metres."""
        wider = 0.6 + 0.8 * np.clip(along / max(self.sleeve_end, 0.1), 0, 1)
        folds = self.wrinkles * np.sin(2 * np.pi * along / 0.045 + self.phase)
        return np.maximum(self.width * wider + folds, 0.002)


def draw_clothes(rng: np.random.Generator) -> Clothes:
    """Draw what somebody wears."""
    kind = str(rng.choice(list(SLEEVE_SHARES), p=list(SLEEVE_SHARES.values())))
    sleeve_end = rng.uniform(*SLEEVE_ENDS[kind])
    return Clothes(
        cloth=_draw_cloth(rng),
        sleeve_end=sleeve_end,
        width=rng.uniform(0.003, 0.014),
        wrinkles=rng.uniform(0.0, 0.003),
        phase=rng.uniform(0, 2 * np.pi),
        hair=HAIR[rng.integers(len(HAIR))],
        watch=_draw_watch(rng) if rng.random() < WATCHES and sleeve_end < WRIST_ALONG - 0.06 else None,
    )


def _draw_watch(rng: np.random.Generator) -> Watch:
    band = jitter_colour(str(rng.choice(list(COLOURS))), rng)
    dial = as_rgb(rng.choice([0.05, 0.9]) + rng.uniform(-0.04, 0.04, 3)) if rng.random() < 0.7 else None
    along = rng.uniform(max(WRIST_ALONG - 0.05, ELBOW_ALONG), WRIST_ALONG - 0.02)
    return Watch(along, rng.uniform(0.02, 0.04), band, dial, rng.uniform(0.013, 0.021))


def _draw_cloth(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Paint a cloth: plain as often as patterned."""
    ground, figure = (np.array(jitter_colour(str(rng.choice(list(COLOURS))), rng)) for _ in range(2))
    ground = ground + rng.uniform(0, 0.6) * (ground.mean() - ground)  # most clothes are not glaring
    pattern = "plain" if rng.random() < 0.5 else str(rng.choice(PATTERNS))
    cell = int(rng.choice([2, 4, 8]))
    rows, columns = np.mgrid[:TEXTURE_SIZE, :TEXTURE_SIZE]
    share: NDArray[np.float64] = {
        "plain": np.zeros(rows.shape),
        "stripes": rows // cell % 2 * 1.0,
        "checks": (rows // cell % 2 + columns // cell % 2) / 2,
        "dots": (np.hypot(rows % (2 * cell) - cell, columns % (2 * cell) - cell) < 0.6 * cell) * 1.0,
        "mottled": np.repeat(np.repeat(rng.random((16, 16)), 4, axis=0), 4, axis=1),
    }[pattern]
    image = ground + rng.uniform(0.3, 1.0) * share[..., None] * (figure - ground)
    weave = 1 + 0.05 * rng.normal(size=(TEXTURE_SIZE, TEXTURE_SIZE, 1))
    return (255 * np.clip(image * weave, 0, 1)).astype(np.uint8)
