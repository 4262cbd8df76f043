"""Films of a disc that a drawn hand moves over a table, with the hand's exact track."""

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np
import pytest

from daml.demos import Frames, HandTrack, HandTracks, HumanDemo

WIDTH, HEIGHT = 256, 192
RATE_HZ = 10.0
SKIN, ITEM, PLATE = (205, 150, 120), (220, 40, 40), (60, 90, 200)


def landmarks_at(pinch: np.ndarray, *, size: float = 22.0) -> np.ndarray:
    """A hand that reaches in from the right, its thumb and index tips at the pinch point, `(21, 2)` px."""
    places = np.zeros((21, 2))
    places[0] = pinch + np.array([2.2 * size, 0])  # the wrist
    for finger, bend in enumerate((0.3, 0.1, 0.0, -0.1, -0.25)):
        for joint in range(4):
            reach = 1.6 - 0.53 * joint
            places[1 + 4 * finger + joint] = pinch + np.array([reach * size, bend * size * (joint < 3)])
    places[9] = pinch + np.array([1.2 * size, 0])
    return places


@dataclass
class Stage:
    """What is filmed."""

    item: tuple[float, float] = (70.0, 130.0)
    destination: tuple[float, float] = (180.0, 120.0)
    radius: int = 11
    lift: float = 90.0
    has_plate: bool = True
    has_item: bool = True
    is_taken: bool = True
    rest: tuple[float, float] = (250.0, 40.0)
    before_s: float = 1.0
    after_s: float = 1.0
    noise: float = 2.0
    camera: Callable[[int], tuple[float, float]] = field(default=lambda _: (0.0, 0.0))
    idle_hand: bool = False
    starts_held: bool = False

    def table(self) -> Frames:
        rng = np.random.default_rng(7)
        coarse = rng.uniform(120, 175, (12, 16, 3)).astype(np.float32)
        picture = cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
        for x, y in rng.integers(5, 180, (40, 2)):
            cv2.rectangle(
                picture, (int(x * 1.4), int(y)), (int(x * 1.4) + 4, int(y) + 4), rng.uniform(60, 220, 3).tolist(), -1
            )
        if self.has_plate:
            cv2.ellipse(picture, (int(self.destination[0]), int(self.destination[1])), (30, 20), 0, 0, 360, PLATE, -1)
        return np.clip(picture, 0, 255).astype(np.uint8)

    def path(self) -> tuple[np.ndarray, np.ndarray]:
        """Where the hand's pinch point is, `(T, 2)`; and where the item is, `(T, 2)`."""
        rest, start, end = (np.array(place) for place in (self.rest, self.item, self.destination))

        def way(one: np.ndarray, two: np.ndarray, seconds: float, lift: float = 0.0) -> np.ndarray:
            n = max(round(seconds * RATE_HZ), 1)
            share = ((1 - np.cos(np.linspace(0, np.pi, n))) / 2)[:, None]
            return one + share * (two - one) - np.array([0, lift]) * (4 * share * (1 - share))

        reach = [way(rest, rest, self.before_s), way(rest, start, 0.8), way(start, start, 0.4)]
        if self.starts_held:
            reach = [way(start, start, 0.3)]
        carry = [way(start, end, 1.2, self.lift), way(end, end, 0.4)]
        leave = [way(end, rest, 0.8), way(rest, rest, self.after_s)]
        hand = np.concatenate([*reach, *carry, *leave])
        item = np.concatenate(
            [np.tile(start, (sum(map(len, reach)), 1)), *carry, np.tile(end, (sum(map(len, leave)), 1))]
        )
        return hand, item if self.is_taken else np.tile(start, (len(hand), 1))

    def film(self) -> tuple[HumanDemo, HandTracks]:
        rng = np.random.default_rng(3)
        hand, item = self.path()
        table = self.table()
        frames, landmarks = [], []
        for number, (pinch, place) in enumerate(zip(hand, item, strict=True)):
            picture = table.copy()
            if self.has_item:
                cv2.circle(picture, tuple(int(v) for v in np.round(place)), self.radius, ITEM, -1)
            points = landmarks_at(pinch)
            cv2.line(picture, tuple(int(v) for v in points[0]), (400, int(points[0][1]) - 40), SKIN, 16)
            cv2.fillConvexPoly(picture, cv2.convexHull(points.astype(np.int32)), SKIN)
            shift = np.array(self.camera(number))
            moved = cv2.warpAffine(
                picture, np.array([[1, 0, shift[0]], [0, 1, shift[1]]]), (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT
            )
            frames.append(np.clip(moved + rng.normal(0, self.noise, moved.shape), 0, 255).astype(np.uint8))
            landmarks.append((points + shift) / [WIDTH, HEIGHT])
        times_s = np.arange(len(frames)) / RATE_HZ
        tracks = [HandTrack(times_s, np.stack(landmarks), 0.9)]
        if self.idle_hand:
            idle = np.stack(
                [landmarks_at(np.array([40.0, 35.0 + 8 * np.sin(time * 3)])) / [WIDTH, HEIGHT] for time in times_s]
            )
            tracks.append(HandTrack(times_s, idle, 0.1))
        return HumanDemo(np.stack(frames), RATE_HZ), HandTracks(times_s, tuple(tracks))


@pytest.fixture
def stage() -> type[Stage]:
    """What builds a film: `stage(item=(70, 130)).film()`."""
    return Stage
