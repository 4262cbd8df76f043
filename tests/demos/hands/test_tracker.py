"""Laws of the tracker, with detectors that say what they are told to."""

import numpy as np
import pytest

from daml.demos.hands import tracker
from daml.demos.hands.landmarks import Hand
from daml.demos.hands.palms import Palm
from daml.demos.hands.regions import Region


def landmarks_at(x: float, y: float, size: float = 30.0) -> np.ndarray:
    places = np.tile([x, y], (21, 1)).astype(float)
    places[:, 1] -= size * np.linspace(-0.5, 0.5, 21)
    places[:, 0] += 0.3 * size * np.sin(np.arange(21))
    return places


class Scene:
    """Hands at places; palms are told in some pictures alone, and of each picture looked at it is told which."""

    def __init__(self) -> None:
        self.hands: list[tuple[float, float]] = []
        self.shows_palms = True
        self.shapes: list[tuple[int, ...]] = []

    def detect(self, picture: np.ndarray) -> list[Palm]:
        self.shapes.append(picture.shape[:2])
        if not self.shows_palms:
            return []
        found = []
        for x, y in self.hands:
            keypoints = np.tile([x, y + 10.0], (7, 1))
            keypoints[2] = [x, y - 10.0]
            found.append(Palm(np.array([x, y, 20.0, 20.0]), keypoints, 0.9))
        return found

    def find(self, _: np.ndarray, region: Region) -> Hand | None:
        near = [(x, y) for x, y in self.hands if np.hypot(x - region.x, y - region.y) < 0.5 * region.side]
        return Hand(landmarks_at(*near[0]), 0.9, 0.5) if near else None


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    shown = Scene()
    monkeypatch.setattr(tracker, "palm_model", lambda: None)
    monkeypatch.setattr(tracker, "landmark_model", lambda: None)
    monkeypatch.setattr(tracker, "Network", lambda *_, **__: None)
    monkeypatch.setattr(tracker, "PalmDetector", lambda *_, **__: shown)
    monkeypatch.setattr(tracker, "LandmarkFinder", lambda *_, **__: shown)
    return shown


PICTURE = np.zeros((200, 400, 3), np.uint8)


def test_each_hand_is_told_once(scene: Scene):
    scene.hands = [(80.0, 100.0), (300.0, 100.0)]
    hands = tracker.HandTracker()
    for _ in range(3):
        assert len(hands.track(PICTURE)) == 2


def test_a_hand_whose_palm_is_missed_is_found_where_it_was(scene: Scene):
    hands = tracker.HandTracker()
    scene.hands = [(80.0, 100.0)]
    hands.track(PICTURE)
    scene.shows_palms, scene.hands = False, [(90.0, 104.0)]
    (hand,) = hands.track(PICTURE)
    assert hand.landmarks.mean(axis=0) == pytest.approx([90, 104], abs=2)


def test_where_no_hand_is_found_a_wide_picture_is_looked_at_closely(scene: Scene):
    hands = tracker.HandTracker()
    hands.track(PICTURE)
    assert scene.shapes == [(200, 400), (200, 200)]
    scene.hands = [(80.0, 100.0)]
    hands.track(PICTURE)
    assert scene.shapes == [(200, 400), (200, 200), (200, 400)]


def test_a_square_picture_is_looked_at_once(scene: Scene):
    tracker.HandTracker().track(np.zeros((200, 200, 3), np.uint8))
    assert scene.shapes == [(200, 200)]
