"""Pictures of drawn tables, and readings of them."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from daml.demos import Reading, Step
from daml.demos.reading.reading import ActingHand

SIZE = (320, 240)
"""Width and height of the drawn pictures."""

TABLE, RED, BLUE, GREEN, YELLOW = (205, 190, 170), (190, 30, 30), (40, 70, 200), (30, 140, 60), (230, 210, 40)


def square(picture: np.ndarray, place: tuple[float, float], side: int, color: tuple[int, int, int]) -> None:
    x, y = (np.array(place) * SIZE).astype(int)
    cv2.rectangle(picture, (x - side // 2, y - side // 2), (x + side // 2, y + side // 2), color, -1)


def disc(picture: np.ndarray, place: tuple[float, float], radii: tuple[int, int], color: tuple[int, int, int]) -> None:
    x, y = (np.array(place) * SIZE).astype(int)
    cv2.ellipse(picture, (int(x), int(y)), radii, 0, 0, 360, color, -1)


@pytest.fixture
def bare_table() -> np.ndarray:
    """A lit table with a little noise, brighter on the right, before a dark wall."""
    picture = np.full((SIZE[1], SIZE[0], 3), TABLE, np.float64)
    picture *= np.linspace(0.9, 1.05, SIZE[0])[None, :, None]
    picture += np.random.default_rng(0).normal(0.0, 2.0, picture.shape)
    picture[: SIZE[1] // 5] = 50
    return np.clip(picture, 0, 255).astype(np.uint8)


def step_of(item: tuple[float, float], destination: tuple[float, float], *, kind: str, radius: float = 0.05) -> Step:
    turn = np.linspace(0, 2 * np.pi, 24)
    ring = radius * np.column_stack([np.cos(turn) * SIZE[1] / SIZE[0], np.sin(turn)])
    return Step(
        kind=kind,
        item=item,
        destination=destination,
        start_s=1.0,
        end_s=2.0,
        hand="right",
        outline=ring + item,
        put_outline=ring + destination,
        confidence=0.9,
    )


def reading_of(picture: np.ndarray, step: Step) -> Reading:
    hand = ActingHand(np.zeros(1), np.zeros((1, 2)))
    return Reading((step,), picture, (0.0, 0.0, 1.0, 1.0), hand, ((picture, picture),), 0.0)


@pytest.fixture
def scenery(bare_table: np.ndarray) -> np.ndarray:
    """A red square, a blue plate and a green square on a table."""
    picture = bare_table.copy()
    square(picture, (0.3, 0.6), 24, RED)
    disc(picture, (0.65, 0.7), (34, 22), BLUE)
    square(picture, (0.5, 0.4), 22, GREEN)
    return picture


@pytest.fixture
def make_reading() -> Callable[..., Reading]:
    """Say what was read: `make_reading(picture, item, destination, kind=...)`."""
    return lambda picture, item, destination, *, kind="pick-place": reading_of(
        picture, step_of(item, destination, kind=kind)
    )


@pytest.fixture
def reading(scenery: np.ndarray, make_reading: Callable[..., Reading]) -> Reading:
    """The red square is carried onto the blue plate."""
    return make_reading(scenery, (0.3, 0.6), (0.65, 0.7))
