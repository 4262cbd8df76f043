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
    assert scene.shapes[:2] == [(200, 400), (200, 200)]
    looked_at = len(scene.shapes)
    scene.hands = [(80.0, 100.0)]
    hands.track(PICTURE)
    assert scene.shapes[looked_at:] == [(200, 400)]


def test_a_palm_that_shows_with_a_margin_alone_is_found_where_it_is(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    hands, detect = tracker.HandTracker(), scene.detect

    def detect_with_margin(picture: np.ndarray) -> list[Palm]:
        (left, top) = (picture.shape[1] - 400) / 2, (picture.shape[0] - 200) / 2
        shift = np.array([left, top])
        shown = [] if left <= 0 else detect(picture)
        return [Palm(palm.box + np.append(shift, [0, 0]), palm.keypoints + shift, palm.score) for palm in shown]

    monkeypatch.setattr(scene, "detect", detect_with_margin)
    scene.hands = [(390.0, 100.0)]
    (hand,) = hands.track(PICTURE)
    assert hand.landmarks.mean(axis=0) == pytest.approx([390, 100], abs=2)


def test_a_square_picture_has_no_part_to_look_at_closely(scene: Scene):
    tracker.HandTracker().track(np.zeros((200, 200, 3), np.uint8))
    assert scene.shapes == [(200, 200), (300, 300)]
