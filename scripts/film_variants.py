"""Variants of a film whose truth follows from the film's own, and films that show nothing usable, made from it.

`scripts/stress_reading.py` reads them. Hands go along with the pictures, and nothing is written anywhere.
"""

# ruff: noqa: INP001 - a script, not a module of a package

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.uint8]
Point = tuple[float, float]
Matrix = NDArray[np.float64]
"""Affine, from places of a picture to those of another, `(2, 3)`."""
NONE = "none"
LONG_S = 10.0


@dataclass(frozen=True, eq=False)
class Film:
    """A film in memory, with what it shows."""

    frames: Frames
    """RGB, `(T, H, W, 3)`."""
    rate_hz: float
    truth: Mapping[str, Any]
    """As in a `truth.json`: kind, item, destinations, as shares; kind "none" for nothing usable."""
    start_s: float
    """About when the hand takes the item."""
    end_s: float
    """About when it lets go."""
    put: Point | None = None
    """About where in a container the item ends up."""
    hands: tuple[NDArray[np.float64], ...] = ()
    """Landmarks of each hand, not a number where it was not seen, `(T, 21, 2)` [px]."""
    quality: int = 20
    """Of the H.264 file that is read: more is worse."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height [px]."""
        return self.frames.shape[2], self.frames.shape[1]

    def number_at(self, time_s: float) -> int:
        """Number of the picture shown at a time."""
        return int(np.clip(round(time_s * self.rate_hz), 0, len(self.frames)))

    def picked(self, numbers: NDArray[np.int_]) -> "Film":
        """Show these pictures instead."""
        return replace(self, frames=self.frames[numbers], hands=tuple(hand[numbers] for hand in self.hands))

    def between(self, first: int, last: int) -> "Film":
        """Show a part."""
        return self.picked(np.arange(max(first, 0), min(last, len(self.frames))))

    def nothing(self) -> "Film | None":
        """Say that it shows nothing usable; None for less than a second."""
        return None if len(self.frames) < self.rate_hz else replace(self, truth={"kind": NONE})


Variant = Callable[[Film, np.random.Generator], Film | None]
"""Makes a film of a film; None where it does not apply."""


def _warped(film: Film, matrices: list[Matrix], size: tuple[int, int], *, border: int) -> Film:
    """Warp the pictures, each by its own matrix or all by one, and the hands with them."""
    matrices = matrices if len(matrices) > 1 else matrices * len(film.frames)
    frames = np.stack(
        [
            cv2.warpAffine(frame, matrix, size, flags=cv2.INTER_LINEAR, borderMode=border)
            for frame, matrix in zip(film.frames, matrices, strict=True)
        ]
    ).astype(np.uint8)
    stack = np.stack(matrices)
    hands = tuple(np.einsum("tij,tkj->tki", stack[:, :, :2], hand) + stack[:, None, :, 2] for hand in film.hands)
    return replace(film, frames=frames, hands=hands)


def _moved(film: Film, matrix: Matrix, size: tuple[int, int] | None = None, *, border: int) -> Film | None:
    """Warp all pictures by one matrix, and the truth with them; None if a place leaves the picture."""
    width, height = size or film.size

    def place(point: Point) -> Point:
        x, y = matrix @ [point[0] * film.size[0], point[1] * film.size[1], 1.0]
        return float(x / width), float(y / height)

    truth = {
        **film.truth,
        "item": place(film.truth["item"]),
        "destination": [place(point) for point in film.truth["destination"]],
    }
    if not all(0.02 < share < 0.98 for point in (truth["item"], *truth["destination"][:1]) for share in point):
        return None
    return replace(_warped(film, [matrix], (width, height), border=border), truth=truth)


def _resized(film: Film, width: int) -> Film:
    """Bring the pictures to a width."""
    factor = width / film.size[0]
    size = (width, 2 * round(film.size[1] * factor / 2))
    frames = np.stack([cv2.resize(frame, size, interpolation=cv2.INTER_AREA) for frame in film.frames])
    hands = tuple(hand * (np.array(size) / film.size) for hand in film.hands)
    return replace(film, frames=frames.astype(np.uint8), hands=hands)


def _colored(film: Film, gains: NDArray[np.float64], noise: float, rng: np.random.Generator) -> Film:
    """Multiply the colours of each picture, gains `(T or 1, 3 or 1)`, and add noise."""
    gains = np.broadcast_to(gains, (len(film.frames), 3))
    frames = np.empty_like(film.frames)
    for number, frame in enumerate(film.frames):
        values = frame * gains[number].astype(np.float32)
        if noise:
            values = values + noise * rng.standard_normal(frame.shape, np.float32)
        frames[number] = np.clip(values, 0, 255)
    return replace(film, frames=frames)


def _scaling(film: Film, factor: float, center: Point = (0.5, 0.5)) -> Matrix:
    """Return the matrix that scales pictures about a point."""
    x, y = center[0] * film.size[0], center[1] * film.size[1]
    return np.array([[factor, 0, (1 - factor) * x], [0, factor, (1 - factor) * y]])


def _sped(film: Film, factor: float) -> Film:
    """Show the same pictures at another rate."""
    return replace(film, rate_hz=film.rate_hz * factor, start_s=film.start_s / factor, end_s=film.end_s / factor)


def _thinned(film: Film, rate_hz: float) -> Film | None:
    """Keep so many pictures a second."""
    if rate_hz > 0.9 * film.rate_hz:
        return None
    numbers = np.round(np.arange(0, len(film.frames), film.rate_hz / rate_hz)).astype(int)
    return replace(film.picked(numbers[numbers < len(film.frames)]), rate_hz=rate_hz)


def _shaken(film: Film, rng: np.random.Generator, *, extent: float, period_s: float, drift: float = 0.0) -> Film:
    """Move the camera smoothly at random, by `extent` shorter sides, and evenly by `drift` in all."""
    unit, n = min(film.size), len(film.frames)
    knots = rng.normal(0, 1, (max(4, int(n / film.rate_hz / period_s) + 4), 3))
    when = np.arange(n) / film.rate_hz / period_s
    wave = np.stack([np.interp(when, np.arange(len(knots)), column) for column in knots.T], axis=1)
    wave -= wave[0]
    line = np.linspace(0, drift, n)
    matrices: list[Matrix] = []
    for number in range(n):
        turn = cv2.getRotationMatrix2D((film.size[0] / 2, film.size[1] / 2), 20 * extent * wave[number, 2], 1.0)
        turn[:, 2] += unit * (extent * wave[number, :2] + line[number])
        matrices.append(turn)
    return _warped(film, matrices, film.size, border=cv2.BORDER_REPLICATE)


def _padded(film: Film, aspect_ratio: float) -> Film | None:
    """Add black bars up to an aspect ratio."""
    width, height = film.size
    wide, high = max(width, round(height * aspect_ratio)), max(height, round(width / aspect_ratio))
    shift = np.array([[1, 0, (wide - width) // 2], [0, 1, (high - height) // 2]], np.float64)
    return _moved(film, shift, (wide + wide % 2, high + high % 2), border=cv2.BORDER_CONSTANT)


def _held(film: Film, seconds: float, *, sides: str, rng: np.random.Generator) -> Film:
    """Wait at either end."""
    n, last = round(seconds * film.rate_hz), len(film.frames) - 1
    n_first, n_last = n * ("first" in sides), n * ("last" in sides)
    numbers = np.concatenate([np.zeros(n_first, int), np.arange(last + 1), np.full(n_last, last)])
    late = n_first / film.rate_hz
    still = replace(film.picked(numbers), start_s=film.start_s + late, end_s=film.end_s + late)
    return _colored(still, np.ones((1, 1)), 2.0, rng)


def _backwards(film: Film, _rng: np.random.Generator) -> Film | None:
    """Take the item back from where it was put."""
    if len(film.truth["destination"]) > 1 or _goes_on(film):
        return None
    truth = {**film.truth, "item": film.truth["destination"][0], "destination": [film.truth["item"]]}
    truth["items"] = [] if film.put is None else [film.put]
    truth["kinds"] = ["pick-place"] if truth["kind"] == "pick-place" else ["push", "pick-place"]
    length_s = len(film.frames) / film.rate_hz
    back = film.picked(np.arange(len(film.frames))[::-1])
    return replace(back, truth=truth, start_s=length_s - film.end_s, end_s=length_s - film.start_s)


def _there_and_back(film: Film, rng: np.random.Generator) -> Film | None:
    """Do the step, then take the item back: two steps, of which the first is judged."""
    back = _backwards(film, rng)
    if back is None:
        return None
    numbers = np.arange(len(film.frames))
    return film.picked(np.concatenate([numbers, numbers[::-1]]))


def _zoomed_in(film: Film, _rng: np.random.Generator) -> Film | None:
    """Crop to what is acted on and a sixth of the picture's shorter side around."""
    places = np.array([film.truth["item"], *film.truth["destination"][:1]]) * film.size
    margin = 0.25 * min(film.size)
    low, high = np.maximum(places.min(axis=0) - margin, 0), np.minimum(places.max(axis=0) + margin, film.size)
    side = max(high - low)
    factor = min(min(film.size) / side, 1.4)
    if factor < 1.05:
        return None
    width, height = film.size
    center = np.clip((low + high) / 2, np.array(film.size) / factor / 2, np.array(film.size) * (1 - 0.5 / factor))
    matrix = np.array([[factor, 0, width / 2 - factor * center[0]], [0, factor, height / 2 - factor * center[1]]])
    return _moved(film, matrix, border=cv2.BORDER_REPLICATE)


def _wandering_gain(film: Film, rng: np.random.Generator) -> Film:
    """Let the exposure wander by a tenth, as a phone's does when a hand comes in."""
    n = len(film.frames)
    knots = np.concatenate([[0.0], rng.uniform(-0.12, 0.12, 6)])
    gains = 1 + np.interp(np.linspace(0, 6, n), np.arange(7), knots)
    return _colored(film, gains[:, None], 0.0, rng)


def _tight(film: Film, _rng: np.random.Generator) -> Film:
    """Begin shortly before the grasp and end shortly after the release."""
    first = max(film.number_at(film.start_s - 0.6), 0)
    late = first / film.rate_hz
    part = film.between(first, film.number_at(film.end_s + 0.8))
    return replace(part, start_s=film.start_s - late, end_s=film.end_s - late)


def _jump_cut(film: Film, _rng: np.random.Generator) -> Film:
    """Leave out a third of the time in which the item is moved, in the middle of it."""
    third = (film.end_s - film.start_s) / 3
    first, last = film.number_at(film.start_s + third), film.number_at(film.end_s - third)
    numbers = np.concatenate([np.arange(first), np.arange(last, len(film.frames))])
    return replace(film.picked(numbers), end_s=film.end_s - (last - first) / film.rate_hz)


def _clean(film: Film, seconds: float) -> Film:
    """Show the median of the pictures, mostly the table."""
    median = np.median(film.frames[:: max(1, len(film.frames) // 25)], axis=0).astype(np.uint8)
    return replace(film, frames=np.repeat(median[None], round(seconds * film.rate_hz), axis=0), hands=())


def _empty_table(film: Film, rng: np.random.Generator) -> Film | None:
    return _colored(_clean(film, 4.0), np.ones((1, 1)), 4.0, rng).nothing()


def _static(film: Film, rng: np.random.Generator) -> Film | None:
    middle = film.number_at((film.start_s + film.end_s) / 2)
    held = film.picked(np.full(round(4 * film.rate_hz), middle))
    return _colored(held, np.ones((1, 1)), 4.0, rng).nothing()


def _noise(film: Film, rng: np.random.Generator) -> Film | None:
    return replace(film, frames=rng.integers(0, 255, (60, 120, 160, 3), np.uint8), hands=()).nothing()


def _goes_on(film: Film) -> bool:
    """Tell whether there is more than one step in it."""
    return film.truth.get("note", "").startswith("two pushes")


def _before_grasp(film: Film, _rng: np.random.Generator) -> Film | None:
    return film.between(0, film.number_at(film.start_s - 0.15)).nothing()


def _after_release(film: Film, _rng: np.random.Generator) -> Film | None:
    return None if _goes_on(film) else film.between(film.number_at(film.end_s + 0.3), len(film.frames)).nothing()


def _waving(film: Film, _rng: np.random.Generator) -> Film | None:
    """Come and go three times without touching anything: the pictures before the grasp, or after the release."""
    before, after = np.arange(film.number_at(film.start_s - 0.15)), np.arange(film.number_at(film.end_s + 0.3), 10**6)
    after = after[after < len(film.frames)]
    part = before if _goes_on(film) else max(before, after, key=len)
    if len(part) < 0.4 * film.rate_hz:
        return None
    return film.picked(np.concatenate([part, part[::-1]] * 3)).nothing()


def _cut_short(film: Film, _rng: np.random.Generator) -> Film | None:
    """End while the item is carried."""
    if film.truth["kind"] != "pick-place":
        return None
    return film.between(0, film.number_at(0.45 * film.start_s + 0.55 * film.end_s)).nothing()


def _panning(film: Film, rng: np.random.Generator) -> Film | None:
    """Let the camera wander over a still picture."""
    return _shaken(_clean(film, 5.0), rng, extent=0.25, period_s=1.5, drift=0.3).nothing()


def _walking(film: Film, rng: np.random.Generator) -> Film | None:
    """Walk past the table with the hand in view, before the grasp."""
    part = _waving(film, rng)
    return part and _shaken(part, rng, extent=0.2, period_s=0.5, drift=0.4)


TRUE: dict[str, Variant] = {
    "as it is": lambda film, _: film,
    "mirrored": lambda film, _: _moved(
        film, np.array([[-1, 0, film.size[0] - 1], [0, 1, 0]], np.float64), border=cv2.BORDER_REPLICATE
    ),
    "backwards": _backwards,
    "there and back": _there_and_back,
    "half speed": lambda film, _: _sped(film, 0.5),
    "double speed": lambda film, _: _sped(film, 2.0),
    "5 Hz": lambda film, _: _thinned(film, 5.0),
    "10 Hz": lambda film, _: _thinned(film, 10.0),
    "15 Hz": lambda film, _: _thinned(film, 15.0),
    "waiting first": lambda film, rng: _held(film, LONG_S, sides="first", rng=rng),
    "waiting last": lambda film, rng: _held(film, LONG_S, sides="last", rng=rng),
    "tight": _tight,
    "jump cut": _jump_cut,
    "small": lambda film, _: _resized(film, 320),
    "large": lambda film, _: _resized(film, 1280),
    "compressed": lambda film, _: replace(film, quality=40),
    "dark": lambda film, rng: _colored(film, np.array([[0.4]]), 3.0, rng),
    "bright": lambda film, rng: _colored(film, np.array([[1.3]]), 0.0, rng),
    "warm": lambda film, rng: _colored(film, np.array([[1.15, 1.0, 0.75]]), 0.0, rng),
    "wandering exposure": _wandering_gain,
    "noise": lambda film, rng: _colored(film, np.ones((1, 1)), 12.0, rng),
    "shake": lambda film, rng: _shaken(film, rng, extent=0.01, period_s=0.4),
    "tremble": lambda film, rng: _shaken(film, rng, extent=0.003, period_s=0.1),
    "drift": lambda film, rng: _shaken(film, rng, extent=0.015, period_s=1.0, drift=0.05),
    "roll": lambda film, _: _moved(
        film, cv2.getRotationMatrix2D((film.size[0] / 2, film.size[1] / 2), 5.0, 1.0), border=cv2.BORDER_REPLICATE
    ),
    "letterbox": lambda film, _: _padded(film, 1.0),
    "bars": lambda film, _: _padded(film, 2.2),
    "zoomed out": lambda film, _: _moved(film, _scaling(film, 0.75), border=cv2.BORDER_REPLICATE),
    "zoomed in": _zoomed_in,
}
"""Films whose truth follows."""

NOTHING: dict[str, Variant] = {
    "empty table": _empty_table,
    "static picture": _static,
    "random noise": _noise,
    "before the grasp": _before_grasp,
    "after the release": _after_release,
    "waving": _waving,
    "cut short": _cut_short,
    "panning": _panning,
    "walking": _walking,
}
"""Films that show nothing usable."""
